/// The gated recurrent unit (Cho et al. 2014).
struct GRU: Cell {
  var reset = ResetPosition.after

  static let names = ["gru"]
  static let usage = ["gru[:reset-before]"]
}

extension CellKind {
  /// The gated recurrent unit (Cho et al. 2014).
  public static func gru(_ reset: ResetPosition = .after) -> CellKind {
    CellKind(GRU(reset: reset))
  }
}

/// Where a GRU's reset gate acts: on U_n h (after the product; the default of PyTorch and cuDNN) or
/// on h itself (before it; the original paper).
public enum ResetPosition: String, CaseIterable, Sendable, Hashable {
  /// n = tanh(W_n x + b_in + r ⊙ (U_n h + b_hn)): one recurrent product a step.
  case after
  /// n = tanh(W_n x + U_n (r ⊙ h) + b_n): two recurrent products a step, one after the other.
  case before
}

// MARK: - Text

extension GRU {
  init(named name: String, options: inout CellOptions) throws(RNNError) {
    if options.takeChoice(["reset-after", "reset-before"]) == "reset-before" { reset = .before }
  }

  var description: String {
    CellOptions.text("gru", [reset == .before ? "reset-before" : nil])
  }

  var equations: String { "r, z gates, n the new state, h = (1 − z) n + z h'" }

  func symbol(of gate: Gate) -> String {
    switch gate {
    case .reset: "r"
    case .update: "z"
    default: "n"
    }
  }
}

// MARK: - What it is to networks and diagnostics

extension GRU {
  var gates: [Gate] { [.reset, .update, .candidate] }
  var keepingGate: KeepingGate? { KeepingGate(.update) }

  func advice(_ aim: MemoryAim) -> String {
    "raise the bias of the update gate (\(keepingText(aim)))"
  }

  func kernel(_ sizes: CellSizes) -> any CellKernel {
    reset == .after ? GRUKernel(sizes) : GRUResetBeforeKernel(sizes)
  }

  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep {
    reset == .after
      ? GRUStep(weights, state: state, input: input)
      : GRUResetBeforeStep(weights, state: state, input: input)
  }
}
