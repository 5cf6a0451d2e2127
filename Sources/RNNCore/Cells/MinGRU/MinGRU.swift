/// minGRU (Feng, Tung, Ahmed, Bengio and Hajimirsadegh 2024, "Were RNNs all we needed?"), a GRU
/// whose gate and candidate see the input alone: z_t = σ(W_z x_t + b_z), g_t = W_g x_t + b_g, h_t =
/// (1 − z_t) ⊙ h_{t−1} + z_t ⊙ g_t.
///
/// z is the share that is replaced, as in the paper, and 1 − z what stays. In the positive form g_t
/// = x + 1/2 for x = W_g x_t + b_g ≥ 0 and σ(x) below, so that states stay positive.
struct MinGRU: Cell {
  var isPositive = false
  /// The b with which σ(b) of the state stays at the start: z starts at σ(−b); nil as other biases.
  var forgetBias: Float?

  static let names = ["min-gru"]
  static let usage = ["min-gru[:positive+forget-bias=N]"]
}

extension CellKind {
  /// minGRU (Feng et al. 2024): z_t = σ(W_z x_t + b_z), h_t = (1 − z_t) ⊙ h_{t−1} + z_t ⊙ g_t with
  /// g_t = W_g x_t + b_g.
  ///
  /// - Parameters:
  ///   - positive: whether g_t is x + 1/2 for x = W_g x_t + b_g ≥ 0 and σ(x) below.
  ///   - forgetBias: b, with which σ(b) of the state stays at the start; nil as other biases.
  public static func minGRU(positive: Bool = false, forgetBias: Float? = nil) -> CellKind {
    precondition(forgetBias?.isFinite ?? true, "a finite forget bias")
    return CellKind(MinGRU(isPositive: positive, forgetBias: forgetBias))
  }
}

// MARK: - Text

extension MinGRU {
  init(named name: String, options: inout CellOptions) throws(RNNError) {
    isPositive = options.takeFlag("positive")
    forgetBias = try options.takeNumber("forget-bias")
  }

  var description: String {
    CellOptions.text(
      "min-gru",
      [isPositive ? "positive" : nil, CellOptions.text("forget-bias", number: forgetBias)])
  }
  var equations: String { "z the share that is replaced, g what is written, h = (1 − z) h' + z g" }
}

// MARK: - What it is to networks and diagnostics

extension MinGRU {
  var gates: [Gate] { [.update, .candidate] }
  var hasRecurrentProduct: Bool { false }
  var keepingGate: KeepingGate? {
    KeepingGate(.update, isShareReplaced: true, says: "of the state update gates leave")
  }

  func advice(_ aim: MemoryAim) -> String {
    "lower the bias of the update gate (\(keepingText(aim)))"
  }

  func kernel(_ sizes: CellSizes) -> any CellKernel { MinGRUKernel(self, sizes) }

  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep {
    MinGRUStep(weights, self, state: state, input: input)
  }
}
