import RNNCore

/// How a decoder looks back at its source, by name.
package enum AttentionChoice: String, CaseIterable, Codable, Sendable {
  case none, dot, general, concat

  /// Nil for no attention.
  package var score: AttentionScore? { AttentionScore(rawValue: rawValue) }
}
