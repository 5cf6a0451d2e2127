/// Successes of independent trials, with the 95 % interval of their probability.
///
/// Wilson's score interval (1927), which holds for few trials and where all or none succeed:
/// (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = k/n, z = 1.96.
package struct Proportion: Equatable, Sendable {
  package let successes: Int
  package let trials: Int

  package init(_ successes: Int, of trials: Int) {
    precondition(successes >= 0 && successes <= trials, "no more successes than trials")
    (self.successes, self.trials) = (successes, trials)
  }

  /// 0 without trials.
  package var share: Double { trials == 0 ? 0 : Double(successes) / Double(trials) }

  /// 0...1 without trials: anything is possible.
  package var interval: ClosedRange<Double> {
    guard trials > 0 else { return 0...1 }
    let (n, z) = (Double(trials), 1.959964)
    let middle = share + z * z / (2 * n)
    let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    // Where none or all succeed one end is that share itself, and rounding must not move it.
    let low = successes == 0 ? 0 : (middle - half) / scale
    let high = successes == trials ? 1 : (middle + half) / scale
    return low...high
  }

  package var label: String { "\(successes) of \(trials)" }

  /// `2 of 3 (21–94 %)`
  package var labelWithInterval: String {
    let ends = [interval.lowerBound, interval.upperBound].map {
      NumberFormat.fixed(100 * $0, decimals: 0)
    }
    return "\(label) (\(ends[0])–\(ends[1]) %)"
  }
}
