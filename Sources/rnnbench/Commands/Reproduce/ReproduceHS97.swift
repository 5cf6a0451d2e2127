import ArgumentParser

/// The adding problem of Hochreiter and Schmidhuber (1997).
struct ReproduceHS97: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hs97",
    abstract: "The adding problem of the first LSTM (Hochreiter and Schmidhuber 1997).",
    discussion: """
      rnnbench reproduce hs97
      rnnbench reproduce hs97 --lengths 100,500,1000 --report hs97.html
      """)

  @OptionGroup var options: AddingOptions

  func run() throws { try options.run(.hs97()) }
}
