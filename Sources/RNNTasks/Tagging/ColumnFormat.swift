internal import CLibrary
import FoundationEssentials
import RNNCore

/// Files with a word and its annotations a line and empty lines between sentences, as the CoNLL
/// shared tasks have them and CoNLL-U.
///
/// Columns stand between tabs if the line holds any, and between blanks if it does not. Lines that
/// start a document (`-DOCSTART-`) are passed over and end a sentence.
///
/// A file is read as CoNLL-U if its name has the piece `conllu` between dots, if a column is asked
/// for by name, or if the first line of a word has the ten columns of CoNLL-U and begins a sentence
/// in it: then all lines have ten columns between tabs, lines that begin with # are comments, and
/// ranges (2-3) and empty nodes (3.1) are no words.
struct ColumnFormat {
  let tokenColumn: DataColumn
  let tagColumn: DataColumn
  /// Whether lines with # before the first word of a sentence are comments.
  let skipsComments: Bool
  let skipsHeader: Bool

  /// Throws `.range` for column 0.
  init(_ options: DataOptions) throws(RNNError) {
    for (name, column) in [
      ("tokenColumn", options.tokenColumn), ("tagColumn", options.tagColumn),
    ] where column.number == 0 {
      throw RNNError(
        .range, name, expected: "a column from 1, or from -1 for the last", found: "0")
    }
    tokenColumn = options.tokenColumn
    tagColumn = options.tagColumn
    skipsComments = options.skipsComments
    skipsHeader = options.skipsHeader
  }

  /// All sentences of a file, with their tags. Throws `.empty` where there are none, and `.format`
  /// where the first line is the heading of the columns.
  func part(in file: URL) throws(RNNError) -> TaggedPart {
    var reader = ColumnReader(try LineReader(reading: file), self, needsTags: true)
    var part = TaggedPart()
    var heading = HeadingRow(isOfTags: true)
    while let sentence = try reader.next() {
      guard let tags = sentence.tags, !tags.isEmpty else { continue }
      for (word, tag) in tags.enumerated() { heading.add(tag, place: sentence.place(of: word)) }
      try part.add(TaggedSentence(words: sentence.words, tags: tags), place: sentence.place)
    }
    try heading.check(expected: "a word and its tag")
    guard part.count > 0 else {
      throw RNNError(.empty, file.path, expected: "a sentence", found: "none")
    }
    if reader.isCoNLLU, part.evidence.tags == [ColumnLayout.nothing] {
      throw RNNError(
        .empty, file.path, expected: "tags in column \(reader.tagColumn)",
        found: "\(ColumnLayout.nothing) for every word")
    }
    return part
  }
}

/// A ``ColumnFormat`` as a file has it: which columns its lines have and which of them are no
/// words.
struct ColumnLayout {
  let isCoNLLU: Bool
  /// From 1, or negative from the last.
  let tokenColumn: Int
  let tagColumn: Int
  private let skipsComments: Bool

  /// What stands in CoNLL-U for what is not known.
  static let nothing = "_"
  static let documentStart = "-DOCSTART-"

  /// The first and the last column, which words and tags are read from where nothing else is said,
  /// mean FORM and UPOS in CoNLL-U.
  init(_ format: ColumnFormat, isCoNLLU: Bool) {
    self.isCoNLLU = isCoNLLU
    let isStandard = format.tokenColumn == 1 && format.tagColumn == -1
    let columns: (token: DataColumn, tag: DataColumn) =
      isCoNLLU && isStandard
      ? (.field(.form), .field(.upos)) : (format.tokenColumn, format.tagColumn)
    (tokenColumn, tagColumn) = (columns.token.number, columns.tag.number)
    skipsComments = isCoNLLU || format.skipsComments
  }

  /// What a line of a file is.
  enum Content {
    case blank, comment, documentStart
    /// A range of words or an empty node.
    case noWord
    /// Of a word.
    case columns([String])
  }

  /// - Parameter isWithin: whether a line of the sentence has been read that is no comment.
  func content(of line: TextLine, isWithin: Bool) throws(RNNError) -> Content {
    if skipsComments, !isWithin, Self.isComment(line.content) { return .comment }
    let columns = Self.columns(of: line.content)
    guard !columns.isEmpty else { return .blank }
    let token = index(of: tokenColumn, in: columns.count)
    if columns[0] == Self.documentStart || token.map({ columns[$0] }) == Self.documentStart {
      return .documentStart
    }
    guard isCoNLLU else { return .columns(columns) }
    let count = DataColumn.Field.allCases.count
    guard columns.count == count else {
      throw RNNError(
        .shape, line.place, expected: "the \(count) columns of CoNLL-U, between tabs",
        found: "\(columns.count)")
    }
    switch Self.numbers(of: columns[0]) {
    case .word: return .columns(columns)
    case .other: return .noWord
    case nil:
      throw RNNError(
        .format, line.place, expected: "the number of a word, such as 3, 3-4 or 3.1",
        found: columns[0].excerpt)
    }
  }

