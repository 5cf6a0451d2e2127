import RNNCore
import RNNTasks

/// A trained encoder that a classifier begins with.
package struct SavedEncoder {
  package let model: EncoderDecoder
  /// What its tokens are.
  package let vocabulary: TextEncoding

  /// Throws for a file without one that reads texts.
  package init(reading path: String, team: ThreadTeam) throws {
    let saved = try SavedRun(reading: path)
    guard case .pairs(let encoding) = saved.encoding else {
      throw RNNError(
        .unsupported, "--start", expected: "an auto-encoder or another model of pairs",
        found: "a model of kind \(saved.settings.kind.rawValue)")
    }
    model = try EncoderDecoder(saved.file, team: team)
    vocabulary = encoding.source
  }
}

extension TrainSettings {
  /// Makes the model one that can begin with an encoder.
  package mutating func begin(with encoder: EncoderDecoderConfiguration, from name: String) {
    start = name
    cell = encoder.cell.description
    model.hidden = encoder.encoderHidden
    (model.layers, model.directions) = (encoder.layers, encoder.directions)
    if case .tokens(_, let width) = encoder.source { model.embedding = width }
  }

  /// The options that an encoder has already decided, of those that were given.
  package static func decided(among given: Set<String>) -> String? {
    [
      "cell", "hidden", "embedding", "layers", "directions", "window", "init", "uniform-start",
      "unit", "minimum-count", "lowercase", "digits",
    ].first(where: given.contains)
  }
}
