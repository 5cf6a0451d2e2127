import RNNCore

extension JSONFields {
  /// Texts, none of them empty or given twice.
  mutating func symbols(
    _ field: String, atLeast minimum: Int = 0
  ) throws(RNNError) -> Vocabulary<String> {
    let texts = try texts(field)
    let symbols = Vocabulary(texts)
    guard symbols.count == texts.count, !texts.contains("") else {
      throw failure(field, "different texts", found: "an empty one, or one twice")
    }
    guard symbols.count >= minimum else {
      throw failure(field, "at least \(minimum) texts", found: "\(symbols.count)")
    }
    return symbols
  }

  /// Texts of one scalar, none of them twice.
  mutating func characters(_ field: String) throws(RNNError) -> Vocabulary<Unicode.Scalar> {
    var scalars: [Unicode.Scalar] = []
    for text in try texts(field) {
      guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
        throw failure(field, "single characters", found: text.excerpt)
      }
      scalars.append(scalar)
    }
    let symbols = Vocabulary(scalars)
    guard symbols.count == scalars.count else {
      throw failure(field, "different characters", found: "one twice")
    }
    return symbols
  }
}
