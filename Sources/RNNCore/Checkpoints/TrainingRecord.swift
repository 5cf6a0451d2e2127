/// What a checkpoint says in words and numbers, as JSON in the metadata.
struct TrainingRecord: Hashable, Sendable {
  /// ``OptimizerRule/description``.
  var rule: String
  var updates: Int
  /// The generator of dropout masks; nil for a model without dropout.
  var dropout: RandomGenerator?
  /// The decay of the moving average of the parameters, and how many updates are in it; nil without
  /// one.
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
    JSONText.object([
      .init("version", JSONText(Self.version)), .init("rule", .string(rule)),
      .init("updates", JSONText(updates)), .init("dropout", .string(dropout?.text ?? "")),
      .init("averaging", JSONText(average?.decay ?? 0)),
      .init("averagedUpdates", JSONText(average?.updates ?? 0)),
      .init("ownParameters", .bool(hasOwnParameters)), .init("sequences", JSONText(sequences)),
    ]).text
  }

  /// Reads ``json``, every field of it and no other.
  ///
  /// - Parameter name: what complaints call it.
  init(json text: String, name: String) throws(RNNError) {
    var fields = try JSONFields(parsing: text, name: name)
    let version = try fields.count("version")
    guard version == Self.version else {
      throw RNNError(
        .unsupported, "\(name): version", expected: "version \(Self.version)",
        found: FileVersion.text("\(version)", known: "\(Self.version)"))
    }
    rule = try fields.text("rule")
    updates = try fields.count("updates")
    let generator = try fields.text("dropout")
    dropout = RandomGenerator(text: generator)
    guard generator.isEmpty || dropout != nil else {
      throw fields.failure("dropout", "the state of a generator", found: generator.excerpt)
    }
    let decay = try fields.number("averaging")
    let averaged = try fields.count("averagedUpdates")
    guard averaged <= updates else {
      throw fields.failure("averagedUpdates", "at most \(updates)", found: "\(averaged)")
    }
    average = decay == 0 ? nil : Average(decay: decay, updates: averaged)
    hasOwnParameters = try fields.requiredFlag("ownParameters")
    sequences = try fields.count("sequences")
    try fields.finish()
  }
}
