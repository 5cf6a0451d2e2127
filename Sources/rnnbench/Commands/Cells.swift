import ArgumentParser
import RNNCore
import RNNReport

/// The cells that --cell and --cells name.
struct Cells: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the cells with their options and equations.",
    discussion: """
      A cell is written with its options behind a colon, joined by +, such as \
      lstm:peephole+forget-bias=1.
      """)

  func run() throws {
    for usage in CellKind.usage {
      StandardOutput.print(usage)
      let name = String(usage.prefix { $0 != "[" && $0 != ":" })
      Terminal.print("  " + (try CellKind(name).equations))
    }
    StandardOutput.print("bi-CELL")
    Terminal.print("  any of them in both directions, such as bi-lstm")
    StandardOutput.print("feedforward")
    Terminal.print("  no recurrence: a window of inputs into hidden units, the baseline")
  }
}
