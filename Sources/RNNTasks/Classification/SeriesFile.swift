internal import CLibrary
import FoundationEssentials
import RNNCore

/// Time series with a class each, in the `.ts` format of sktime and aeon: see ``SeriesReader``.
struct SeriesFile {
  /// In the order of the header.
  let classes: [String]
  /// How many dimensions a series has.
  let width: Int
  let part: LabeledPart

  /// Longer series are cut. Throws what ``SeriesReader`` throws, and `.empty` for no series.
  init(reading file: URL, mostSteps: Int?) throws(RNNError) {
    var reader = SeriesReader(try LineReader(reading: file), needsClasses: true)
    var part: LabeledPart?
    while let (values, width, label) = try reader.next() {
      if part == nil { part = LabeledPart(path: file.path, width: width) }
      // A count that its product with the width could not hold is no cut.
      let most = mostSteps.map { min($0, values.count) * width } ?? .max
      try part?.append(features: values.prefix(most), label: label ?? "")
    }
    guard let width = reader.width, let part else {
      throw RNNError(.empty, file.path, expected: "series after @data", found: "none")
    }
    self.width = width
    classes = reader.classes
    self.part = part
  }
}

/// Reads a `.ts` file series by series.
///
/// Lines that start with # are comments, lines that start with @ make the header; after `@data`
/// each line is a series: its dimensions, separated by colons, each with its values separated by
/// commas, and last the class. All dimensions of a series have the same number of values, and all
/// series the same number of dimensions. The header has to say `@classLabel true` and the classes;
/// for series to be classified it may say `@classLabel false`, and no class stands at the end then.
/// Time stamps, missing values and regression targets are refused.
///
/// Throws `.file`, `.empty`, `.format`, `.shape` or `.unsupported`, with file and line.
struct SeriesReader {
  private var lines: LineReader
  private var header: SeriesHeader
  /// The line of a series that has not been given out.
  private var waiting: TextLine?
  private var isAtEnd = false
  /// What went wrong while it was looked whether more waits.
  private var failure: RNNError?

  init(_ lines: LineReader, needsClasses: Bool) {
    self.lines = lines
    header = SeriesHeader(needsClasses: needsClasses)
  }

  /// In the order of the header.
  var classes: [String] { header.classes }
  /// How many dimensions a series has, as the header or the first one says.
  var width: Int? { header.width }
  /// Whether the header has been read.
  var isInData: Bool { header.isComplete }
  /// The file and line of the last series.
  private(set) var place = ""
  /// Whether nothing can be read any more.
  var isBroken: Bool { lines.isBroken }
  /// Whether ``next()`` returns at once, with a series, the end or an error: false where it would
  /// wait for somebody to write more. Takes up what waits already.
  var hasMoreWaiting: Bool {
    mutating get {
      while waiting == nil, !isAtEnd, failure == nil {
        guard lines.hasMoreWaiting else { return false }
        do throws(RNNError) { try readLine() } catch { failure = error }
      }
      return true
    }
  }

  /// The next series, row-major [T, width], with its class if it has one; nil after the last.
  mutating func next() throws(RNNError) -> (values: [Float], width: Int, label: String?)? {
    if let failure = failure.take() { throw failure }
    while waiting == nil, !isAtEnd { try readLine() }
    guard let line = waiting.take() else { return nil }
    place = line.place
    let series = try Self.series(line, header: header)
    header.width = series.width
    return series
  }

  private mutating func readLine() throws(RNNError) {
    guard let line = try lines.next() else {
      isAtEnd = true
      return
    }
    if line.content.isBlank || line.content.trimmed.hasPrefix("#") { return }
    if header.isComplete { waiting = line } else { try header.read(line) }
  }