  /// The index of a column in a line of `count`; nil where there is none.
  func index(of column: Int, in count: Int) -> Int? {
    // Magnitudes, because the least number has no negative.
    guard column.magnitude <= count else { return nil }
    return column > 0 ? column - 1 : count + column
  }

  /// The text in a column of a line. Throws where it is missing or blank.
  func value(
    of column: Int, in columns: [String], place: @autoclosure () -> String
  ) throws(RNNError) -> String {
    guard let index = index(of: column, in: columns.count) else {
      throw RNNError(
        .shape, place(), expected: "a column \(column)", found: "\(columns.count) columns")
    }
    guard !columns[index].isEmpty else {
      throw RNNError(.empty, place(), expected: "text in column \(column)", found: "none")
    }
    return columns[index]
  }

  /// Where the tag stands in a line of `count` columns; nil where it has none beside the word.
  func tagIndex(in count: Int) -> Int? {
    guard let token = index(of: tokenColumn, in: count) else { return nil }
    let tag = index(of: tagColumn, in: count)
    return tag == token ? nil : tag
  }

  static func columns(of line: String) -> [String] {
    guard let columns = fields(of: line)?.map({ $0[...].trimmed }) else { return line.words }
    return columns.allSatisfy(\.isEmpty) ? [] : columns
  }

  /// What stands between tabs, where a word may hold blanks; nil without tabs.
  private static func fields(of line: String) -> [String]? {
    guard line.utf8.contains(UInt8(ascii: "\t")) else { return nil }
    return line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }

  /// Whether # is the first of a line, but for blanks and byte-order marks: behind a tab it is that
  /// of a column.
  static func isComment(_ line: String) -> Bool {
    line.unicodeScalars.first { $0 != " " && $0 != "\u{FEFF}" } == "#"
  }
}

// MARK: - CoNLL-U

extension ColumnLayout {
  private enum Number { case word, other }

  /// What a text numbers: a word (3), a range (3-4) or an empty node (3.1); nil for no number.
  private static func numbers(of text: String) -> Number? {
    func isNumber(_ part: Substring) -> Bool {
      !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    if isNumber(text[...]) { return .word }
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { "-.".contains($0) }
    return parts.count == 2 && parts.allSatisfy(isNumber) ? .other : nil
  }

  /// Whether a file's name says that it is CoNLL-U.
  static func isCoNLLU(name: String) -> Bool {
    let file = name.split(separator: "/").last ?? ""
    return file.lowercased().split(separator: ".").dropFirst().contains("conllu")
  }

  /// Whether a line can begin a sentence in CoNLL-U: its first column is the number 1 or begins a
  /// range or is an empty node before it, its seventh the number of a word or none.
  static func beginsCoNLLU(_ line: String) -> Bool {
    let columns = fields(of: line)?.map { $0[...].trimmed } ?? []
    guard columns.count == DataColumn.Field.allCases.count else { return false }
    let (id, head) = (columns[0], columns[DataColumn.Field.head.number - 1])
    let begins = id == "1" || id.hasPrefix("1-") || id.hasPrefix("0.")
    return begins && numbers(of: id) != nil && (head == nothing || numbers(of: head) == .word)
  }

  /// Whether a line that begins with # is no comment of CoNLL-U: a tab follows its first word, or
  /// more words without `=` follow one such as `#one`.
  static func isTaggedWord(_ line: String) -> Bool {
    if let fields = fields(of: line) { return fields[0].words.count == 1 }
    let words = line.words
    return words.count > 1 && words[0].utf8.count > 1 && !line.utf8.contains(UInt8(ascii: "="))
  }
}

// MARK: - Writing

extension ColumnLayout {
  /// A word's line with another tag: in the tag's place, or at the line's end where it has none.
  ///
  /// - Parameter fields: the tag, and what is to stand behind the last column.
  func line(_ line: String, tagged fields: [String]) -> String {
    let (tag, further) = (fields.first ?? Self.nothing, fields.dropFirst())
    guard var columns = Self.fields(of: line) else {
      return spaced(line, tag) + further.map { " " + $0 }.joined()
    }
    if let index = tagIndex(in: columns.count) {
      columns[index] = tag
    } else {
      columns.append(tag)
    }
    return (columns + further).joined(separator: "\t")
  }

  /// The same of columns between blanks, which stay as they are.
  private func spaced(_ line: String, _ tag: String) -> String {
    var places: [Range<String.Index>] = []
    for word in line.words {
      let rest = line[(places.last?.upperBound ?? line.startIndex)...]
      places += rest.utf8.firstRange(of: word.utf8).map { [$0] } ?? []
    }
    guard let index = tagIndex(in: places.count) else {
      let end = places.last?.upperBound ?? line.endIndex
      return line[..<end] + (places.count > 1 ? " " : "\t") + tag
    }
    return line[..<places[index].lowerBound] + tag + line[places[index].upperBound...]
  }
}
