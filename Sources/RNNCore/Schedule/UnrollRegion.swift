/// How a team takes a stretch of steps: the one place that decides it.
struct UnrollRegion: Sendable {
  /// Parts of the sequences, which any thread takes one by one; or a thread for each place, where
  /// units are divided.
  var grid: UnrollGrid
  /// The nanoseconds that the grid saves over one thread, which is how long to wait for threads to
  /// come; nil to wait as long as it takes.
  var gain: Int?
  /// The nanoseconds of two steps: who waits longer for another was held up.
  var pace = 0
  /// Whether each share takes its rows and columns of other products as well, so that it has
  /// written itself what it reads in the loop: where no thread then has much more to do than
  /// another, and borders between units are borders between vectors in all gates.
  var takesProducts: Bool

  init(_ work: UnrollWork, _ team: ThreadTeam) {
    (grid, gain, takesProducts) = (.alone, nil, false)
    if team.products == .openBLAS {
      // Borders that the batch alone decides: OpenBLAS rounds by the shape of what it is given.
      if work.isShort { return }
      let parts = ProductParts(ofSequences: work.sequences, weights: work.loop.weights)
      grid = UnrollGrid(rows: parts.count, units: 1)
      return
    }
    if let forced = team.forcedGrid {
      grid = work.fitting(forced)
      pace = Int(2 * UnrollCost(work, grid, .current).total)
    } else if !work.isShort {
      let (best, gain) = UnrollSchedule.choose(work, threads: team.shares)
      (grid, self.gain, pace) = (best.grid, Int(gain), Int(2 * best.cost.total))
    }
    takesProducts =
      work.isEven(grid, threads: team.shares)
      && (grid.units == 1 || work.loop.hidden % StepShare.unitGrain == 0)
  }
}
