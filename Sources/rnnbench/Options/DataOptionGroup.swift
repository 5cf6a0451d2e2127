import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNTasks

extension TaskName: ExpressibleByArgument {
  /// Reads the name of a task that ``Train`` can learn.
  public init?(argument: String) {
    guard let task = try? TaskName(named: argument, among: Self.learned) else { return nil }
    self = task
  }

  public static var allValueStrings: [String] { learned.map(\.rawValue) }
}
extension TextUnit: ExpressibleByArgument {}
extension TransductionKind: ExpressibleByArgument {}
extension ParserSource: ExpressibleByArgument {}

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
    parsing: .unconditional,
    help: "Share of words (transduce: tokens) shown as unknown in training (not lm, music).")
  var wordDropout: Float?
  @Flag(help: "Ignore case.") var lowercase = false
  @Flag(help: "Take all digits for one symbol (words).") var digits = false
  @Option(parsing: .unconditional, help: "Time steps of a training batch (lm).") var steps: Int?
  @Option(
    parsing: .unconditional,
    help: "Share set aside for validation where there is no such part (classify, autoencode, vqa).")
  var validationShare: Double?
  @Option(
    parsing: .unconditional,
    help: "Share set aside for test where there is no such part (classify, autoencode)."
  )
  var testShare: Double?
  @Option(
    name: .customLong("most-steps"), parsing: .unconditional,
    help: "Cut longer sequences (classify).")
  var mostSteps: Int?
  @Option(
    parsing: .unconditional, help: "Cut training pieces into stretches of that many steps (music).")
  var chunk: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "From which language into which, by the files' endings, such as de,en (translate).",
      valueName: "from,into"))
  var languages: String?
  @Option(
    parsing: .unconditional,
    help: "Leave out longer texts in training (translate, autoencode, parse).")
  var mostWords: Int?
  @Option(
    parsing: .unconditional,
    help:
      "What is read: words, rare-tags (parts of speech, written /NN, for unknown words) or tags (parse; default: rare-tags)."
  )
  var parserSource: ParserSource?
  @Flag(
    inversion: .prefixedNo, help: "Write words with their parts of speech (parse; default: yes).")
  var writeTags: Bool?
  @Option(
    parsing: .unconditional, help: "copy, reverse, sort, scan or dates (transduce).")
  var problem: TransductionKind?
  @Option(parsing: .unconditional, help: "Training pairs to generate (transduce).") var pairs: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Lengths of generated sources, such as 5-20 (transduce).", valueName: "n-m"))
  var lengths: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Side of the patches that images are cut into (vqa).",
      valueName: "pixels"))
  var patch: Int?
  @Flag(help: "Batches hold sequences of similar length (not lm).") var groupLengths = false

  var url: URL? { place.url }

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
    if let languages {
      _ = try LanguagePair(languages)
      options.languages = languages
    }
    if let mostWords { options.mostWords = mostWords }
    if let parserSource { options.parserSource = parserSource }
    if let writeTags { options.writesTags = writeTags }
    if let problem { options.problem = problem }
    if let pairs { options.pairs = pairs }
    if let patch { options.patch = patch }
    if let lengths { options.lengths = try Self.range(lengths) }
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
      ("--group-lengths", groupLengths), ("--languages", languages != nil),
      ("--most-words", mostWords != nil), ("--parser-source", parserSource != nil),
      ("--write-tags", writeTags != nil), ("--problem", problem != nil), ("--pairs", pairs != nil),
      ("--lengths", lengths != nil), ("--patch", patch != nil),
    ]
    return place.given + options.filter(\.1).map(\.0)
  }

  private static func range(_ text: String) throws(RNNError) -> ClosedRange<Int> {
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(numbers.count), let first = numbers[0], let last = numbers.last ?? nil,
      first >= 1, first <= last, last <= 1 << 20
    else {
      throw RNNError(
        .format, "--lengths", expected: "a length or two, such as 5-20", found: "'\(text)'")
    }
    return first...last
  }
}
