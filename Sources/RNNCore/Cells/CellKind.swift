/// The nonlinearity f of an Elman or Jordan cell. With the identity the network is linear in its inputs: what
/// theory computes by hand, and the first example of many lectures.
public enum HiddenActivation: String, CaseIterable, Sendable, Hashable {
  case tanh, sigmoid, relu, identity
}

/// How the output of a Jordan network is made from its preactivation z before it is fed back.
public enum FeedbackActivation: String, CaseIterable, Sendable, Hashable {
  case identity, tanh, sigmoid, softmax
}

/// Where a GRU's reset gate acts: on U_n h (after the product; the default of PyTorch and cuDNN) or on
/// h itself (before it; the original paper).
public enum ResetPosition: String, CaseIterable, Sendable, Hashable {
  case after, before
}

/// A recurrent cell with its options: where text (command lines, checkpoints) meets code.
///
/// Written as a name and options joined by `+`: `elman`, `elman:relu`, `lstm:peephole+coupled`,
/// `gru:reset-before`. ``description`` gives that text back.
public enum CellKind: Sendable, Hashable, CustomStringConvertible {
  /// h_t = f(W x_t + U h_{t−1} + b) (Elman 1990).
  case elman(HiddenActivation)
  /// Elman with relu whose recurrent weights start as the identity (IRNN; Le, Jaitly and Hinton 2015).
  case irnn
  /// h_t = f(W x_t + U y_{t−1} + b), y_t = g(V h_t + c) (Jordan 1986): the network's own output is fed
  /// back. With teacher forcing the fed-back output is the target while training.
  ///
  /// As a hybrid (`elman-jordan`; Mesnil et al. 2013) it feeds back the hidden layer too:
  /// h_t = f(W x_t + U h_{t−1} + V y_{t−1} + b), y_t = g(R h_t + c). The recurrent weights are [U | V].
  case jordan(HiddenActivation, teacherForcing: Bool, hybrid: Bool = false)
  /// Hochreiter and Schmidhuber 1997 with forget gates (Gers 2000); peepholes (Gers 2002); coupled
  /// gates have f = 1 − i (Greff 2017). The forget gate's bias starts at `forgetBias` when it is given
  /// (Jozefowicz 2015 recommends 1). Either tanh can be left out.
  case lstm(
    peephole: Bool = false, coupled: Bool = false, forgetBias: Float? = nil,
    linear: LSTMLinearity = [])
  /// Cho et al. 2014.
  case gru(ResetPosition = .after)

  /// Reads a name with options. Throws `.format` for an unknown name or option.
  public init(_ text: String) throws(RNNError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let options = parts.count > 1 ? parts[1].split(separator: "+").map(String.init) : []
    if parts.count > 1, options.isEmpty {
      throw RNNError(.format, "cell", expected: "options after the colon", found: "'\(text)'")
    }
    switch parts[0] {
    case "elman": self = try CellKind.elman(options)
    case "irnn": self = try CellKind.plain(.irnn, "irnn", options)
    case "jordan": self = try CellKind.jordan("jordan", options)
    case "elman-jordan": self = try CellKind.jordan("elman-jordan", options, hybrid: true)
    case "lstm": self = try CellKind.lstm(options)
    case "gru": self = try CellKind.gru(options)
    default:
      throw RNNError(
        .format, "cell", expected: "elman, irnn, jordan, elman-jordan, lstm or gru",
        found: "'\(parts[0])'")
    }
  }

  public var description: String {
    switch self {
    case .elman(.tanh): "elman"
    case .elman(let f): "elman:\(f.rawValue)"
    case .irnn: "irnn"
    case .jordan(let f, let teacher, let hybrid):
      Self.join(
        hybrid ? "elman-jordan" : "jordan",
        [f == .tanh ? nil : f.rawValue, teacher ? "teacher" : nil])
    case .lstm(let peephole, let coupled, let bias, let linear):
      Self.join(
        "lstm",
        [
          peephole ? "peephole" : nil, coupled ? "coupled" : nil,
          // A plus sign, as in 1e+20, would begin another option.
          bias.map { "forget-bias=" + "\($0)".filter { $0 != "+" } },
          linear.contains(.input) ? "linear-input" : nil,
          linear.contains(.output) ? "linear-output" : nil,
        ])
    case .gru(.after): "gru"
    case .gru(.before): "gru:reset-before"
    }
  }

