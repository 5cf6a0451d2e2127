import RNNCore

/// One measurement: a shape with a cell, a pass, a number of threads and what multiplies.
package struct ThroughputResult: Sendable {
  package var shape: BenchmarkShape
  package var cell: CellKind
  package var pass: ThroughputPass
  package var threads: Int
  package var products: ProductBackend
  /// Real tokens of the batch.
  package var tokens: Int
  var times: PassTimes
  /// GFLOP/s of sgemm with these threads.
  package var peak: Double
  /// Of the engine after its first pass.
  var bytesAllocated: Int

  /// Of the median pass.
  package var gflops: Double {
    1e-9 * ProductFlops(shape, cell: cell).perToken(pass) * Double(tokens) / times.median
  }

  var peakShare: Double { gflops / peak }
  var tokensPerSecond: Double { Double(tokens) / times.median }
}

/// The seconds of single passes.
struct PassTimes: Sendable {
  private let sorted: [Double]

  /// - Parameter seconds: at least one.
  init(_ seconds: [Double]) {
    precondition(!seconds.isEmpty, "a median needs a time")
    sorted = seconds.sorted()
  }

  var count: Int { sorted.count }
  var minimum: Double { sorted[0] }
  var median: Double { sorted.sortedQuantile(0.5) }
  /// The middle half of all times over their median.
  var spread: Double { (sorted.sortedQuantile(0.75) - sorted.sortedQuantile(0.25)) / median }
}