  private static func series(
    _ line: TextLine, header: SeriesHeader
  ) throws(RNNError) -> (values: [Float], width: Int, label: String?) {
    var fields = line.content.utf8.split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var label: String?
    if header.hasClasses {
      let name = Substring(fields.removeLast()).trimmed
      guard header.classes.contains(where: name.hasSameScalars) else {
        throw RNNError(
          .vocabulary, line.place, expected: "a class of the header at the end",
          found: name.excerpt)
      }
      label = name
    }
    var dimensions: [[Float]] = []
    for field in fields { dimensions.append(try values(field, place: line.place)) }
    let (width, steps) = (dimensions.count, dimensions.first?.count ?? 0)
    if width == 0 || width != header.width ?? width {
      throw RNNError(
        .shape, line.place, expected: "\(header.width.map { "\($0)" } ?? "some") dimensions",
        found: "\(width)")
    }
    if let odd = dimensions.first(where: { $0.count != steps }) {
      throw RNNError(
        .shape, line.place, expected: "\(steps) values in each dimension", found: "\(odd.count)")
    }
    var rows: [Float] = []
    rows.reserveCapacity(steps * width)
    for step in 0..<steps { for dimension in dimensions { rows.append(dimension[step]) } }
    return (rows, width, label)
  }

  private static func values(
    _ field: Substring.UTF8View, place: @autoclosure () -> String
  ) throws(RNNError) -> [Float] {
    var values: [Float] = []
    for text in field.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let text = Substring(text).trimmed
      guard text != "?" else {
        throw RNNError(
          .unsupported, place(), expected: "numbers alone", found: "a missing value \"?\"")
      }
      guard let value = Float(text), value.isFinite else {
        throw RNNError(.format, place(), expected: "a number", found: text.excerpt)
      }
      values.append(value)
    }
    return values
  }
}

/// What stands before the data.
private struct SeriesHeader {
  /// Whether series without classes are refused.
  let needsClasses: Bool
  private(set) var classes: [String] = []
  /// Whether each series has a class at its end.
  private(set) var hasClasses = true
  /// As the header or the first series says.
  var width: Int?
  private(set) var isComplete = false

  init(needsClasses: Bool) { self.needsClasses = needsClasses }

  /// Takes a line that starts with @; keys of no consequence are passed over.
  mutating func read(_ line: TextLine) throws(RNNError) {
    let words = line.content.words
    guard words[0].hasPrefix("@") else {
      throw RNNError(
        .format, line.place, expected: "@data before the first series",
        found: line.content.excerpt)
    }
    let argument = words.count > 1 ? words[1].lowercased() : ""
    switch words[0].lowercased() {
    case "@timestamps" where argument == "true":
      throw RNNError(
        .unsupported, line.place, expected: "series without time stamps", found: "@timeStamps true")
    case "@targetlabel" where argument == "true":
      throw RNNError(
        .unsupported, line.place, expected: "classes", found: "numbers to predict")
    case "@dimensions", "@dimension":
      guard let count = Int(argument), (1...1 << 20).contains(count) else {
        throw RNNError(
          .format, line.place, expected: "a number of dimensions", found: argument.excerpt)
      }
      width = count
    case "@univariate" where argument == "true": width = 1
    case "@classlabel": try readClasses(words, place: line.place)
    case "@data": try finish(line)
    default: break
    }
  }

  private mutating func readClasses(_ words: [String], place: String) throws(RNNError) {
    if !needsClasses, words.count > 1, words[1].lowercased() == "false" {
      hasClasses = false
      return
    }
    classes = Array(words.dropFirst(2))
    guard words.count > 3, words[1].lowercased() == "true",
      Set(classes.map(ExactText.init)).count == classes.count
    else {
      throw RNNError(
        .format, place, expected: "@classLabel true and two or more different classes",
        found: words.joined(separator: " ").excerpt)
    }
  }

  private mutating func finish(_ line: TextLine) throws(RNNError) {
    guard !classes.isEmpty || !hasClasses else {
      throw RNNError(.format, line.place, expected: "@classLabel before the data", found: "none")
    }
    isComplete = true
  }
}
