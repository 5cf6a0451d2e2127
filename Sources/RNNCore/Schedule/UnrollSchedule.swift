/// Which grid of threads takes a time loop: the one whose steps cost least by ``UnrollCost``.
///
/// Three rules of thumb come out of it:
///
/// 1. weights of a thread stay in its own cache, where dividing the units can make them so small;
/// 2. a thread has four rows or more, below which it waits for the weights;
/// 3. as few threads as possible wait for each other.
///
/// So threads divide the sequences; and the units where weights are larger than a cache or
/// sequences few, and where that gains some percent: threads that never wait for each other lose
/// less when one is held up. What a pass takes depends on sizes and the machine, never on values;
/// its bits depend on neither.
package struct UnrollSchedule: Sendable, Hashable {
  /// A grid and what it costs.
  package struct Candidate: Sendable, Hashable {
    package var grid: UnrollGrid
    /// Of one step.
    package var cost: UnrollCost
    /// Nanoseconds of all steps, with the time in which the threads come together.
    package var total: Double

    /// Nanoseconds by which grids are compared: where units are divided some percent more, since on
    /// a shared machine threads may hear of each other five times as late for minutes.
    fileprivate var weight: Double { grid.units > 1 ? 1.04 * total : total }

    init(_ grid: UnrollGrid, _ work: UnrollWork, _ rates: CoreRates) {
      self.grid = grid
      cost = UnrollCost(work, grid, rates)
      total = Double(work.steps) * cost.total + (grid.count > 1 ? UnrollSchedule.joining : 0)
    }
  }

  /// The chosen one.
  package let best: Candidate
  /// All that were considered, one thread first.
  package let candidates: [Candidate]

  /// Nanoseconds for threads that are awake to begin a region and end it.
  private static let joining = 1000.0

  /// - Parameters:
  ///   - work: of the loop.
  ///   - threads: that there are.
  package init(_ work: UnrollWork, threads: Int, rates: CoreRates = .current) {
    var candidates = [Candidate(.alone, work, rates)]
    for turn in 0..<UnrollSchedule.turns(threads) {
      guard let grid = UnrollSchedule.grid(turn, work, threads) else { continue }
      if candidates.contains(where: { $0.grid == grid }) { continue }
      candidates.append(Candidate(grid, work, rates))
    }
    self.candidates = candidates
    best = UnrollSchedule.choose(work, threads: threads, rates: rates).best
  }

  /// The best of a loop's grids alone, and the nanoseconds that it saves over one thread. Allocates
  /// nothing: passes ask for every stretch.
  static func choose(
    _ work: UnrollWork, threads: Int, rates: CoreRates = .current
  ) -> (best: Candidate, gain: Double) {
    let alone = Candidate(.alone, work, rates)
    var best = alone
    for turn in 0..<turns(threads) {
      guard let grid = grid(turn, work, threads) else { continue }
      let candidate = Candidate(grid, work, rates)
      if candidate.weight < best.weight { best = candidate }
    }
    return (best, alone.total - best.total)
  }

  /// How many grids of several threads there are to look at: two for each power of two.
  private static func turns(_ threads: Int) -> Int {
    threads > 1 ? 2 * (Int.bitWidth - threads.leadingZeroBitCount) : 0
  }

  /// All threads with 1, 2, 4, … of them, or all, a half, a quarter, … of all, dividing the units;
  /// some come twice. Nil where units are too few.
  private static func grid(_ turn: Int, _ work: UnrollWork, _ threads: Int) -> UnrollGrid? {
    let power = 1 << (turn / 2)
    let units = turn % 2 == 0 ? power : threads / power
    guard units <= work.loop.mostUnitParts else { return nil }
    return UnrollGrid(rows: min(threads / units, work.sequences), units: units)
  }
}
