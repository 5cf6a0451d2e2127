import RNNCore

/// How tags are written: as labels that stand for themselves, or as chunks in a scheme of the
/// field.
///
/// A chunk is a run of words with a type; words of no chunk have the tag `O`. What stands before
/// the first hyphen says where in its chunk a word stands, all that follows is the type, in which
/// case counts and hyphens are allowed.
public enum TagScheme: String, CaseIterable, Codable, Hashable, Sendable {
  /// No chunks: each tag is a class of its own, such as a part of speech.
  case labels
  /// `I-type` for every word of a chunk, but `B-type` for the first one of a chunk that follows
  /// another of its type (Ramshaw and Marcus, 1995).
  case iob1
  /// `B-type` for the first word of a chunk, `I-type` for others (Ratnaparkhi, 1998).
  case iob2
  /// IOBES too: `S-type` for a chunk of one word; for longer ones `B-type`, `I-type` within,
  /// `E-type` for the last.
  case bioes
  /// The same with `U-type` for one word and `L-type` for the last (Ratinov and Roth, 2009).
  case bilou

  /// Whether tags are parts of chunks.
  public var hasChunks: Bool { self != .labels }

  /// What may stand before the hyphen: first word, further one, last, only.
  private var letters: (first: Character, inside: Character, last: Character, only: Character) {
    switch self {
    case .labels, .iob1, .iob2: ("B", "I", "I", "B")
    case .bioes: ("B", "I", "E", "S")
    case .bilou: ("B", "I", "L", "U")
    }
  }

  /// Whether a tag can stand in data of the scheme.
  func allows(_ tag: String) -> Bool {
    guard hasChunks, tag != "O" else { return true }
    guard let part = ChunkPart(tag) else { return false }
    let letters = letters
    return [letters.first, letters.inside, letters.last, letters.only].contains(part.letter)
  }

  /// The tags that can stand in its data, for complaints.
  var allowed: String {
    switch self {
    case .labels: "any tag"
    case .iob1, .iob2: "a tag O, B-type or I-type"
    case .bioes: "a tag O, B-type, I-type, E-type or S-type"
    case .bilou: "a tag O, B-type, I-type, L-type or U-type"
    }
  }

  /// Tags that the scheme allows, with chunks in IOB2; labels as they are.
  func normalized(_ tags: [String]) -> [String] {
    hasChunks ? ChunkPart.chunkTags(of: tags).map(\.text) : tags
  }

  /// Writes tags of chunks, read as ``ChunkScore`` reads them.
  func tags(of chunkTags: [ChunkTag]) -> [String] {
    let tags = ChunkPart.chunkTags(of: chunkTags.map(\.text))
    let letters = letters
    return tags.indices.map { index in
      guard let type = tags[index].type else { return "O" }
      let isLast = index + 1 == tags.count || tags[index + 1] != .inside(type)
      let letter: Character
      if case .begin = tags[index] {
        let follows = index > 0 && tags[index - 1].exactType == tags[index].exactType
        letter = self == .iob1 && !follows ? "I" : isLast ? letters.only : letters.first
      } else {
        letter = isLast ? letters.last : letters.inside
      }
      return "\(letter)-\(type)"
    }
  }
}

/// What a tag of some scheme says of its word: a letter before the first hyphen, a type behind it.
struct ChunkPart {
  let letter: Character
  /// The same where all its scalars are.
  let type: ExactText

  /// Nil for `O` and for what is a tag of no scheme, such as "B", "B-", "b-per" or "NN".
  init?(_ tag: String) {
    // On bytes, because Swift takes a hyphen and a combining mark for one character.
    let bytes = tag.utf8
    guard bytes.count > 2, let first = bytes.first, bytes.dropFirst().first == UInt8(ascii: "-"),
      "BIESLU".utf8.contains(first)
    else { return nil }
    letter = Character(Unicode.Scalar(first))
    type = ExactText(String(Substring(bytes.dropFirst(2))))
  }

  /// Whether it begins a chunk wherever it stands.
  var begins: Bool { letter == "B" || isOnly }
  /// Whether it ends a chunk wherever it stands.
  var ends: Bool { letter == "E" || letter == "L" || isOnly }
  private var isOnly: Bool { letter == "S" || letter == "U" }

  /// Chunks in IOB2, whatever the scheme: a further or last word of no open chunk of its type
  /// begins one, as in conlleval and seqeval.
  static func chunkTags(of tags: [String]) -> [ChunkTag] {
    var open: ExactText?
    return tags.map { tag in
      guard let part = ChunkPart(tag) else {
        open = nil
        return .outside
      }
      let continues = !part.begins && open == part.type
      open = part.ends ? nil : part.type
      return continues ? .inside(part.type.text) : .begin(part.type.text)
    }
  }
}
