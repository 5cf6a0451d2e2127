import RNNCore

/// What random numbers of data are drawn for.
extension RandomStream {
  /// The order of a finite set of training examples.
  static let order: RandomStream = "order of training examples"
  /// Which words training shows as unknown.
  static let wordDropout: RandomStream = "word dropout"
  /// Which examples are set aside for validation and test.
  static let split: RandomStream = "split of the data"
  /// Examples of generated tasks, by their part.
  static let trainingExamples: RandomStream = "training examples"
  static let validationExamples: RandomStream = "validation examples"
  static let testExamples: RandomStream = "test examples"
  /// The generated text of a language model.
  static let text: RandomStream = "generated text"
  /// To which part a generated pair belongs.
  static let partOfPair: RandomStream = "part of a pair"
}

/// How the random numbers that data are split or generated with come from a seed.
public enum SeedDerivation: String, Codable, Sendable {
  /// From the names of their streams.
  case byName
  /// From small numbers for streams, which initial weights used as well: what models saved before
  /// had.
  case byNumber

  /// The generator of a stream of the data.
  ///
  /// - Parameter number: the stream's label under ``byNumber``.
  func generator(
    seed: UInt64, for stream: RandomStream, numbered number: UInt64
  ) -> RandomGenerator {
    switch self {
    case .byName: RandomGenerator(seed: seed, for: stream)
    case .byNumber: RandomGenerator(seed: seed).numberedStream(number)
    }
  }
}
