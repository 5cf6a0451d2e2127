internal import CLibrary
import FoundationEssentials
import RNNCore

/// Files with a word and its annotations a line and empty lines between sentences, as the CoNLL
/// shared tasks have them.
///
/// Columns stand between tabs if the line holds any, and between blanks if it does not. Lines that
/// start a document (`-DOCSTART-`) are passed over.
struct ColumnFormat {
  /// From 1, or negative from the last.
  let tokenColumn: Int
  let tagColumn: Int
  let skipsComments: Bool
  let skipsHeader: Bool

  /// Throws `.range` for column 0.
  init(_ options: DataOptions) throws(RNNError) {
    for (name, column) in [
      ("tokenColumn", options.tokenColumn), ("tagColumn", options.tagColumn),
    ] where column == 0 {
      throw RNNError(
        .range, name, expected: "a column from 1, or from -1 for the last", found: "0")
    }
    tokenColumn = options.tokenColumn
    tagColumn = options.tagColumn
    skipsComments = options.skipsComments
    skipsHeader = options.skipsHeader
  }

  func sentences(in file: URL) throws(RNNError) -> [TaggedSentence] {
    var lines = try LineReader(reading: file)
    var sentences: [TaggedSentence] = []
    var (words, tags): ([String], [String]) = ([], [])
    func close() {
      if !words.isEmpty { sentences.append(TaggedSentence(words: words, tags: tags)) }
      (words, tags) = ([], [])
    }
    if skipsHeader { _ = try lines.next() }
    while let line = try lines.next() {
      if skipsComments && line.content.hasPrefix("#") { continue }
      let columns = Self.columns(of: line.content)
      if columns.isEmpty {
        close()
      } else if columns[0] != "-DOCSTART-" {
        words.append(try value(of: tokenColumn, in: columns, place: line.place))
        let tag = try value(of: tagColumn, in: columns, place: line.place)
        try checkTag(tag, place: line.place)
        tags.append(tag)
      }
    }
    close()
    guard !sentences.isEmpty else {
      throw RNNError(.empty, file.path, expected: "a sentence", found: "none")
    }
    return sentences
  }

  private static func columns(of line: String) -> [String] {
    guard line.utf8.contains(UInt8(ascii: "\t")) else { return line.words }
    // A word may hold blanks then.
    let columns = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      .map { Substring($0).trimmed }
    return columns.allSatisfy(\.isEmpty) ? [] : columns
  }

  private func value(
    of column: Int, in columns: [String], place: @autoclosure () -> String
  ) throws(RNNError) -> String {
    // Magnitudes, because the least number has no negative.
    guard column.magnitude <= columns.count else {
      throw RNNError(
        .shape, place(), expected: "a column \(column)", found: "\(columns.count) columns")
    }
    let value = columns[column > 0 ? column - 1 : columns.count + column]
    guard !value.isEmpty else {
      throw RNNError(.empty, place(), expected: "text in column \(column)", found: "none")
    }
    return value
  }
}
