/// How all parameters of a model start, but for those whose cell prescribes a start of its own: an
/// LRU's, and biases for which an option of the cell names one (`lstm:chrono`,
/// `min-gru:forget-bias`).
public struct InitializationPlan: Sendable, Hashable {
  /// weight_ih and, for Jordan, weight_ho.
  public var input: Initialization
  /// weight_hh, each gate's block apart.
  public var recurrent: Initialization
  /// Gate biases and peepholes; nil for zeros. (A readout's bias, Jordan's own among them, starts
  /// like its weights: uniform in ±1/√(fan in). Scores of transitions between classes: uniform in
  /// ±0.1.)
  public var bias: Initialization?
  /// The sum at which the two biases of an LSTM's forget gate start (bias_ih + bias_hh); nil leaves
  /// it as `bias` says. minLSTM and minGRU have an option of the cell for it.
  public var forgetBias: Float?
  /// Standard deviation of embeddings.
  public var embeddingDeviation: Float
  /// Where it is given, every parameter, biases and embeddings too, starts uniform in ±`everywhere`
  /// instead; only ``forgetBias`` and the starts that cells prescribe stay. It is ±0.1 in Luong,
  /// Pham and Manning 2015, that and less in Zaremba, Sutskever and Vinyals
  /// 2014. An encoder-decoder of many words learned several times faster from ±0.1 than from ±1/√H.
  public var everywhere: Float?

  /// Makes a plan.
  ///
  /// - Parameters:
  ///   - input: of input weights.
  ///   - recurrent: of recurrent weights, each gate's block by itself.
  ///   - bias: of biases; nil for zeros.
  ///   - forgetBias: the start of an LSTM's forget bias; nil for what `bias` gives it.
  ///   - embeddingDeviation: the standard deviation of embedding vectors.
  ///   - everywhere: a bound within which every parameter is drawn uniformly instead; nil for none.
  public init(
    input: Initialization = .uniform(bound: nil), recurrent: Initialization = .uniform(bound: nil),
    bias: Initialization? = .uniform(bound: nil), forgetBias: Float? = nil,
    embeddingDeviation: Float = 1, everywhere: Float? = nil
  ) {
    self.input = input
    self.recurrent = recurrent
    self.bias = bias
    self.forgetBias = forgetBias
    self.embeddingDeviation = embeddingDeviation
    self.everywhere = everywhere
  }

  /// Fills `store`; a start that belongs to a parameter itself replaces what the plan says. Each
  /// parameter draws from a stream of its own, named after it.
  ///
  /// Throws `.unsupported` for a start that a parameter of its shape cannot have.
  public func fill(_ store: ParameterStore, seed: UInt64) throws(RNNError) {
    for slice in store.layout.slices {
      var stream = RandomGenerator(seed: seed, for: .initialization(of: slice.name))
      var values =
        slice.start?.start.replacesAll == true
        ? [Float](repeating: 0, count: slice.count) : try values(of: slice, using: &stream)
      slice.start?.start.apply(to: &values, of: slice) {
        RandomGenerator(seed: seed, for: .initialization(of: $0 + ".start"))
      }
      try store.set(slice.name, to: values)
    }
  }

  private func values(
    of slice: ParameterLayout.Slice, using generator: inout RandomGenerator
  ) throws(RNNError) -> [Float] {
    let hidden = slice.hidden ?? slice.rows
    var values = try drawn(slice, hidden: hidden, using: &generator)
    if case .bias(let gate?) = slice.role, let forgetBias {
      // Two biases add up, so that each starts at half.
      for unit in 0..<hidden { values[gate * hidden + unit] = forgetBias / 2 }
    }
    return values
  }

  private func drawn(
    _ slice: ParameterLayout.Slice, hidden: Int, using generator: inout RandomGenerator
  ) throws(RNNError) -> [Float] {
    if let everywhere {
      return try Initialization.uniform(bound: everywhere)
        .values(rows: slice.rows, columns: slice.columns, hidden: hidden, using: &generator)
    }
    switch slice.role {
    case .inputWeight, .emissionWeight:
      return try input.values(
        rows: slice.rows, columns: slice.columns, hidden: hidden, using: &generator)
    case .recurrentWeight:
      var values: [Float] = []
      for _ in 0..<slice.rows / hidden {
        values += try recurrent.values(
          rows: hidden, columns: slice.columns, hidden: hidden, using: &generator)
      }
      return values
    case .recurrence: return Array(repeating: 0, count: slice.count)
    case .bias, .peephole:
      guard let bias else { return Array(repeating: 0, count: slice.count) }
      return try bias.values(
        rows: slice.rows, columns: slice.columns, hidden: hidden, using: &generator)
    case .denseWeight(let fanIn), .denseBias(let fanIn):
      return try Initialization.uniform(bound: 1 / Float(fanIn).squareRoot())
        .values(rows: slice.rows, columns: slice.columns, hidden: hidden, using: &generator)
    case .transitionWeight, .transitionBias:
      return try Initialization.uniform(bound: 0.1)
        .values(rows: slice.rows, columns: slice.columns, hidden: hidden, using: &generator)
    case .embedding:
      return try Initialization.normal(deviation: embeddingDeviation)
        .values(rows: slice.rows, columns: slice.columns, hidden: hidden, using: &generator)
    }
  }
}
