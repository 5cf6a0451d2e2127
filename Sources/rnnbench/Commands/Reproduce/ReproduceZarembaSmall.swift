import ArgumentParser
import RNNStudies

/// The small word model of Zaremba, Sutskever and Vinyals (2014).
struct ReproduceZarembaSmall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zaremba-small",
    abstract: "A language model of words, 2x200 without dropout (Zaremba et al. 2014).",
    discussion: """
      --data is a folder with train, valid and test (train.txt or ptb.train.txt, ...). The \
      published numbers are those of the Penn Treebank, whose rare words are <unk> already; for \
      other texts take --minimum-count 2.

      rnnbench reproduce zaremba-small --data DIR
      rnnbench reproduce zaremba-small --data DIR --minimum-count 2 --tied
      """)

  @OptionGroup var options: DataExperimentOptions
  @Option(parsing: .unconditional, help: "A word seen less often in training is unknown.")
  var minimumCount = 1
  @Flag(help: "Use the table of embeddings as the readout, which the paper does not.")
  var tied = false

  func run() throws {
    try SettingRange.count(from: 1).check(minimumCount, "--minimum-count")
    try options.run(.zarembaSmall(isTied: tied, minimumCount: minimumCount))
  }
}
