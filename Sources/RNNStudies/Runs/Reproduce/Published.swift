/// A number that someone else reports.
struct Published: Sendable {
  /// One number, or the lowest and highest of several runs.
  var value: ClosedRange<Double>
  /// Who, in a few words.
  var source: String
  /// False for a number that was recalled and not read in its source.
  var isVerified = true

  init(_ value: ClosedRange<Double>, _ source: String, isVerified: Bool = true) {
    (self.value, self.source, self.isVerified) = (value, source, isVerified)
  }

  init(_ value: Double, _ source: String, isVerified: Bool = true) {
    self.init(value...value, source, isVerified: isVerified)
  }
}
