import ArgumentParser

/// The adding problem of Le, Jaitly and Hinton (2015).
struct ReproduceIRNN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "irnn",
    abstract: "The adding problem with an identity start (Le, Jaitly and Hinton 2015).",
    discussion: """
      rnnbench reproduce irnn
      rnnbench reproduce irnn --lengths 150,200,300,400 --report irnn.html
      """)

  @OptionGroup var options: AddingOptions

  func run() throws { try options.run(.irnn()) }
}
