import RNNCore

/// An IOB tag: outside every chunk, or at the begin or inside of a chunk of some type. Types are
/// the same where all their scalars are.
public enum ChunkTag: Hashable, Sendable {
  /// In no chunk: `O`.
  case outside
  /// The first word of a chunk of the type: `B-type`.
  case begin(String)
  /// A further word of a chunk of the type: `I-type`.
  case inside(String)

  /// Reads "O", "B-type" or "I-type"; nil for anything else, such as "B", "B-" or "X-type".
  public init?(_ text: String) {
    if text == "O" {
      self = .outside
      return
    }
    guard let part = ChunkPart(text) else { return nil }
    switch part.letter {
    case "B": self = .begin(part.type.text)
    case "I": self = .inside(part.type.text)
    default: return nil
    }
  }

  /// As it is written: "O", "B-type" or "I-type".
  public var text: String {
    switch self {
    case .outside: "O"
    case .begin(let type): "B-\(type)"
    case .inside(let type): "I-\(type)"
    }
  }

  /// The chunk's type, nil outside.
  public var type: String? {
    switch self {
    case .outside: nil
    case .begin(let type), .inside(let type): type
    }
  }

  /// The type, compared scalar by scalar.
  var exactType: ExactText? { type.map { ExactText($0) } }

  /// Whether both say the same of their words, with types of the same scalars.
  public static func == (a: ChunkTag, b: ChunkTag) -> Bool {
    switch (a, b) {
    case (.outside, .outside): true
    case (.begin(let one), .begin(let other)), (.inside(let one), .inside(let other)):
      one.hasSameScalars(as: other)
    default: false
    }
  }

  /// Whether a chunk starts here, given the tag before: at every B-, and at an I- that does not
  /// continue a chunk of its own type.
  func startsChunk(after previous: ChunkTag) -> Bool {
    switch self {
    case .outside: false
    case .begin: true
    case .inside: previous.exactType != exactType
    }
  }
}
