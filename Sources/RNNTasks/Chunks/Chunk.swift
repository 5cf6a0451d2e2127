import RNNCore

/// A run of tokens with a type.
struct Chunk: Hashable {
  let type: ExactText
  let tokens: Range<Int>

  /// The chunks of a tag sequence, in order.
  static func all(in tags: [ChunkTag]) -> [Chunk] {
    var chunks: [Chunk] = []
    var open: (type: ExactText, start: Int)?
    var previous = ChunkTag.outside
    for (index, tag) in tags.enumerated() {
      let starts = tag.startsChunk(after: previous)
      if let chunk = open, starts || tag == .outside {
        chunks.append(Chunk(type: chunk.type, tokens: chunk.start..<index))
        open = nil
      }
      if starts, let type = tag.exactType { open = (type, index) }
      previous = tag
    }
    if let chunk = open {
      chunks.append(Chunk(type: chunk.type, tokens: chunk.start..<tags.count))
    }
    return chunks
  }
}
