import ArgumentParser

/// A language model of characters beside PyTorch's.
struct ReproduceCharacters: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chars",
    abstract: "A language model of characters, beside PyTorch's losses.",
    discussion: """
      --data is a text: the published numbers are those of tinyshakespeare.

      rnnbench reproduce chars --data input.txt --report chars.html
      rnnbench reproduce chars --data input.txt --seeds 1 --epochs 3
      """)

  @OptionGroup var options: DataExperimentOptions

  func run() throws { try options.run(.characters()) }
}
