import RNNCore
import RNNReport

/// One thing to measure, with each of what multiplies in turn.
struct ThroughputItem: Sendable {
  var shape: BenchmarkShape
  var cell: CellKind
  var pass: ThroughputPass
  var threads: Int
  var products: [ProductBackend] = [.standard]
}

/// Every shape with its cells, passes and numbers of threads: what `throughput` measures.
package struct ThroughputStudy {
  /// Where the shapes are from, as in "preset table".
  package let source: String
  let items: [ThroughputItem]
  package private(set) var results: [ThroughputResult] = []

  /// - Parameter cells: those of shapes that name none.
  package init(
    source: String, shapes: [BenchmarkShape], cells: [CellKind], passes: [ThroughputPass],
    threads: [Int], products: [ProductBackend] = [.standard]
  ) {
    self.source = source
    items = shapes.flatMap { shape in
      (shape.cell.map { [$0] } ?? cells).flatMap { cell in
        threads.flatMap { threads in
          passes.map {
            ThroughputItem(
              shape: shape, cell: cell, pass: $0, threads: threads, products: products)
          }
        }
      }
    }
  }

  /// Throws ``RNNError/Kind/memory`` for a shape that the process has no memory for, before the
  /// first one is measured.
  package func checkMemory() throws(RNNError) {
    let limit = MemoryLimit.current()
    for item in items {
      let bytes = item.shape.estimatedBytes(item.cell)
      var need = MemoryNeed()
      need.add(
        "a training step",
        bytes: Amount(bytes < 0x1p62 ? Int(bytes) : .max) * item.products.count)
      try need.check(within: limit, argument: "shape \(item.shape.name), \(item.cell)")
    }
  }

  /// Throws for shapes that cannot be streamed: a second direction would begin at the end, and
  /// sequences that have ended would go on.
  package func checkStreams() throws(RNNError) {
    let bad = items.first {
      $0.pass == .stream && ($0.shape.isBidirectional || $0.shape.lengths != nil)
    }
    guard let bad else { return }
    throw RNNError(
      .unsupported, "--passes",
      expected: "shapes in one direction and of one length for stream", found: bad.shape.name)
  }

  package mutating func run(_ runner: inout ThroughputRunner, progress: ProgressReporter) throws {
    results = try runner.measure(items, phase: "throughput", progress: progress)
  }
}

extension ThroughputRunner {
  mutating func measure(
    _ items: [ThroughputItem], phase: String, progress: ProgressReporter
  ) throws -> [ThroughputResult] {
    progress.begin(phase, total: items.count)
    defer { progress.finish() }
    return try items.enumerated().flatMap { index, item in
      let note = "\(item.cell) \(item.shape.name) \(item.pass.rawValue)"
      return try measure(item) { progress.update(index, note: note) }
    }
  }
}
