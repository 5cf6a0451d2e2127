import RNNCore

/// How the gradient norm moved over a run: quantiles of equal stretches of it. Keeps the norms of
/// the current stretch only.
struct NormHistory: Codable, Sendable {
  /// One stretch.
  struct Stretch: Codable, Sendable, Equatable {
    /// Updates made when it ended.
    var updates: Int
    /// Quantiles of the norms before clipping; not a number when none was finite.
    var low = Double.nan
    var median = Double.nan
    var high = Double.nan
    /// Of the steps with a finite gradient.
    var clippedShare = Double.nan
    var nonFiniteSteps = 0
  }

  /// Stretches of a run that uses up its budget.
  static let stretchCount = 40
  /// The levels of `low` and `high`.
  static let band = (low: 0.1, high: 0.9)

  private(set) var stretches: [Stretch] = []
  private var norms: [Double] = []
  private var clippedSteps = 0
  private var nonFiniteSteps = 0
  private var updates = 0
  private var current = 0

  /// - Parameter done: the share of the run's budget that was used up before the step, in 0..<1.
  mutating func add(_ report: StepReport, done: Double) {
    let stretch = min(Self.stretchCount - 1, max(0, Int(done * Double(Self.stretchCount))))
    if stretch != current { finish() }
    current = stretch
    updates += 1
    guard let clip = report.clip else {
      nonFiniteSteps += 1
      return
    }
    norms.append(clip.norm)
    if clip.isClipped { clippedSteps += 1 }
  }

  /// Closes the last stretch.
  mutating func finish() {
    guard !norms.isEmpty || nonFiniteSteps > 0 else { return }
    var stretch = Stretch(updates: updates, nonFiniteSteps: nonFiniteSteps)
    if !norms.isEmpty {
      norms.sort()
      stretch.low = norms.sortedQuantile(Self.band.low)
      stretch.median = norms.sortedQuantile(0.5)
      stretch.high = norms.sortedQuantile(Self.band.high)
      stretch.clippedShare = Double(clippedSteps) / Double(norms.count)
    }
    stretches.append(stretch)
    norms.removeAll(keepingCapacity: true)
    (clippedSteps, nonFiniteSteps) = (0, 0)
  }
}
