extension Array where Element == Double {
  /// The quantile of sorted numbers, by straight lines between neighbours (R's type 7); there must
  /// be one.
  ///
  /// - Parameter level: from 0 for the smallest to 1 for the largest; beyond, those two.
  package func sortedQuantile(_ level: Double) -> Double {
    let place = Swift.min(Swift.max(level, 0), 1) * Double(count - 1)
    let low = Int(place)
    let high = Swift.min(low + 1, count - 1)
    return self[low] + (place - Double(low)) * (self[high] - self[low])
  }
}
