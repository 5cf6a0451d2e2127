/// A model that reads a sequence with one recurrent network and writes another with a second one,
/// which starts from the first one's final states and may look back at all of its outputs.
///
///     e_1 … e_S = encoder(x_1 … x_S)              final states become the decoder's initial ones
///     d_t = decoder(y_{t−1}, d_{t−1})             y_0 the start
///     c_t = Σ_j α_tj e_j                          attention over the source (``AttentionScore``)
///     z_t = readout(tanh(W [c_t; d_t] + b))       logits of y_t; without attention readout(d_t)
///
/// As long as the decoder reads nothing of attention (``AttentionFeeding/none``), every product of
/// training is taken once for all steps of all sentences. With feeding, and where it reads tokens
/// of its own (``SamplingSchedule``), it goes step by step; products for the weights' gradients are
/// still taken once.
public final class EncoderDecoder: TrainableModel, @unchecked Sendable {
  public let configuration: EncoderDecoderConfiguration
  public let parameters: ParameterStore
  public let team: ThreadTeam
  let layers: EncoderDecoderLayers

  /// Throws what ``EncoderDecoderConfiguration/validate()`` throws.
  ///
  /// - Parameters:
  ///   - configuration: the shape of the model.
  ///   - initialization: how weights start; nil for what the cell asks for.
  ///   - seed: of the initial weights.
  ///   - team: the threads that work on it.
  public init(
    _ configuration: EncoderDecoderConfiguration, initialization: InitializationPlan? = nil,
    seed: UInt64, team: ThreadTeam = .shared
  ) throws(RNNError) {
    try configuration.validate()
    self.configuration = configuration
    self.team = team
    var layout = ParameterLayout()
    layers = try EncoderDecoderLayers(configuration, declaringIn: &layout)
    try layout.checkMemory(stores: 1, "parameters")
    parameters = ParameterStore(layout: layout)
    let plan = initialization ?? .standard(for: configuration.cell)
    try plan.fill(parameters, seed: seed)
  }

  /// The number of trainable parameters.
  public var parameterCount: Int { parameters.layout.parameterCount }

  /// Whether training draws masks or own tokens.
  public var usesDropout: Bool {
    configuration.dropout > 0 || configuration.sampling != .never
  }

  public func makePass() -> EncoderDecoderPass { EncoderDecoderPass(self) }

  /// The loss of a batch, in nats a target token, ends among them.
  public func loss(for batch: PairBatch, pass: EncoderDecoderPass) throws(RNNError) -> LossValue {
    try check(batch)
    try admit(batch, recording: false, pass: pass)
    try pass.layers.begin()
    return try evaluateLoss(try forward(batch, pass: pass), batch, pass: pass)
  }

  /// Adds the gradient of the loss to `gradients`: forward pass, loss, and BPTT through both
  /// networks.
  ///
  /// Throws `.vocabulary` and `.shape` for a batch or a store that does not fit the model.
  ///
  /// - Parameters:
  ///   - batch: pairs.
  ///   - pass: the workspace.
  ///   - dropout: draws the masks and own tokens; nil for neither.
  ///   - gradients: a store with the layout of ``parameters``.
  /// - Returns: the loss, in nats a target token.
  @discardableResult
  public func addGradient(
    for batch: PairBatch, pass: EncoderDecoderPass, dropout: inout RandomGenerator?,
    to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    try parameters.check(gradients: gradients)
    try check(batch)
    let sampling =
      dropout == nil ? 0 : configuration.sampling.probability(updates: pass.updates)
    try admit(batch, recording: true, pass: pass)
    try pass.layers.begin(gradients: gradients, dropout: dropout)
    let answers = try forward(batch, sampling: sampling, pass: pass)
    dropout = pass.layers.dropout
    let loss = try evaluateLoss(answers, batch, pass: pass)
    try pass.layers.backward()
    return loss
  }

  public func prepare(_ pass: EncoderDecoderPass, updates: Int) { pass.updates = updates }

  public func layers(of pass: EncoderDecoderPass) -> Pass? { pass.layers }
  public var hasOneWayBack: Bool { true }

  /// α of a sentence after a forward pass: [target steps][source steps], the source as the encoder
  /// read it; nil without attention.
  public func alignment(ofSentence index: Int, in pass: EncoderDecoderPass) -> [[Float]]? {
    guard layers.attention != nil, let weights = pass.attention?.weights(of: index) else {
      return nil
    }
    return (0..<weights.rows).map { Array(weights.row($0)) }
  }

  func check(_ batch: PairBatch) throws(RNNError) {
    try check(batch.sources)
    try requireTokens(batch.targets, below: configuration.targetVocabulary, "target token")
  }

