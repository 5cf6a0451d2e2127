internal import CLibrary
import FoundationEssentials
import RNNCore

/// Time series with a class each, in the `.ts` format of sktime and aeon.
///
/// Lines that start with # are comments, lines that start with @ make the header; after `@data`
/// each line is a series: its dimensions, separated by colons, each with its values separated by
/// commas, and last the class. All dimensions of a series have the same number of values, and all
/// series the same number of dimensions. The header has to say `@classLabel true` and the classes.
/// Time stamps, missing values and regression targets are refused.
struct SeriesFile {
  /// In the order of the header.
  let classes: [String]
  /// How many dimensions a series has.
  let width: Int
  let part: LabeledPart

  /// Longer series are cut. Throws `.file`, `.empty`,
  /// `.format`, `.shape` or `.unsupported`, with file
  /// and line.
  init(reading file: URL, mostSteps: Int?) throws(RNNError) {
    var lines = try LineReader(reading: file)
    var header = SeriesHeader()
    var sequences: [LabeledSequence] = []
    while let line = try lines.next() {
      if line.content.isBlank || line.content.trimmed.hasPrefix("#") { continue }
      guard header.isComplete else {
        try header.read(line)
        continue
      }
      let series = try Self.series(line, header: header)
      header.width = series.width
      sequences.append(
        LabeledSequence(label: series.label, input: series.input.cut(to: mostSteps)))
    }
    guard let width = header.width, !sequences.isEmpty else {
      throw RNNError(.empty, file.path, expected: "series after @data", found: "none")
    }
    self.width = width
    classes = header.classes
    part = LabeledPart(path: file.path, sequences: sequences)
  }

  private static func series(
    _ line: TextLine, header: SeriesHeader
  ) throws(RNNError) -> (input: Example.Input, width: Int, label: String) {
    var fields = line.content.utf8.split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    let label = Substring(fields.removeLast()).trimmed
    guard header.classes.contains(where: label.hasSameScalars) else {
      throw RNNError(
        .vocabulary, line.place, expected: "a class of the header at the end", found: label.excerpt)
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
    return (.features(rows, width: width), width, label)
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
  private(set) var classes: [String] = []
  /// As the header or the first series says.
  var width: Int?
  private(set) var isComplete = false

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
    guard !classes.isEmpty else {
      throw RNNError(.format, line.place, expected: "@classLabel before the data", found: "none")
    }
    isComplete = true
  }
}
