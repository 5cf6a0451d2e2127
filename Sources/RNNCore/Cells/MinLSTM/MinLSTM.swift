/// minLSTM (Feng, Tung, Ahmed, Bengio and Hajimirsadegh 2024, "Were RNNs all we needed?") with
/// normalised gates, an LSTM without output gate whose gates see the input alone: f = σ(W_f x_t +
/// b_f), i = σ(W_i x_t + b_i), g = W_g x_t + b_g, h_t = f/(f + i) ⊙ h_{t−1} + i/(f + i) ⊙ g.
///
/// In the positive form g = x + 1/2 for x = W_g x_t + b_g ≥ 0 and σ(x) below, so that states stay
/// positive.
struct MinLSTM: Cell {
  var isPositive = false
  /// The b with which σ(b) of the state stays at the start: f starts at σ(b), i at σ(−b); nil as
  /// other biases.
  var forgetBias: Float?

  static let names = ["min-lstm"]
  static let usage = ["min-lstm[:positive+forget-bias=N]"]
}

extension CellKind {
  /// minLSTM with normalised gates (Feng et al. 2024): h_t = f/(f + i) ⊙ h_{t−1} + i/(f + i) ⊙ g
  /// with f = σ(W_f x_t + b_f), i = σ(W_i x_t + b_i), g = W_g x_t + b_g.
  ///
  /// - Parameters:
  ///   - positive: whether g is x + 1/2 for x = W_g x_t + b_g ≥ 0 and σ(x) below.
  ///   - forgetBias: b, with which σ(b) of the state stays at the start; nil as other biases.
  public static func minLSTM(positive: Bool = false, forgetBias: Float? = nil) -> CellKind {
    precondition(forgetBias?.isFinite ?? true, "a finite forget bias")
    return CellKind(MinLSTM(isPositive: positive, forgetBias: forgetBias))
  }
}

// MARK: - Text

extension MinLSTM {
  init(named name: String, options: inout CellOptions) throws(RNNError) {
    isPositive = options.takeFlag("positive")
    forgetBias = try options.takeNumber("forget-bias")
  }

  var description: String {
    CellOptions.text(
      "min-lstm",
      [isPositive ? "positive" : nil, CellOptions.text("forget-bias", number: forgetBias)])
  }

  var equations: String {
    "f and i the shares σ(a_f) and σ(a_i) of their sum, g what is written, h = f h' + i g"
  }
}

// MARK: - What it is to networks and diagnostics

extension MinLSTM {
  /// Forget and input gate are kept as they act, normalised.
  var gates: [Gate] { [.forget, .input, .candidate] }
  var hasRecurrentProduct: Bool { false }
  var keepingGate: KeepingGate? { KeepingGate(.forget) }

  /// With b for one gate and −b for the other their sum is 1, and the share that is kept σ(b).
  func advice(_ aim: MemoryAim) -> String {
    "raise the forget bias and lower the input bias (\(keepingText(aim)))"
  }

  func kernel(_ sizes: CellSizes) -> any CellKernel { MinLSTMKernel(self, sizes) }

  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep {
    MinLSTMStep(weights, self, state: state, input: input)
  }
}
