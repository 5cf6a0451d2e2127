import ArgumentParser
import Foundation
import RNNCore
import RNNTasks

extension DataTaskKind: ExpressibleByArgument {}
extension TextUnit: ExpressibleByArgument {}

/// Where data lie and how they are read. What is not given comes from the kind of task.
struct DataOptionGroup: ParsableArguments {
  @OptionGroup var place: DataPlaceOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What a token is: character or word (lm, classify).", valueName: "unit"))
  var unit: TextUnit?
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

  var url: URL { place.url }

  /// Puts what was given in its place.
  func apply(to options: inout DataOptions) throws {
    try place.apply(to: &options)
    if let unit { options.unit = unit }
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

  /// The options that were given, by name.
  var given: [String] {
    let options: [(String, Bool)] = [
      ("--unit", unit != nil), ("--minimum-count", minimumCount != nil),
      ("--word-dropout", wordDropout != nil),
      ("--lowercase", lowercase), ("--digits", digits), ("--steps", steps != nil),
      ("--validation-share", validationShare != nil), ("--test-share", testShare != nil),
      ("--most-steps", mostSteps != nil), ("--chunk", chunk != nil),
      ("--group-lengths", groupLengths),
    ]
    return place.given + options.filter(\.1).map(\.0)
  }
}
