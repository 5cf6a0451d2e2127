/// The recurrent cells, and the order in which each stacks its gates in the rows of W, U and b.
enum OracleCell: Sendable, Hashable {
  /// h_t = f(W x_t + b_ih + U h_{t-1} + b_hh). (Elman 1990)
  case elman(OracleActivation)

  /// h_t = f(W x_t + b_ih + U y_{t-1} + b_hh), z_t = V h_t + c, y_t = g(z_t). (Jordan 1986)
  ///
  /// The output of a step is z_t, its recurrent state is y_t. hybrid: the state is h_t and y_t side
  /// by side, and U as wide. (Mesnil et al. 2013)
  case jordan(OracleActivation, feedback: OracleFeedback, hybrid: Bool = false)

  /// Gates i, f, g, o; coupled: i, g, o with f = 1 - i. (Hochreiter & Schmidhuber 1997; peepholes
  /// Gers & Schmidhuber 2000; linearInput: g without tanh, linearOutput: h = o * c, Greff 2017)
  case lstm(
    peephole: Bool, coupled: Bool, linearInput: Bool = false, linearOutput: Bool = false)

  /// Gates r, z, n; the reset gate acts after or before the product with U_n. (Cho et al. 2014)
  case gru(resetAfter: Bool)

  /// Gates z, g: h_t = (1 - z) * h_{t-1} + z * g of the input alone; positive: g(x) = x + 1/2 for x
  /// >= 0, else sigmoid(x). (Feng et al. 2024)
  case minGRU(positive: Bool)

  /// Gates f, i, g: h_t = f / (f + i) * h_{t-1} + i / (f + i) * g of the input alone. (Feng et al.
  /// 2024)
  case minLSTM(positive: Bool)

  /// h_t = lambda * h_{t-1} + gamma * B x_t, y_t = Re(C h_t) + D x_t, the state H/2 real parts
  /// before as many imaginary ones. W stacks Re B, Im B and D; V is [Re C, -Im C]. (Orvieto et al.
  /// 2023)
  case lru

  var gateCount: Int {
    switch self {
    case .elman, .jordan: 1
    case .lstm(_, let coupled, _, _): coupled ? 3 : 4
    case .gru, .minLSTM, .lru: 3
    case .minGRU: 2
    }
  }

  /// p_i, p_f, p_o; coupled: p_i, p_o.
  var peepholeCount: Int {
    guard case .lstm(peephole: true, let coupled, _, _) = self else { return 0 }
    return coupled ? 2 : 3
  }

  var isJordan: Bool {
    if case .jordan = self { true } else { false }
  }

  var isHybrid: Bool {
    if case .jordan(_, _, hybrid: true) = self { true } else { false }
  }

  /// Whether weights multiply the state at every step.
  var hasRecurrentProduct: Bool {
    switch self {
    case .elman, .jordan, .lstm, .gru: true
    case .minGRU, .minLSTM, .lru: false
    }
  }

  var isLSTM: Bool {
    if case .lstm = self { true } else { false }
  }

  static let all: [OracleCell] =
    OracleActivation.allCases.map { .elman($0) }
    + OracleActivation.allCases.flatMap { activation in
      OracleFeedback.allCases.map { .jordan(activation, feedback: $0) }
    }
    + OracleFeedback.allCases.map { .jordan(.tanh, feedback: $0, hybrid: true) }
    + [
      .jordan(.relu, feedback: .softmax, hybrid: true),
      .jordan(.identity, feedback: .sigmoid, hybrid: true),
    ]
    + [false, true].flatMap { peephole in
      [false, true].map { .lstm(peephole: peephole, coupled: $0) }
    }
    + [
      .lstm(peephole: false, coupled: false, linearInput: true),
      .lstm(peephole: true, coupled: true, linearOutput: true),
      .lstm(peephole: true, coupled: false, linearInput: true, linearOutput: true),
    ]
    + [.gru(resetAfter: true), .gru(resetAfter: false)]
    + [false, true].flatMap { [.minGRU(positive: $0), .minLSTM(positive: $0)] } + [.lru]
}

/// f, elementwise.
enum OracleActivation: Sendable, Hashable, CaseIterable {
  case tanh, sigmoid, relu, identity

  func callAsFunction<Scalar: OracleScalar>(_ sum: Scalar) -> Scalar {
    switch self {
    case .tanh: sum.hyperbolicTangent()
    case .sigmoid: sum.sigmoid()
    case .relu: sum.rectified()
    case .identity: sum
    }
  }
}

/// g, from the output preactivation z_t of a Jordan network to the state y_t it feeds back.
enum OracleFeedback: Sendable, Hashable, CaseIterable {
  case identity, tanh, sigmoid, softmax

  func callAsFunction<Scalar: OracleScalar>(_ scores: [Scalar]) -> [Scalar] {
    switch self {
    case .identity: scores
    case .tanh: scores.map { $0.hyperbolicTangent() }
    case .sigmoid: scores.map { $0.sigmoid() }
    case .softmax: scores.softmax()
    }
  }
}

enum OracleDirections: Sendable, Hashable, CaseIterable {
  case forward, bidirectionalConcat, bidirectionalSum

  var count: Int { self == .forward ? 1 : 2 }
}
