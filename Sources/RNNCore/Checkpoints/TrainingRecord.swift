/// What a checkpoint says in words and numbers, as JSON in the metadata.
struct TrainingRecord: Hashable, Sendable {
  /// ``OptimizerRule/description``.
  var rule: String
  var updates: Int
  /// The generator of dropout masks; nil for a model without dropout.
  var dropout: RandomGenerator?
  /// The decay of the moving average of the parameters, and how many updates are in it; nil without one.
  var average: Average?
  /// Whether the parameters in training stand beside those of the model.
  var hasOwnParameters: Bool
  /// Sequences of the carried state; 0 for none.
  var sequences: Int

  struct Average: Hashable, Sendable {
    var decay: Float
    var updates: Int
  }

  private static let version = 1

  init(
    rule: String, updates: Int, dropout: RandomGenerator?, average: Average?,
    hasOwnParameters: Bool, sequences: Int
  ) {
    self.rule = rule
    self.updates = updates
    self.dropout = dropout
    self.average = average
    self.hasOwnParameters = hasOwnParameters
    self.sequences = sequences
  }

  var json: String {
    let words = dropout.map { [$0.state.0, $0.state.1, $0.state.2, $0.state.3] } ?? []
    let members: [(String, JSONText)] = [
      ("version", JSONText(Self.version)), ("rule", .string(rule)), ("updates", JSONText(updates)),
      // As text: other readers of JSON round whole numbers beyond 2⁵³.
      ("dropout", .array(words.map { .string(String($0, radix: 16)) })),
      ("averaging", JSONText(average?.decay ?? 0)),
      ("averagedUpdates", JSONText(average?.updates ?? 0)),
      ("ownParameters", .bool(hasOwnParameters)), ("sequences", JSONText(sequences)),
    ]
    return JSONText.object(members.map { .init(name: $0.0, value: $0.1) }).text
  }

  /// Reads ``json``, every field of it and no other.
  ///
  /// - Parameter name: what complaints call it.
  init(json text: String, name: String) throws(RNNError) {
    guard case .object(let members) = try JSONText(parsing: Array(text.utf8), name: name) else {
      throw RNNError(.format, name, expected: "a JSON object", found: "another JSON value")
    }
    var fields = Fields(members, name: name)
    let version = try fields.count("version")
    guard version == Self.version else {
      throw RNNError(
        .unsupported, "\(name): version", expected: "\(Self.version)", found: "\(version)")
    }
    rule = try fields.text("rule")
    updates = try fields.count("updates")
    dropout = try Self.generator(try fields.value("dropout"), name: name)
    let decay = try fields.number("averaging")
    let averaged = try fields.count("averagedUpdates")
    guard averaged <= updates else {
      throw RNNError(
        .format, "\(name): averagedUpdates", expected: "at most \(updates)", found: "\(averaged)")
    }
    average = decay == 0 ? nil : Average(decay: decay, updates: averaged)
    hasOwnParameters = try fields.requiredFlag("ownParameters")
    sequences = try fields.count("sequences")
    try fields.finish()
  }

  /// No word, or the four of a generator.
  private static func generator(
    _ value: JSONText, name: String
  ) throws(RNNError) -> RandomGenerator? {
    var words: [UInt64] = []
    if case .array(let values) = value {
      if values.isEmpty { return nil }
      for case .string(let text) in values {
        if let word = UInt64(text, radix: 16) { words.append(word) }
      }
    }
    guard words.count == 4, words.contains(where: { $0 != 0 }), case .array(let values) = value,
      values.count == 4
    else {
      throw RNNError(
        .format, "\(name): dropout", expected: "four hexadecimal words, not all zero",
        found: value.text.excerpt)
    }
    return RandomGenerator(state: (words[0], words[1], words[2], words[3]))
  }
}
