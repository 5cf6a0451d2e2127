import RNNCore

/// How a decoder looks back at its source, by name.
enum AttentionChoice: String, CaseIterable, Codable, Sendable {
  case none, dot, general, concat

  /// Nil for no attention.
  var score: AttentionScore? { AttentionScore(rawValue: rawValue) }
}
