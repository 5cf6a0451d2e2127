/// What a step of a time loop costs one thread of a grid, in nanoseconds, by a model of five terms.
///
/// A thread has r rows and a part of the units, whose weights take W bytes.
///
///     multiplying   2 · r · weights / rate(r)             from its own cache
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
  package var multiplying: Double
  package var reading: Double
  package var gates: Double
  package var exchanging: Double
  package var meeting: Double

  /// What does not overlap of the smaller of the first two.
  package var exposed: Double

  /// Of the whole step.
  package var total: Double {
    max(multiplying, reading) + exposed * min(multiplying, reading) + gates + exchanging + meeting
  }

  package init(_ work: UnrollWork, _ grid: UnrollGrid, _ rates: CoreRates) {
    let (rows, units) = work.share(of: grid)
    let weights = Double(work.weights) * units
    multiplying = 2 * Double(rows) * weights / rates.gflops(rows: rows)
    reading = max(0, 4 * weights - rates.keptBytes) / rates.outerRate
    exposed = rates.exposed
    let isForward = work.direction == .forward
    // Measured: 1.6 ns a unit of an LSTM forward, 0.75 backward, and GRU's alike by its gates.
    gates = Double(rows) * Double(work.gateColumns) * units * (isForward ? 0.4 : 0.19)
    (exchanging, meeting) = (0, 0)
    guard grid.units > 1 else { return }
    let columns = isForward ? work.hidden * work.products : work.gateColumns
    let others = 1 - 1 / Double(grid.units)
    exchanging = Double(4 * rows * columns) * others / rates.exchangeRate
    let rounds = Double((1...10).first { 1 << $0 >= grid.units } ?? 10)
    meeting = Double(work.products) * rates.meeting * rounds
  }
}
