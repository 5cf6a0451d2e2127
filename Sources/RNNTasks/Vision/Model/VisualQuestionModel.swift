import RNNCore

/// A model that reads a question with a recurrent network, looks at an image where the question
/// asks it to, and answers with a class (after Antol et al. 2015 and Yang et al. 2016).
///
///     q   = last output of network(w_1 … w_T)       the question's state
///     r_j = relu(W_r x_j + b_r) + p_j               patch j and its place
///     c   = Σ_j α_j r_j                             attention of q over the regions
///     z   = readout(tanh(W [c; q; c ⊙ q] + b))      logits; without an image of q alone
///
/// ``/RNNCore/AttentionScore`` says how α follows from q and r_j.
///
/// The product c ⊙ q compares what is asked for with what is seen. Regions are as wide as the
/// question's state, H.
///
/// ``/RNNCore/Model/profile(for:pass:)`` tells by which ways the gradient comes: `question.state`
/// (q before the answer), `question.product` (in c ⊙ q), `attention.query` (in the scores) and
/// `attention` (the regions, row by row of the grid).
///
/// All patches of all images of a batch are one product, and an image is computed once however many
/// questions of the batch are about it.
public final class VisualQuestionModel: Model, SavableModel, @unchecked Sendable {
  public typealias Batch = VisualQuestionBatch

  public let configuration: VisualQuestionConfiguration
  public let parameters: ParameterStore
  public let team: ThreadTeam
  let layers: VisualQuestionLayers

  /// Throws what ``VisualQuestionConfiguration/validate()`` throws.
  ///
  /// - Parameters:
  ///   - configuration: the shape of the model.
  ///   - initialization: how weights start; nil for what the cell asks for.
  ///   - seed: of the initial weights.
  ///   - team: the threads that work on it.
  public init(
    _ configuration: VisualQuestionConfiguration, initialization: InitializationPlan? = nil,
    seed: UInt64, team: ThreadTeam = .shared
  ) throws(RNNError) {
    try configuration.validate()
    self.configuration = configuration
    self.team = team
    var layout = ParameterLayout()
    layers = try VisualQuestionLayers(configuration, declaringIn: &layout)
    try layout.checkMemory(stores: 1, "parameters")
    parameters = ParameterStore(layout: layout)
    let plan = initialization ?? .standard(for: configuration.cell)
    try plan.fill(parameters, seed: seed)
  }

  /// The number of trainable parameters.
  public var parameterCount: Int { parameters.layout.parameterCount }

  public var usesDropout: Bool { configuration.dropout > 0 }

  /// The loss of a batch, in nats a question.
  ///
  /// Throws `.vocabulary` for words and answers that the model does not have, `.shape` for a batch
  /// of other images and `.empty` for a question without an answer.
  public func loss(for batch: VisualQuestionBatch, in pass: Pass) throws(RNNError) -> LossValue {
    let classes = try classes(of: batch)
    return try forward(batch, in: pass).logits.crossEntropy(classes, of: batch.answerCount)
  }

  /// What the model says to each question, in the order of the questions.
  ///
  /// Throws `.vocabulary` for words that the model does not have and `.shape` for a batch of other
  /// images.
  public func answers(
    for batch: VisualQuestionBatch, pass: Pass
  ) throws(RNNError) -> [VisualAnswer] {
    try check(pass)
    try pass.begin()
    let (logits, look) = try forward(batch, in: pass)
    let probabilities = try logits.probabilities()
    var maps: [[Float]] = []
    for image in 0..<(look == nil ? 0 : batch.imageCount) {
      maps += try look?.weights(of: image) ?? []
    }
    var answers = [VisualAnswer](
      repeating: VisualAnswer(probabilities: [], attention: []), count: batch.count)
    for (row, question) in batch.order.enumerated() {
      answers[question] = VisualAnswer(
        probabilities: probabilities[row], attention: maps.isEmpty ? [] : maps[row])
    }
    return answers
  }

  private func classes(of batch: VisualQuestionBatch) throws(RNNError) -> [Int32] {
    guard let classes = batch.classes else {
      throw RNNError(
        .empty, "answers", expected: "one of each question", found: "a question without one")
    }
    try require(classes, below: configuration.answers, "answer")
    return classes
  }

  func check(_ batch: VisualQuestionBatch) throws(RNNError) {
    let regions = configuration.image.map { batch.imageCount * $0.regionCount } ?? 0
    let numbers = regions * (configuration.image?.patchWidth ?? 0)
    guard batch.patches.count == numbers, batch.looks?.regions.rowCount ?? 0 == regions,
      (batch.imageCount > 0) == (configuration.image != nil)
    else {
      throw RNNError(
        .shape, "patches",
        expected: "those of \(configuration.image.map { "\($0)" } ?? "no image")",
        found: "\(batch.patches.count) numbers of \(batch.imageCount) images")
    }
  }

  private func require(_ ids: [Int32], below count: Int, _ name: String) throws(RNNError) {
    if let bad = ids.first(where: { $0 < 0 || $0 >= count }) {
      throw RNNError(.vocabulary, name, expected: "0 to \(count - 1)", found: "\(bad)")
    }
  }
}

/// What a ``VisualQuestionModel`` says to a question.
public struct VisualAnswer: Sendable, Hashable {
  /// Of each class.
  public var probabilities: [Float]
  /// α of each region, row by row of the grid, 1 in sum; empty for a model that knows the question
  /// alone.
  public var attention: [Float]

  /// The likeliest class.
  public var best: Int {
    probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
  }
}
