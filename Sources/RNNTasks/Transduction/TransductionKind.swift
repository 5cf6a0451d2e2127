/// The generated problems of turning one sequence into another.
public enum TransductionKind: String, CaseIterable, Codable, Sendable {
  /// The source again: what fits into a fixed-length summary of it.
  case copy
  /// The source from its end; easy for a recurrent network, whose last input comes out first.
  case reverse
  /// The symbols of the source in ascending order.
  case sort
  /// Commands to actions (Lake and Baroni, 2018): see ``SCANGrammar``.
  case scan
  /// A date as people write it to ISO 8601, both as characters: "March 3rd, 2017" to "2017-03-03".
  case dates

  /// The source lengths that are drawn if no others are asked for. Those of commands and dates are
  /// all that there are.
  public var defaultLengths: ClosedRange<Int> {
    switch self {
    case .copy, .reverse, .sort: 1...20
    case .scan: 1...9
    case .dates: 6...28
    }
  }
}
