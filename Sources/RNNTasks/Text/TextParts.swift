import FoundationEssentials
import RNNCore

/// A text for training, validation and test as provisional ids of a ``SymbolTable``.
struct TextParts {
  let table: SymbolTable
  let training: TokenSequence
  let validation: TokenSequence
  let test: TokenSequence

  private static let shortestText = 40

  /// Splits characters in order: 90 %, 5 % and 5 %.
  init(text: String) throws(RNNError) {
    let table = try SymbolTable(unit: .character, normalization: TextNormalization())
    var tokens = TokenWriter(width: .four)
    try tokens.append(table.characters(of: text))
    try self.init(splitting: tokens.finish(), table: table, name: "text")
  }

  /// Reads a file, which is split like a text, or a directory with a file for each part (see
  /// ``DataPart``).
  init(contentsOf url: URL, table: SymbolTable) throws(RNNError) {
    var table = table
    guard EntryKind(of: url) == .directory else {
      let tokens = try Self.tokens(of: url, table: &table)
      try self.init(splitting: tokens, table: table, name: url.path)
      return
    }
    let folder = try Folder(url, expected: "a file, or a directory with train, valid and test")
    var parts: [TokenSequence] = []
    for part in DataPart.allCases {
      let file = try part.requiredEntry(among: folder.files, in: url)
      let tokens = try Self.tokens(of: file, table: &table)
      guard tokens.count >= 2 else {
        throw RNNError(
          .range, file.path, expected: "at least 2 \(table.unit.rawValue)s",
          found: "\(tokens.count)")
      }
      parts.append(tokens)
    }
    self.init(table: table, training: parts[0], validation: parts[1], test: parts[2])
  }

  private init(
    table: SymbolTable, training: TokenSequence, validation: TokenSequence, test: TokenSequence
  ) {
    self.table = table
    self.training = training
    self.validation = validation
    self.test = test
  }

  private init(splitting tokens: TokenSequence, table: SymbolTable, name: String) throws(RNNError) {
    guard tokens.count >= Self.shortestText else {
      throw RNNError(
        .range, name, expected: "at least \(Self.shortestText) \(table.unit.rawValue)s",
        found: "\(tokens.count)")
    }
    let trainingEnd = tokens.count * 90 / 100
    let validationEnd = tokens.count * 95 / 100
    self.init(
      table: table, training: tokens[0..<trainingEnd],
      validation: tokens[trainingEnd..<validationEnd],
      test: tokens[validationEnd..<tokens.count])
  }

  /// The tokens of a whole file.
  static func tokens(
    of file: URL, table: inout SymbolTable
  ) throws(RNNError) -> TokenSequence {
    var lines = try LineReader(reading: file)
    var tokens = TokenWriter(width: .four)
    while let line = try lines.next() { try tokens.append(table.ids(of: line, keepsEnds: true)) }
    return tokens.finish()
  }
}
