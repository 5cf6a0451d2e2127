import ArgumentParser
import RNNCore
import RNNReport

/// The cells that --cell and --cells name.
struct Cells: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the cells with their options and equations.",
    discussion: """
      A cell is written with its options behind a colon, joined by +, such as lstm:peephole+forget-bias=1; bi-CELL reads \
      both ways, feedforward is the network without a memory.
      """)

  func run() throws {
    for usage in CellKind.usage { print(usage) }
    print("bi-CELL: any of them in both directions")
    print("feedforward: no recurrence")
  }
}
