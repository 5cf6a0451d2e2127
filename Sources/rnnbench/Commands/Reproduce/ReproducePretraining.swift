import ArgumentParser

/// A classifier that begins with an auto-encoder.
struct ReproducePretraining: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretraining",
    abstract:
      "A text classifier from random weights and from a sequence auto-encoder (Dai and Le 2015).",
    discussion: """
      --data holds texts with classes, as train classify reads them.

      rnnbench reproduce pretraining --data DIR
      rnnbench reproduce pretraining --data DIR --seeds 5 --report pretraining.html
      """)

  @OptionGroup var options: DataExperimentOptions

  func run() throws { try options.run(.pretraining()) }
}
