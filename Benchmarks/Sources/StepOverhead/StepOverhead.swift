import Foundation
import RNNCore

/// Measures how much longer a training step takes than its matrix products alone.
@main
enum StepOverhead {
  /// The step may take this many times what its products take.
  static let limit = 1.2

  static let shapes = [
    Shape(cell: .lstm(), gates: 4), Shape(cell: .gru(), gates: 3),
    Shape(cell: .elman(.tanh), gates: 1),
  ]

  static func main() throws {
    guard let options = Options(CommandLine.arguments.dropFirst()) else {
      FileHandle.standardError.write(Data((Options.usage + "\n").utf8))
      exit(2)
    }
    printHeader(options)
    var isWithinLimit = true
    for threads in [1, 2] {
      for shape in shapes {
        let (step, products) = try measure(shape, threads: threads, rounds: options.rounds)
        printRow(shape, threads, step, products)
        isWithinLimit = isWithinLimit && step.median <= limit * products.median
      }
    }
    if options.check, !isWithinLimit { exit(1) }
  }

  /// Both sides in turn, the one that begins changing from round to round; the first round warms
  /// up.
  private static func measure(
    _ shape: Shape, threads: Int, rounds: Int
  ) throws -> (step: Timings, products: Timings) {
    let training = try TrainingStep(shape, threads: threads)
    let calls = MatrixProducts(shape, threads: threads)
    try training.run()
    calls.run()
    var (step, products) = (Timings(), Timings())
    for round in 0..<rounds {
      if round.isMultiple(of: 2) {
        try step.measure(training.run)
        products.measure(calls.run)
      } else {
        products.measure(calls.run)
        try step.measure(training.run)
      }
    }
    return (step, products)
  }

  // MARK: Table

  private static func printHeader(_ options: Options) {
    let shape = shapes[0]
    // A team makes RNNCore settle OpenBLAS before its core is asked for.
    _ = ThreadTeam.shared
    print(
      """
      Training step against its sgemm calls alone
      B \(shape.sequences), T \(shape.steps), I \(shape.input), H \(shape.hidden); \
      \(options.rounds) rounds in turn; times in ms, spread is the middle half over the median
      OpenBLAS core \(blasCore()), kernels \(InstructionSet.current.rawValue), \
      \(ProcessInfo.processInfo.activeProcessorCount) cores; limit \(limit) x

                     ------- step --------   ---- sgemm alone ----
      cell  threads  median    min  spread   median    min  spread   GF/s  ratio
      """)
  }

  private static func printRow(
    _ shape: Shape, _ threads: Int, _ step: Timings, _ products: Timings
  ) {
    let name = "\(shape.cell)".padding(toLength: 5, withPad: " ", startingAt: 0)
    let ratio = step.median / products.median
    let row = String(
      format: "%8d %7.1f %6.1f %6.0f%%  %7.1f %6.1f %6.0f%%  %5.0f  %5.2f", threads, step.median,
      step.minimum, 100 * step.spread, products.median, products.minimum, 100 * products.spread,
      shape.flops / step.median / 1e6, ratio)
    print(name + row + (ratio <= limit ? "" : "  above the limit"))
  }
}
