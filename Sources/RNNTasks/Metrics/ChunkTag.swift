/// An IOB tag: outside every chunk, or at the begin or inside of a chunk of some type.
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
    case "B": self = .begin(part.type)
    case "I": self = .inside(part.type)
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

  /// Whether a chunk starts here, given the tag before: at every B-, and at an I- that does not
  /// continue a chunk of its own type.
  func startsChunk(after previous: ChunkTag) -> Bool {
    switch self {
    case .outside: false
    case .begin: true
    case .inside(let type): previous.type != type
    }
  }
}
