internal import CLibrary

/// The long short-term memory: Hochreiter and Schmidhuber 1997 with forget gates (Gers 2000);
/// peepholes (Gers 2002); coupled gates have f = 1 − i (Greff 2017).
struct LSTM: Cell {
  var peephole = false
  var coupled = false
  /// Where the forget gate's bias starts; nil as other biases.
  var forgetBias: Float?
  var linear: LSTMLinearity = []
  /// The longest time over which units are to remember at the start; nil for no such start.
  var chrono: Float?

  static let names = ["lstm"]
  static let usage = [
    "lstm[:peephole+coupled+linear-input+linear-output+forget-bias=N+chrono=STEPS]"
  ]
}

extension CellKind {
  /// An LSTM: Hochreiter and Schmidhuber 1997 with forget gates (Gers 2000); peepholes (Gers 2002);
  /// coupled gates have f = 1 − i (Greff 2017).
  ///
  /// - Parameters:
  ///   - peephole: whether gates see the cell state.
  ///   - coupled: whether what is written takes the place of what is forgotten.
  ///   - forgetBias: where the forget gate's bias starts (Jozefowicz 2015 recommends 1); nil as
  ///     other biases.
  ///   - linear: which of both tanh are left out.
  ///   - chrono: steps, above 2: the forget gate's biases start at log u, u uniform between 1 and
  ///     one step less than that, and the input gate's at −log u, so that units keep what they have
  ///     for about u steps (Tallec and Ollivier 2018). Nil as other biases. A model with both, or
  ///     with one of both and coupled gates, cannot be saved.
  public static func lstm(
    peephole: Bool = false, coupled: Bool = false, forgetBias: Float? = nil,
    linear: LSTMLinearity = [], chrono: Float? = nil
  ) -> CellKind {
    precondition(
      chrono.map { $0 > 2 && $0.isFinite } ?? true, "a chrono start of more than 2 steps")
    precondition(forgetBias?.isFinite ?? true, "a finite forget bias")
    return CellKind(
      LSTM(
        peephole: peephole, coupled: coupled, forgetBias: forgetBias, linear: linear, chrono: chrono
      ))
  }
}

/// Which of an LSTM's two tanh are left out (Greff 2017, variants NIAF and NOAF). Without both, the
/// cell state is a plain sum of what the gates let in, which can be followed by hand.
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
    chrono = try options.takeNumber("chrono")
    for (name, number) in [("forget-bias", forgetBias), ("chrono", chrono)]
    where coupled && number != nil {
      throw RNNError(
        .unsupported, "cell", expected: "\(name) with a forget gate of its own",
        found: "coupled gates")
    }
    guard let chrono else { return }
    guard forgetBias == nil else {
      throw RNNError(
        .unsupported, "cell", expected: "chrono or forget-bias", found: "both")
    }
    guard chrono > 2 else {
      throw RNNError(.range, "chrono", expected: "more than 2 steps", found: "\(chrono)")
    }
  }

  var description: String {
    CellOptions.text(
      "lstm",
      [
        peephole ? "peephole" : nil, coupled ? "coupled" : nil,
        CellOptions.text("forget-bias", number: forgetBias),
        CellOptions.text("chrono", number: chrono),
        linear.contains(.input) ? "linear-input" : nil,
        linear.contains(.output) ? "linear-output" : nil,
      ])
  }

  var equations: String {
    "i, \(coupled ? "" : "f, ")o gates, g what is written, c = \(coupled ? "(1 − i)" : "f") c' + i "
      + "g, "
      + (linear.contains(.output) ? "h = o c" : "h = o tanh(c)")
  }
}

// MARK: - The start

extension LSTM {
  /// Forget biases log u, u uniform in [1, steps − 1], and input biases −log u, in bias_ih; bias_hh
  /// adds nothing to them.
  struct ChronoStart: ParameterStart {
    var steps: Float
    /// Whether it is for bias_ih.
    var isOfInput: Bool

    func apply(
      to values: inout [Float], of slice: ParameterLayout.Slice,
      draws: (_ name: String) -> RandomGenerator
    ) {
      let hidden = slice.rows / 4
      var generator = draws(slice.name)
      for unit in 0..<hidden {
        let bias = isOfInput ? log(generator.uniform(1, steps - 1)) : 0
        (values[unit], values[hidden + unit]) = (-bias, bias)
      }
    }
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
