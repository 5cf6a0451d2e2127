/// The times of one side, in milliseconds.
struct Timings {
  private(set) var values: [Double] = []

  mutating func measure(_ body: () throws -> Void) rethrows {
    let duration = try ContinuousClock().measure(body)
    values.append(duration / .milliseconds(1))
  }

  var median: Double { quantile(0.5) }
  var minimum: Double { values.min() ?? .nan }
  /// The middle half's width over the median.
  var spread: Double { (quantile(0.75) - quantile(0.25)) / median }

  private func quantile(_ level: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let place = level * Double(sorted.count - 1)
    let low = Int(place)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
  }
}
