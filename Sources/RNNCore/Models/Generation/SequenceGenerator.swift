/// Lets a model of sequences write on: each token is drawn from what the model expects after all
/// before it.
///
/// ```swift
/// let generator = try SequenceGenerator(model, sampler: TokenSampler(temperature: 0.8), seed: 1)
/// try generator.prime(with: prefix)
/// for _ in 0..<200 { print(try generator.next()) }
/// ```
///
/// The recurrent state is carried from token to token, so that one costs one step however long the
/// text is. The model's parameters must stay as they are from ``prime(with:)`` on. One generator
/// belongs to one thread at a time.
public final class SequenceGenerator {
  /// The model that writes.
  public let model: SequenceModel
  /// How a token is chosen from the model's logits.
  public let sampler: TokenSampler
  /// z of the next token [V]; empty before ``prime(with:)``.
  public private(set) var logits: [Float] = []
  /// The state after all tokens so far.
  public private(set) var state: RecurrentState

  private var generator: RandomGenerator
  private let pass: ModelPass
  private var workspace = SamplerWorkspace()
  private let oneStep = SequenceLayout(longestFirst: [1])
  private var drawn: [Int32] = [0]

  /// Steps of a prefix that one pass reads: their outputs are all kept until it ends.
  private static let stretch = 256

  /// Throws `.unsupported` for a model that does not read tokens in one direction, one at a time,
  /// and answer at every step with the probabilities of the same tokens.
  ///
  /// - Parameters:
  ///   - model: predicts the next token.
  ///   - sampler: how a token is drawn.
  ///   - seed: of the draws.
  public init(
    _ model: SequenceModel, sampler: TokenSampler, seed: UInt64
  ) throws(RNNError) {
    try model.configuration.requireGenerator()
    self.model = model
    self.sampler = sampler
    generator = RandomGenerator(seed: seed, for: .generation)
    pass = model.makePass()
    state = model.zeroState(sequences: 1)
  }

  /// Reads tokens that are given, after all before them. Throws `.empty` for none and `.vocabulary`
  /// for one that the model does not know; then nothing has been read. Costs one pass over them.
  public func prime(with tokens: [Int32]) throws(RNNError) {
    guard !tokens.isEmpty else {
      throw RNNError(.empty, "prefix", expected: "at least one token", found: "none")
    }
    let vocabulary = model.configuration.outputs
    if let bad = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
      throw RNNError(.vocabulary, "token", expected: "0 to \(vocabulary - 1)", found: "\(bad)")
    }
    for first in stride(from: 0, to: tokens.count, by: Self.stretch) {
      let part = Array(tokens[first..<min(first + Self.stretch, tokens.count)])
      try read(part, SequenceLayout(longestFirst: [part.count]))
    }
  }

  /// Draws the next token, and reads it. Throws `.empty` before ``prime(with:)``, `.nonFinite` when
  /// the model's outputs are not finite. Costs one step and one draw; nothing is allocated from the
  /// third call on.
  public func next() throws(RNNError) -> Int32 {
    guard !logits.isEmpty else {
      throw RNNError(.empty, "generator", expected: "a prefix read before", found: "none")
    }
    drawn[0] = Int32(try sampler.sample(logits, in: &workspace, using: &generator))
    try read(drawn, oneStep)
    return drawn[0]
  }

  /// Forgets all tokens, as before ``prime(with:)``; the draws go on where they were.
  public func reset() {
    state.setToZero()
    logits.removeAll(keepingCapacity: true)
  }

  private func read(_ tokens: [Int32], _ layout: SequenceLayout) throws(RNNError) {
    let batch = SequenceBatch(
      layout: layout, answer: .everyStep, content: .tokens(tokens), targets: nil)
    let outputs = try model.evaluate(batch, state: &state, pass: pass)
    logits.removeAll(keepingCapacity: true)
    logits.append(contentsOf: outputs.matrix.row(outputs.count - 1))
    // Else the pass would share `drawn`, and the next token would need a new array.
    pass.batch = nil
  }
}

extension ModelConfiguration {
  /// Throws `.unsupported` unless each step's answer is a distribution of the token of the next
  /// one.
  fileprivate func requireGenerator() throws(RNNError) {
    func refuse(_ expected: String, _ found: String) -> RNNError {
      RNNError(.unsupported, "generator", expected: expected, found: found)
    }
    guard case .tokens(let vocabulary, _) = input else {
      throw refuse("a model of tokens", "features")
    }
    guard loss == .softmaxCrossEntropy else {
      throw refuse("a softmax over tokens", loss.rawValue)
    }
    guard answer == .everyStep else {
      throw refuse("an answer at every step", "an answer at the end")
    }
    guard outputs == vocabulary else {
      throw refuse("as many outputs as tokens, \(vocabulary)", "\(outputs)")
    }
    if case .recurrent(_, _, let directions) = body, directions != .forward {
      throw refuse("a network in one direction", directions.rawValue)
    }
    guard contextWindow == 1 || contextSide == .past else {
      throw refuse("a context window of the past", "one that shows later tokens")
    }
  }
}