  func check(_ sources: SequenceBatch) throws(RNNError) {
    switch (configuration.source, sources.content) {
    case (.tokens(let vocabulary, _), .tokens):
      try requireTokens(sources, below: vocabulary, "source token")
    case (.features(let width), .features(_, let found)) where width == found: break
    default:
      throw RNNError(
        .shape, "source", expected: "\(configuration.source)", found: "another kind of input")
    }
  }

  private func requireTokens(
    _ batch: SequenceBatch, below vocabulary: Int, _ name: String
  ) throws(RNNError) {
    guard case .tokens(let ids) = batch.content else { return }
    if let bad = ids.first(where: { $0 < 0 || $0 >= vocabulary }) {
      throw RNNError(.vocabulary, name, expected: "0 to \(vocabulary - 1)", found: "\(bad)")
    }
  }

  /// The loss of what a forward pass has come to.
  ///
  /// - Parameters:
  ///   - answers: what ``forward(_:sampling:pass:)`` gave.
  ///   - counted: the rows whose loss counts; nil for all.
  func evaluateLoss(
    _ answers: Rows, _ batch: PairBatch, pass: EncoderDecoderPass, counted: [Int]? = nil
  ) throws(RNNError) -> LossValue {
    let weights = pass.lossWeights.matrix(1, answers.count)
    let elements = counted?.count ?? answers.count
    weights.fill(counted == nil ? 1 / Float(batch.targets.whole?.elements ?? elements) : 0)
    for row in counted ?? [] { weights.row(0)[row] = 1 / Float(elements) }
    var classes = batch.classes
    if pass.wentBySteps, case .classes(let packed)? = batch.targets.targets { classes = packed }
    let value: Double
    if let blocked = BlockedReadout.taking(answers, of: layers.readout) {
      value = blocked.crossEntropy(classes, weights: weights.pointer, pass.layers)
    } else {
      let logits = try layers.readout(answers)
      value = Loss.crossEntropy(logits.matrix, classes, weights: weights.pointer, team: team)
      logits.becomeGradient()
    }
    pass.layers.watcher?.tookLoss(
      ofSeveralSteps: counted == nil && batch.targets.layout.stepCount > 1)
    return LossValue(value: value, elements: elements)
  }
}

/// Everything that one pass through an ``EncoderDecoder`` remembers or works in. One pass belongs
/// to one thread at a time.
public final class EncoderDecoderPass: @unchecked Sendable {
  /// The layers' records.
  let layers: Pass
  /// The workspace of a decoder that goes step by step.
  let steps: DecoderSteps
  let lossWeights = FloatBuffer()
  /// The searches that there is memory for.
  var searches = AdmittedBatches()
  /// Updates made before the running training step.
  var updates = 0
  /// The workspace of profiles that probe other losses than training's.
  var probing: EncoderDecoderPass?

  // Results of the last forward pass, for profiles and figures.
  /// Whether it went step by step.
  var wentBySteps = false
  var encoder: RecurrentTape?
  var decoder: RecurrentTape?
  var look: AttentionRecord?

  init(_ model: EncoderDecoder) {
    layers = Pass(model.parameters, team: model.team)
    steps = DecoderSteps(model.layers.decoder)
  }

  /// The weights α of the last forward pass; nil without attention.
  var attention: AttentionTape? {
    guard let look else { return wentBySteps ? steps.attention : nil }
    return wentBySteps ? steps.attention : look.tape
  }
}

/// Rows with the dropout that was applied to them.
final class DroppedRows: @unchecked Sendable {
  private let rows = FloatBuffer()
  private let dropped = FloatBuffer()
  private let mask = FloatBuffer()

  private var (count, width) = (0, 0)

  /// Space for rows before dropout.
  func matrix(_ count: Int, _ width: Int) -> Matrix {
    (self.count, self.width) = (count, width)
    return rows.matrix(count, width)
  }

  /// `rows` after dropout; themselves without a generator.
  func drop(
    _ rows: Matrix, rate: Float, using dropout: inout RandomGenerator?, team: ThreadTeam
  ) -> Matrix {
    guard rate > 0, var generator = dropout else { return rows }
    let mask = mask.matrix(rows.rows, rows.columns)
    mask.fillDropout(rate: rate, using: &generator)
    dropout = generator
    let result = dropped.matrix(rows.rows, rows.columns)
    result.multiply(rows, by: mask, team: team)
    return result
  }

  /// Some rows anew after dropout by the same mask.
  func dropAgain(_ range: Range<Int>, team: ThreadTeam) -> Matrix {
    let (rows, mask) = (
      rows.matrix(count, width).rows(range), mask.matrix(count, width).rows(range)
    )
    let result = dropped.matrix(count, width).rows(range)
    result.multiply(rows, by: mask, team: team)
    return result
  }

  /// The gradient of the rows from that of what was left of them.
  func undrop(_ gradient: Matrix, team: ThreadTeam) {
    gradient.multiply(gradient, by: mask.matrix(gradient.rows, gradient.columns), team: team)
  }
}
