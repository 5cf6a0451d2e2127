import ArgumentParser

/// Slot filling on ATIS.
struct ReproduceATIS: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "atis",
    abstract: "Slot filling on ATIS (Mesnil et al. 2013; Goo et al. 2018).",
    discussion: """
      Elman, Jordan and their hybrid with Mesnil's settings, and today's recipes with Adam. --data \
      is a folder with train, valid and test, each with seq.in, seq.out and label.

      rnnbench reproduce atis --data DIR
      rnnbench reproduce atis --data DIR --seeds 1 --epochs 2
      """)

  @OptionGroup var options: DataExperimentOptions

  func run() throws { try options.run(.atis()) }
}
