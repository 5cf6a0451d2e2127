import ArgumentParser
import Foundation
import RNNCore
import RNNTasks

extension DataTaskKind: ExpressibleByArgument {}
extension TextUnit: ExpressibleByArgument {}

/// Where data lie and how they are read. What is not given comes from the kind of task.
struct DataOptionGroup: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      tag: a folder with train, valid, test (each with seq.in, seq.out and perhaps label, or column files). \
      lm: a text, or a folder with train, valid, test. classify: a folder of classes or of .ts files, or a file of \
      LABEL<TAB>TEXT lines. music: a piano roll as JSON.
      """,
      valueName: "path"))
  var data: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What a token is: character or word (lm, classify).", valueName: "unit"))
  var unit: TextUnit?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Columns of words and tags in column files, from 1 or, negative, from the end: 1,-1 (tag).",
      valueName: "words,tags"))
  var columns: String?
  @Flag(help: "Lines of column files that start with # are comments (tag).") var comments = false
  @Option(parsing: .unconditional, help: "A word seen less often in training is unknown.")
  var minimumCount: Int?
  @Option(
    parsing: .unconditional, help: "Share of words shown as unknown in training (tag, classify).")
  var wordDropout: Float?
  @Flag(help: "Ignore case.") var lowercase = false
  @Flag(help: "Take all digits for one symbol (words).") var digits = false
  @Option(parsing: .unconditional, help: "Time steps of a training batch (lm).") var steps: Int?
  @Option(
    parsing: .unconditional,
    help: "Share set aside for validation where there is no such part (classify).")
  var validationShare: Double?
  @Option(
    parsing: .unconditional,
    help: "Share set aside for test where there is no such part (classify)."
  )
  var testShare: Double?
  @Option(
    name: .customLong("most-steps"), parsing: .unconditional,
    help: "Cut longer sequences (classify).")
  var mostSteps: Int?
  @Option(
    parsing: .unconditional, help: "Cut training pieces into stretches of that many steps (music).")
  var chunk: Int?
  @Flag(help: "Batches hold sequences of similar length (not lm).") var groupLengths = false

  var url: URL { URL(fileURLWithPath: data) }

  /// Puts what was given in its place.
  func apply(to options: inout DataOptions) throws {
    if let unit { options.unit = unit }
    if let columns { (options.tokenColumn, options.tagColumn) = try Self.columns(columns) }
    if comments { options.skipsComments = true }
    if let minimumCount { options.minimumCount = minimumCount }
    if let wordDropout { options.wordDropout = wordDropout }
    if lowercase { options.lowercase = true }
    if digits { options.digits = true }
    if let steps { options.steps = steps }
    if let validationShare { options.validationShare = validationShare }
    if let testShare { options.testShare = testShare }
    if let mostSteps { options.mostSteps = mostSteps }
    if let chunk { options.chunk = chunk }
    if groupLengths { options.groupsByLength = true }
  }

  private static func columns(_ text: String) throws(RNNError) -> (Int, Int) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let words = numbers[0], let tags = numbers[1] else {
      throw RNNError(
        .format, "--columns", expected: "two numbers joined by a comma, such as 1,-1",
        found: "'\(text)'")
    }
    return (words, tags)
  }
}
