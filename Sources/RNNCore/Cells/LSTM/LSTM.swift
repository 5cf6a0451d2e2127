/// The long short-term memory: Hochreiter and Schmidhuber 1997 with forget gates (Gers 2000); peepholes (Gers 2002);
/// coupled gates have f = 1 − i (Greff 2017).
struct LSTM: Cell {
  var peephole = false
  var coupled = false
  /// Where the forget gate's bias starts; nil as other biases.
  var forgetBias: Float?
  var linear: LSTMLinearity = []

  static let names = ["lstm"]
  static let usage = ["lstm[:peephole+coupled+linear-input+linear-output+forget-bias=N]"]
}

extension CellKind {
  /// An LSTM: Hochreiter and Schmidhuber 1997 with forget gates (Gers 2000); peepholes (Gers 2002); coupled
  /// gates have f = 1 − i (Greff 2017).
  ///
  /// - Parameters:
  ///   - peephole: whether gates see the cell state.
  ///   - coupled: whether what is written takes the place of what is forgotten.
  ///   - forgetBias: where the forget gate's bias starts (Jozefowicz 2015 recommends 1); nil as other biases.
  ///   - linear: which of both tanh are left out.
  public static func lstm(
    peephole: Bool = false, coupled: Bool = false, forgetBias: Float? = nil,
    linear: LSTMLinearity = []
  ) -> CellKind {
    CellKind(LSTM(peephole: peephole, coupled: coupled, forgetBias: forgetBias, linear: linear))
  }
}

/// Which of an LSTM's two tanh are left out (Greff 2017, variants NIAF and NOAF). Without both, the cell
/// state is a plain sum of what the gates let in, which can be followed by hand.
public struct LSTMLinearity: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// g = W_g x + U_g h + b_g.
  public static let input = LSTMLinearity(rawValue: 1)
  /// h_t = o ⊙ c_t.
  public static let output = LSTMLinearity(rawValue: 2)
}

// MARK: - Text

extension LSTM {
  init(named name: String, options: inout CellOptions) throws(RNNError) {
    peephole = options.takeFlag("peephole")
    coupled = options.takeFlag("coupled")
    if options.takeFlag("linear-input") { linear.insert(.input) }
    if options.takeFlag("linear-output") { linear.insert(.output) }
    forgetBias = try options.takeNumber("forget-bias")
    if coupled, forgetBias != nil {
      throw RNNError(
        .unsupported, "cell", expected: "forget-bias with a forget gate of its own",
        found: "coupled gates")
    }
  }

  var description: String {
    CellOptions.text(
      "lstm",
      [
        peephole ? "peephole" : nil, coupled ? "coupled" : nil,
        CellOptions.text("forget-bias", number: forgetBias),
        linear.contains(.input) ? "linear-input" : nil,
        linear.contains(.output) ? "linear-output" : nil,
      ])
  }

  var equations: String {
    "i, \(coupled ? "" : "f, ")o gates, g what is written, c = \(coupled ? "(1 − i)" : "f") c' + i g, "
      + (linear.contains(.output) ? "h = o c" : "h = o tanh(c)")
  }
}

// MARK: - What it is to networks and diagnostics

extension LSTM {
  var start: InitializationPlan { InitializationPlan(forgetBias: forgetBias) }

  var gates: [Gate] {
    coupled ? [.input, .candidate, .output] : [.input, .forget, .candidate, .output]
  }

  var keepingGate: KeepingGate? {
    coupled
      ? KeepingGate(.input, isShareReplaced: true, says: "forget gates average")
      : KeepingGate(.forget)
  }

  func advice(_ aim: MemoryAim) -> String {
    coupled
      ? "lower the bias of the input gate (\(keepingText(aim)))"
      : "raise the forget bias (\(keepingText(aim)))"
  }

  func kernel(_ sizes: CellSizes) -> any CellKernel { LSTMKernel(self, sizes) }

  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep {
    LSTMStep(weights, self, state: state, input: input)
  }
}
