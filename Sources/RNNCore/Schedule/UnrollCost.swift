/// What a step of a time loop costs one thread of a grid, in nanoseconds, by a model of five terms.
///
/// A thread has r rows and a part of the units, whose weights take W bytes.
///
///     multiplying   2 · r · weights / rate(r, vectors)    from its own cache, tile by tile
///     reading       (W − kept) / outer rate               what its cache does not keep of W
///     gates         r · units · time of a unit
///     exchanging    bytes that others wrote / rate        where units are divided: states on the
///                                                         way forward, gradients of gates back
///     meeting       time of a barrier · log₂(threads)
///
/// Multiplying and reading overlap but for a part of the smaller of both. On an Intel Xeon of 2
/// cores the model is within a quarter of what was measured at 19 shapes of B 1 to 32 and H 64 to
/// 1,024, and takes the faster grid in all of them.
package struct UnrollCost: Sendable, Hashable {
  package let multiplying: Double
  package let reading: Double
  package let gates: Double
  package let exchanging: Double
  package let meeting: Double
  /// Of the whole step.
  package let total: Double

  package init(_ work: UnrollWork, _ grid: UnrollGrid, _ rates: CoreRates) {
    let (loop, (rows, units)) = (work.loop, work.share(of: grid))
    let (isForward, weights) = (work.side == .forward, Double(loop.weights) * units)
    let rate = rates.gflops(rows: rows, vectors: isForward ? loop.panelVectors : 4)
    multiplying = 2 * Double(rows) * weights / rate
    reading = max(0, 4 * weights - rates.keptBytes) / rates.outerRate
    // Measured: 1.6 ns a unit of an LSTM forward, 0.75 backward, and GRU's alike by its gates.
    gates = Double(rows) * Double(loop.gateColumns) * units * (isForward ? 0.4 : 0.19)
    if grid.units > 1 {
      let columns = isForward ? loop.hidden * loop.products : loop.gateColumns
      let others = 1 - 1 / Double(grid.units)
      let rounds = Int.bitWidth - (grid.units - 1).leadingZeroBitCount
      exchanging = Double(4 * rows * columns) * others / rates.exchangeRate
      meeting = Double(loop.products * rounds) * rates.meeting
    } else {
      (exchanging, meeting) = (0, 0)
    }
    total =
      max(multiplying, reading) + rates.exposed * min(multiplying, reading) + gates + exchanging
      + meeting
  }
}
