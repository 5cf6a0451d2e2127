import RNNCore

/// A column of files with a word a line: by number, or by its name in CoNLL-U.
public enum DataColumn: Hashable, Sendable {
  /// From 1 for the first, or negative from −1 for the last.
  case number(Int)
  /// A column of CoNLL-U: whatever is read by such a name is read as CoNLL-U.
  case field(Field)

  /// The ten columns of CoNLL-U in their order, see universaldependencies.org/format.html.
  public enum Field: String, CaseIterable, Sendable {
    /// The word's number in the sentence, its range, or a decimal one of an empty node.
    case id
    /// The word.
    case form
    /// The form that dictionaries list.
    case lemma
    /// The universal part of speech.
    case upos
    /// The part of speech of the language's own tag set.
    case xpos
    /// Morphological features.
    case feats
    /// The number of the word that it depends on.
    case head
    /// How it depends on that.
    case deprel
    /// The enhanced dependency graph.
    case deps
    /// Anything else.
    case misc

    /// From 1.
    var number: Int { 1 + (Self.allCases.firstIndex(of: self) ?? 0) }
  }

  /// Reads a number other than 0 or a name, whatever its case. Throws `.format` for anything else.
  public init(_ text: String) throws(RNNError) {
    if let number = Int(text), number != 0 {
      self = .number(number)
    } else if let field = Field(rawValue: text.lowercased()) {
      self = .field(field)
    } else {
      throw RNNError(
        .format, "column",
        expected: "a number from 1, or from -1 for the last, or one of "
          + Field.allCases.map(\.rawValue).joined(separator: ", "),
        found: text.excerpt)
    }
  }

  var isField: Bool { if case .field = self { true } else { false } }

  /// Numbers as they are, those of fields from 1.
  var number: Int {
    switch self {
    case .number(let number): number
    case .field(let field): field.number
    }
  }
}

extension DataColumn: ExpressibleByIntegerLiteral, CustomStringConvertible {
  public init(integerLiteral number: Int) { self = .number(number) }

  /// The number, or the name in lower case.
  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .field(let field): field.rawValue
    }
  }
}

extension DataColumn: Codable {
  /// Reads a number or the text of a name.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Int.self) {
      self = .number(number)
    } else {
      self = try DataColumn(value.decode(String.self))
    }
  }

  /// Writes a number as a number and a name as a text.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .number(let number): try value.encode(number)
    case .field(let field): try value.encode(field.rawValue)
    }
  }
}
