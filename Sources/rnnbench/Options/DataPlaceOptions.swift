import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNTasks

/// Where data lie, and where words and tags are in them.
struct DataPlaceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      tag: a folder with train, valid, test (each with seq.in, seq.out and perhaps label, or column files). \
      lm: a text, or a folder with train, valid, test. classify: a folder of classes or of .ts files, or a file of \
      LABEL<TAB>TEXT lines. music: a piano roll as JSON. translate: a folder with train.de, train.en, val.de, … \
      autoencode: as classify, or a text a line. parse: a folder of bracketed trees with train, valid, test. \
      transduce: none. vqa: a folder with train and test, each with images_rle.bin and questions.json.
      """,
      valueName: "path"))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Columns of words and tags in column files, from 1 or, negative, from the end: 1,-1 (tag).",
      valueName: "words,tags"))
  var columns: String?
  @Flag(help: "Lines of column files that start with # are comments (tag).") var comments = false

  @Option(
    parsing: .unconditional,
    help:
      "Beginnings that the search for an answer keeps (translate, autoencode, parse, transduce).")
  var beam: Int?

  var url: URL? { data.map { URL(fileURLWithPath: $0) } }

  /// The file or folder with its option, for complaints.
  var place: [(String, String)] { data.map { [("--data", $0)] } ?? [] }

  /// The options that were given, by name.
  var given: [String] { columnOptions + (beam != nil ? ["--beam"] : []) }

  private var columnOptions: [String] {
    [("--columns", columns != nil), ("--comments", comments)].filter(\.1).map(\.0)
  }

  /// Puts what was given in its place.
  func apply(to options: inout DataOptions) throws {
    if let columns { (options.tokenColumn, options.tagColumn) = try Self.columns(columns) }
    if comments { options.skipsComments = true }
    if let beam { options.beam = beam }
  }

  /// Throws for data where none are read or none where some are, and for columns of data that have none.
  func checkUse(for kind: TaskName) throws(RNNError) {
    try OptionUse.check(given, for: kind)
    try Self.check(url, for: kind)
    guard let url else { return }
    let train = url.appendingPathComponent("train")
    var isFolder = false
    guard let name = columnOptions.first,
      FileManager.default.fileExists(atPath: train.path, isDirectory: &isFolder), isFolder
    else { return }
    throw RNNError(
      .unsupported, name, expected: "files in columns", found: "folders with seq.in and seq.out")
  }

  /// Throws for data where none are read, or none where some are.
  static func check(_ url: URL?, for kind: TaskName) throws(RNNError) {
    if (url == nil) == (kind == .transduce) { return }
    throw RNNError(
      .unsupported, "--data",
      expected: kind == .transduce
        ? "none: transductions are generated" : "a file or folder of the kind \(kind.rawValue)",
      found: url == nil ? "none" : "some")
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
