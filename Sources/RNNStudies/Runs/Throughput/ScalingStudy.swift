import CLibrary
import RNNCore
import RNNReport

/// How the cost of a pass grows with one size at a time, around B 32, T 100, I = H = 256, one
/// layer.
package struct ScalingStudy {
  /// The size that varies.
  enum Sweep: String, CaseIterable, Sendable {
    case steps, batch, hidden, threads

    /// The size's letter, or its name.
    var symbol: String {
      switch self {
      case .steps: "T"
      case .batch: "B"
      case .hidden: "H = I"
      case .threads: "threads"
      }
    }

    /// The exponent that counting operations gives: the products are quadratic in H = I.
    var expectedExponent: Double {
      switch self {
      case .steps, .batch: 1
      case .hidden: 2
      case .threads: -1
      }
    }

    func values(cores: Int) -> [Int] {
      switch self {
      case .steps: Self.doubling(from: 25, to: 800)
      case .batch: Self.doubling(from: 8, to: 256)
      case .hidden: Self.doubling(from: 32, to: 1024)
      // Each number of a small machine; on a large one the doublings.
      case .threads:
        cores <= 8
          ? Array(1...max(1, cores)) : Set(Self.doubling(from: 1, to: cores) + [cores]).sorted()
      }
    }

    private static func doubling(from low: Int, to high: Int) -> [Int] {
      Array(sequence(first: low) { 2 * $0 <= high ? 2 * $0 : nil })
    }

    func item(
      _ value: Int, cell: CellKind, pass: ThroughputPass, threads: Int
    ) -> ThroughputItem {
      var shape = BenchmarkShape(batch: 32, steps: 100, input: 256, hidden: 256)
      switch self {
      case .steps: shape.steps = value
      case .batch: shape.batch = value
      case .hidden: (shape.input, shape.hidden) = (value, value)
      case .threads: break
      }
      shape.name = self == .threads ? "threads \(value)" : shape.sizes
      return ThroughputItem(
        shape: shape, cell: cell, pass: pass, threads: self == .threads ? value : threads)
    }

    func value(of result: ThroughputResult) -> Int {
      switch self {
      case .steps: result.shape.steps
      case .batch: result.shape.batch
      case .hidden: result.shape.hidden
      case .threads: result.threads
      }
    }
  }

  /// One line of a figure: a cell and a pass over one sweep.
  package struct Curve: Sendable {
    var sweep: Sweep
    var cell: CellKind
    var pass: ThroughputPass
    var results: [ThroughputResult]
  }

  package let cells: [CellKind]
  package let passes: [ThroughputPass]
  package let threads: Int
  private(set) var curves: [Curve]

  /// - Parameter curves: what is measured already.
  package init(cells: [CellKind], passes: [ThroughputPass], threads: Int, curves: [Curve] = []) {
    self.cells = cells
    self.passes = passes
    self.threads = threads
    self.curves = curves
  }

  package var results: [ThroughputResult] { curves.flatMap(\.results) }

  package mutating func run(
    _ runner: inout ThroughputRunner, cores: Int, progress: ProgressReporter
  ) throws {
    for sweep in Sweep.allCases {
      for cell in cells {
        for pass in passes {
          let items = sweep.values(cores: cores).map {
            sweep.item($0, cell: cell, pass: pass, threads: threads)
          }
          let phase = "\(cell), \(pass.rawValue) against \(sweep.symbol)"
          curves.append(
            Curve(
              sweep: sweep, cell: cell, pass: pass,
              results: try runner.measure(items, phase: phase, progress: progress)))
        }
      }
    }
  }
}

extension ScalingStudy.Curve {
  package var points: [(x: Double, y: Double)] {
    results.map { (Double(sweep.value(of: $0)), $0.times.median) }
  }

  /// The slope of the straight line through all points in log-log; nil for a single point.
  var exponent: Double? { powerLawExponent(points) }

  /// The slope between the last two points, where the fixed costs of a pass weigh least.
  var lastExponent: Double? { powerLawExponent(points.suffix(2)) }
}

/// p of y = c·xᵖ by least squares in log x and log y; nil where fewer than two x differ.
func powerLawExponent(_ points: [(x: Double, y: Double)]) -> Double? {
  let logs = points.map { (x: log($0.x), y: log($0.y)) }
  let count = Double(logs.count)
  let meanX = logs.reduce(0) { $0 + $1.x } / count
  let meanY = logs.reduce(0) { $0 + $1.y } / count
  let squares = logs.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
  guard squares > 0 else { return nil }
  return logs.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / squares
}
