/// A model from input to outputs: embedding, context window, dropout, recurrent or feed-forward
/// body, dropout, readout.
///
/// It owns its parameters. Passes through it go over a ``ModelPass``, which holds everything that
/// one pass remembers, so that a model can be evaluated while it is being trained.
public final class SequenceModel: @unchecked Sendable {
  public let configuration: ModelConfiguration
  public let parameters: ParameterStore
  let layers: ModelLayers
  public let team: ThreadTeam

  /// - Parameters:
  ///   - configuration: the shape of the model.
  ///   - initialization: how weights start; nil for ``ModelConfiguration/standardInitialization``.
  ///   - seed: of the initial weights.
  ///   - team: the threads that work on it.
  public init(
    _ configuration: ModelConfiguration, initialization: InitializationPlan? = nil, seed: UInt64,
    team: ThreadTeam = .shared
  ) throws(RNNError) {
    var configuration = configuration
    // A window of the step alone has no side.
    if configuration.contextWindow == 1 { configuration.contextSide = .both }
    var layout = ParameterLayout()
    layers = try ModelLayers(configuration, declaringIn: &layout)
    self.configuration = configuration
    self.team = team
    try layout.checkMemory(stores: 1, "parameters")
    parameters = ParameterStore(layout: layout)
    try (initialization ?? configuration.standardInitialization)
      .fill(parameters, seed: seed)
  }

  /// The recurrent body; nil for a feed-forward one.
  public var network: RecurrentNetwork? { layers.network }
  var embedding: Embedding? { layers.embedding }
  var window: ContextWindow { layers.window }
  var hidden: Linear? { layers.hidden }
  var readout: Linear? { layers.readout }
  var sentence: Linear? { layers.sentence }
  var chain: ConditionalRandomField? { layers.chain }

  /// The number of trainable parameters.
  public var parameterCount: Int { parameters.layout.parameterCount }

  /// Floating-point operations of the forward matrix products over a batch: those of the body for
  /// each token, of the readout for each answer, of the sentence head for each sequence.
  public func forwardFlops(of layout: SequenceLayout) -> Double {
    let (tokens, sequences) = (Double(layout.rowCount), Double(layout.sequenceCount))
    return tokens * ((network?.flopsPerToken ?? 0) + (hidden?.flopsPerRow ?? 0))
      + (configuration.answer == .everyStep ? tokens : sequences) * (readout?.flopsPerRow ?? 0)
      + sequences * (sentence?.flopsPerRow ?? 0)
  }

  /// The state before the first step; for a feed-forward model one without layers.
  public func zeroState(sequences: Int) -> RecurrentState {
    network?.zeroState(sequences: sequences, contextWidth: contextWidth)
      ?? RecurrentState(
        zerosFor: 0, sequences: sequences, stateWidth: 0, cellWidth: 0, contextWidth: contextWidth)
  }

  /// Whether training feeds back targets in place of outputs.
  var isTeacherForced: Bool { network?.configuration.isTeacherForced ?? false }

  var contextWidth: Int { window.carriedSteps * configuration.input.width }

  public func makePass() -> ModelPass {
    ModelPass(self)
  }

  /// The loss of a batch without training; `state` is carried over.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets.
  ///   - state: the state before the first step; the state after the last when it returns.
  ///   - pass: the workspace.
  ///   - reduction: how the losses of single answers are added up.
  ///   - asInTraining: whether a teacher-forced cell is fed the targets, as in training, and not
  ///     its own outputs, as in use. Then it is the loss whose gradient
  ///     ``addGradient(for:state:pass:reduction:to:)`` gives.
  public func loss(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass,
    reduction: Loss.Reduction = .mean, asInTraining: Bool = false
  ) throws(RNNError) -> LossValue {
    if asInTraining { try configuration.loss.check(batch, width: configuration.outputs) }
    let answers = try read(
      batch, state: &state, pass: pass, teacherForced: asInTraining && isTeacherForced)
    return try evaluateLoss(answers, batch, reduction: reduction, pass: pass, gradients: nil)
  }

  /// The model's outputs (logits for classes) for each sequence in the caller's order: row-major
  /// [T, O], or [O] for an answer at the end. `state` is carried over.
  ///
  /// - Parameters:
  ///   - batch: the sequences.
  ///   - state: the state before the first step; the state after the last when it returns.
  ///   - pass: the workspace.
  ///   - recording: whether gates and cell states of every step can be read from the pass's tape
  ///     afterwards.
  public func outputs(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass, recording: Bool = false
  ) throws(RNNError) -> [[Float]] {
    collect(
      try evaluate(batch, state: &state, pass: pass, keepsStates: recording).matrix, batch)
  }

  /// Outputs and loss of one forward pass.
  public func outputsAndLoss(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass,
    reduction: Loss.Reduction = .mean
  ) throws(RNNError) -> (outputs: [[Float]], loss: LossValue) {
    let rows = try evaluate(batch, state: &state, pass: pass)
    let outputs = collect(rows.matrix, batch)
    let loss = try evaluateLoss(
      outputs: rows, batch, reduction: reduction, pass: pass, gradients: nil)
    return (outputs, loss)
  }

  /// Packed answers in the caller's order.
  func collect(_ outputs: Matrix, _ batch: SequenceBatch) -> [[Float]] {
    rows(of: batch).map { $0.flatMap { Array(outputs.row($0)) } }
  }

  /// The rows of packed answers that belong to each sequence, in the caller's order.
  func rows(of batch: SequenceBatch) -> [[Int]] {
    let layout = batch.layout
    return layout.lengths.indices.map { sequence in
      switch batch.answer {
      case .atEnd: [layout.ranks[sequence]]
      case .everyStep:
        (0..<layout.lengths[sequence]).map { layout.row(sequence: sequence, step: $0) }
      }
    }
  }

  /// The outputs [answers, O] of a batch, which live on the pass; `state` is carried over.
  func evaluate(
    _ batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass,
    keepsStates: Bool = false
  ) throws(RNNError) -> Rows {
    try outputs(
      of: read(batch, state: &state, pass: pass, keepsStates: keepsStates), pass: pass)
  }

  /// Checks a batch, begins a pass and runs it up to the readout, see
  /// ``forward(_:from:pass:teacherForced:)``; `state` is carried over.
  func read(
    _ batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass,
    keepsStates: Bool = false, teacherForced: Bool = false
  ) throws(RNNError) -> Rows {
    try check(batch, state: state)
    try admit(batch, recording: keepsStates, pass: pass)
    try pass.layers.begin(keepsStates: keepsStates)
    let answers = try forward(batch, from: state, pass: pass, teacherForced: teacherForced)
    carry(pass, into: &state)
    return answers
  }
}
