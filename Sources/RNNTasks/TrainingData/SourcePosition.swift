import RNNCore

/// A place in a source of training data, small enough to be saved at any time.
public struct SourcePosition: Hashable, Sendable {
  /// Passes over the data that are complete; 0 for data without end.
  public var epochs = 0
  /// What the running pass has taken: examples, or steps of each stream.
  public var taken = 0
  /// The generators from which the running pass can be drawn again, the source's own first.
  public var generators: [RandomGenerator] = []

  /// Makes a place: the beginning unless another is given.
  ///
  /// - Parameters:
  ///   - epochs: passes that are complete.
  ///   - taken: examples taken from the running pass.
  ///   - generators: those from which the running pass can be drawn again, the source's own first.
  public init(epochs: Int = 0, taken: Int = 0, generators: [RandomGenerator] = []) {
    self.epochs = epochs
    self.taken = taken
    self.generators = generators
  }

  /// The same without its last generator, which is returned beside it.
  ///
  /// Throws `.format` without one.
  func removingGenerator() throws(RNNError) -> (SourcePosition, RandomGenerator) {
    var rest = self
    guard let generator = rest.generators.popLast() else {
      throw RNNError(
        .format, Self.name, expected: "the state of another generator", found: "none")
    }
    return (rest, generator)
  }

  /// Throws `.format` unless no generator is left and `taken` is a whole number of
  /// batches within the pass.
  func check(takenBelow limit: Int, inStepsOf batch: Int) throws(RNNError) {
    guard generators.isEmpty else {
      throw RNNError(
        .format, Self.name, expected: "no further generator", found: "\(generators.count)")
    }
    guard (0...1 << 53).contains(epochs), taken >= 0, taken < max(1, limit),
      taken.isMultiple(of: batch)
    else {
      throw RNNError(
        .format, Self.name, expected: "a place after batches of \(batch) within \(limit)",
        found: "\(taken) in pass \(epochs)")
    }
  }

  // MARK: - As text

  /// On one line.
  public var json: String {
    JSONText.object([
      .init("epochs", JSONText(epochs)), .init("taken", JSONText(taken)),
      .init("generators", JSONText(generators.map(\.text))),
    ]).text
  }

  /// Reads ``json``; throws `.format`. Whether the data have such a place is found
  /// out by ``TrainingSource/seek(_:batch:)``.
  ///
  /// - Parameters:
  ///   - json: the text.
  ///   - name: what complaints call it.
  public init(json: String, name: String) throws(RNNError) {
    var fields = try JSONFields(parsing: json, name: name)
    (epochs, taken) = (try fields.count("epochs"), try fields.count("taken"))
    let texts = try fields.texts("generators")
    generators = texts.compactMap { RandomGenerator(text: $0) }
    guard generators.count == texts.count else {
      throw fields.failure(
        "generators", "states of generators", found: JSONText(texts).text.excerpt)
    }
    try fields.finish()
  }

  private static let name = "position in the training data"
}
