import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNStudies
import RNNTasks

extension TransductionKind: ExpressibleByArgument {}

/// Encoder-decoders with and without attention.
struct ReproduceAttention: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract:
      """
      Quality by source length, with and without attention (Bahdanau et al. 2015; Sutskever et al. \
      2014).
      """,
    discussion: """
      Generated pairs, or sentences and their translations in --data.

      rnnbench reproduce attention
      rnnbench reproduce attention --problem reverse --seeds 1
      rnnbench reproduce attention --data DIR --languages de,en --report attention.html
      """)

  @Option(
    parsing: .unconditional,
    help: "What is generated: copy, reverse, sort, scan or dates (default: copy, without --data).")
  var problem: TransductionKind?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("A folder with train.de, train.en, val.de, …", valueName: "path"))
  var data: InputPath?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "From which language into which, such as de,en (default: the two there are).",
      valueName: "from,into"))
  var languages: String?
  @OptionGroup var repetition: RepetitionOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    if problem != nil, data != nil {
      throw RNNError(
        .unsupported, "--problem", expected: "generated pairs", found: "--data as well")
    }
    if languages != nil, data == nil {
      throw RNNError(.unsupported, "--languages", expected: "--data", found: "none")
    }
    let experiment = DataExperiment.attention(
      problem: data == nil ? problem ?? .copy : nil, languages: languages)
    try experiment.reproduce(
      data: data.map { URL(place: $0.path) }, repetition, output,
      files: CommandFiles(of: self).results)
  }
}
