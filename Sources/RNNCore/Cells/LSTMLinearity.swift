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