  private static func join(_ name: String, _ options: [String?]) -> String {
    let given = options.compactMap { $0 }
    return given.isEmpty ? name : "\(name):\(given.joined(separator: "+"))"
  }
}

// MARK: - Options of each cell

extension CellKind {
  private static func plain(
    _ kind: CellKind, _ name: String, _ options: [String]
  ) throws(RNNError) -> CellKind {
    if let option = options.first { throw unknown(option, of: name, "no option") }
    return kind
  }

  private static func elman(_ options: [String]) throws(RNNError) -> CellKind {
    var kind = CellKind.elman(.tanh)
    for option in options {
      if let activation = HiddenActivation(rawValue: option) {
        kind = .elman(activation)
      } else if option == "irnn" {
        kind = .irnn
      } else {
        throw unknown(option, of: "elman", "tanh, sigmoid, relu, identity or irnn")
      }
    }
    return kind
  }

  private static func jordan(
    _ name: String, _ options: [String], hybrid: Bool = false
  ) throws(RNNError) -> CellKind {
    var (activation, teacher) = (HiddenActivation.tanh, false)
    for option in options {
      if let given = HiddenActivation(rawValue: option) {
        activation = given
      } else if option == "teacher" {
        teacher = true
      } else {
        throw unknown(option, of: name, "tanh, sigmoid, relu, identity or teacher")
      }
    }
    return .jordan(activation, teacherForcing: teacher, hybrid: hybrid)
  }

  private static func lstm(_ options: [String]) throws(RNNError) -> CellKind {
    var (peephole, coupled, bias) = (false, false, Float?.none)
    var linear: LSTMLinearity = []
    for option in options {
      let assignment = option.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      switch assignment[0] {
      case "peephole" where assignment.count == 1: peephole = true
      case "coupled" where assignment.count == 1: coupled = true
      case "linear-input" where assignment.count == 1: linear.insert(.input)
      case "linear-output" where assignment.count == 1: linear.insert(.output)
      case "forget-bias" where assignment.count == 2:
        guard let value = Float(assignment[1]), value.isFinite else {
          throw RNNError(.format, "forget-bias", expected: "a number", found: "'\(assignment[1])'")
        }
        bias = value
      default:
        throw unknown(
          option, of: "lstm",
          "peephole, coupled, linear-input, linear-output or forget-bias=NUMBER")
      }
    }
    if coupled, bias != nil {
      throw RNNError(
        .unsupported, "cell", expected: "forget-bias with a forget gate of its own",
        found: "coupled gates")
    }
    return .lstm(peephole: peephole, coupled: coupled, forgetBias: bias, linear: linear)
  }

  private static func gru(_ options: [String]) throws(RNNError) -> CellKind {
    var reset = ResetPosition.after
    for option in options {
      switch option {
      case "reset-after": reset = .after
      case "reset-before": reset = .before
      default: throw unknown(option, of: "gru", "reset-after or reset-before")
      }
    }
    return .gru(reset)
  }

  private static func unknown(_ option: String, of cell: String, _ expected: String) -> RNNError {
    RNNError(.format, "option of \(cell)", expected: expected, found: "'\(option)'")
  }
}

extension CellKind {
  /// The gates whose values are kept at every step, in the order of their blocks in the weights; none for Elman
  /// cells, whose only block is the state itself.
  public var gates: [Gate] {
    switch self {
    case .elman, .irnn: []
    case .jordan: [.hidden]
    case .lstm(_, let coupled, _, _):
      coupled ? [.input, .candidate, .output] : [.input, .forget, .candidate, .output]
    case .gru: [.reset, .update, .candidate]
    }
  }
}
