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

    /// What they count when grids are compared.
    fileprivate var weight: Double { grid.units > 1 ? 1.03 * total : total }

    init(_ grid: UnrollGrid, _ work: UnrollWork, _ rates: CoreRates) {
      self.grid = grid
      cost = UnrollCost(work, grid, rates)
      total = Double(work.steps) * cost.total + (grid.count > 1 ? UnrollSchedule.joining : 0)
    }
  }

  /// The chosen one.
  package var best: Candidate
  /// All that were considered, one thread first.
  package var candidates: [Candidate]

  /// Nanoseconds for threads that are awake to begin a region and end it.
  private static let joining = 1000.0

  /// - Parameters:
  ///   - work: of the loop.
  ///   - threads: that there are.
  package init(_ work: UnrollWork, threads: Int, rates: CoreRates = .current) {
    var candidates: [Candidate] = []
    UnrollSchedule.forEachCandidate(work, threads, rates) { candidate in
      if !candidates.contains(where: { $0.grid == candidate.grid }) {
        candidates.append(candidate)
      }
    }
    self.candidates = candidates
    best = candidates.reduce(candidates[0]) { $1.weight < $0.weight ? $1 : $0 }
  }

  /// The best of a loop's grids alone, and the nanoseconds that it saves over one thread. Allocates
  /// nothing.
  static func choose(
    _ work: UnrollWork, threads: Int, rates: CoreRates = .current
  ) -> (best: Candidate, gain: Double) {
    let alone = Candidate(.alone, work, rates)
    var best = alone
    forEachCandidate(work, threads, rates) { if $0.weight < best.weight { best = $0 } }
    return (best, alone.total - best.total)
  }

  /// One thread, and all threads with 1, 2, 4, … of them, or all, a half, a quarter, … of all,
  /// dividing the units. Some come twice.
  private static func forEachCandidate(
    _ work: UnrollWork, _ threads: Int, _ rates: CoreRates, _ body: (Candidate) -> Void
  ) {
    func consider(units: Int) {
      guard units <= work.mostUnitParts else { return }
      let grid = UnrollGrid(rows: min(threads / units, work.sequences), units: units)
      body(Candidate(grid, work, rates))
    }
    body(Candidate(.alone, work, rates))
    var power = 1
    while power <= threads {
      consider(units: power)
      consider(units: threads / power)
      power *= 2
    }
  }
}
