/// What random numbers are drawn for, by name.
///
/// Whatever draws has a stream of its own: `RandomGenerator(seed: 1, for: "my dropout")`. The names
/// in use are the static members here and in the modules that draw for further purposes.
public struct RandomStream: Hashable, Sendable, ExpressibleByStringLiteral {
  /// What the numbers are for.
  public let name: String

  /// A stream by what its numbers are for.
  public init(_ name: String) { self.name = name }
  public init(stringLiteral name: String) { self.init(name) }

  /// The initial values of a parameter, by its name in the layout.
  public static func initialization(of parameter: String) -> RandomStream {
    RandomStream("initialization of " + parameter)
  }
  /// The masks of dropout in training.
  public static let dropout: RandomStream = "dropout masks"
  /// The tokens that ``SequenceGenerator`` draws.
  public static let generation: RandomStream = "generated tokens"
  /// Which norms ``ClipStatistics`` keeps.
  static let normSample: RandomStream = "sample of gradient norms"
  /// The directions that ``LyapunovSpectrum`` starts from.
  static let directions: RandomStream = "directions of a Lyapunov spectrum"

  /// FNV-1a, 64 bits.
  var hash: UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
