extension ClosedRange<Int> {
  /// "50" or "50-200", for summaries.
  package var text: String {
    lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)"
  }
}
