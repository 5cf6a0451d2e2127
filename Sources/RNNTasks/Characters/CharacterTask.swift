import Foundation
import RNNCore

/// Predicts the next character of a text, each time from all characters before it.
///
/// A character is a Unicode scalar. The text is split in order: the first 90 % train, the next 5 %
/// validate, the last 5 % test. Tokens and classes are the scalars of the training part, and one
/// unknown id for all others. Training reads several streams of the text side by side and carries
/// the state (``CharacterStreams``). Held-out text is cut into at most 50 contiguous pieces, as
/// long as possible but of at least 500 characters where there are that many: the state starts
/// from zero at each piece, which costs a little, and every character is predicted once. The score
/// is the mean loss in bits a character.
public struct CharacterTask: SequenceTask {
  /// The scalars of the training part, numbered in order of value.
  public let characters: Vocabulary<Unicode.Scalar>
  /// The time steps of a training batch, after which the gradient is cut off.
  public let steps: Int

  /// Training looks no further back.
  public var memoryNeeded: Int? { steps - 1 }
  public let validation: [Example]
  public let test: [Example]
  /// The entropy of the training part's character frequencies, in nats.
  public let guessLoss: Double?
  private let training: [Int32]

  private static let shortestText = 40
  private static let mostPieces = 50
  private static let shortestPiece = 500

  /// Splits `text`. Throws ``RNNError/Kind/range`` for fewer than 40 characters or for `steps`
  /// below 1.
  public init(text: String, steps: Int = 50) throws(RNNError) {
    let scalars = Array(text.unicodeScalars)
    guard scalars.count >= Self.shortestText else {
      throw RNNError(
        .range, "text", expected: "at least \(Self.shortestText) characters",
        found: "\(scalars.count)")
    }
    try checkLengths(steps...steps, atLeast: 1, task: .chars)
    let trainingEnd = scalars.count * 90 / 100
    let validationEnd = scalars.count * 95 / 100
    let characters = Vocabulary(Set(scalars[..<trainingEnd]).sorted())
    func ids(_ part: ArraySlice<Unicode.Scalar>) -> [Int32] { part.map(characters.id) }
    self.characters = characters
    self.steps = steps
    training = ids(scalars[..<trainingEnd])
    validation = Self.pieces(of: ids(scalars[trainingEnd..<validationEnd]))
    test = Self.pieces(of: ids(scalars[validationEnd...]))
    guessLoss = Self.entropy(of: training)
  }

  /// Reads a file in UTF-8. Throws also ``RNNError/Kind/file``, ``RNNError/Kind/empty`` and
  /// ``RNNError/Kind/format``.
  public init(contentsOf file: URL, steps: Int = 50) throws(RNNError) {
    try self.init(text: TextFile(reading: file).text, steps: steps)
  }

  /// Generates its own text: about `length` characters of made-up sentences with agreement and
  /// nested brackets.
  public init(generating length: Int = 60_000, seed: UInt64 = 1, steps: Int = 50) throws(RNNError) {
    let random = RandomGenerator(seed: seed).stream(.training)
    try self.init(text: GeneratedText.make(characters: length, random: random), steps: steps)
  }

  public var name: String { TaskName.chars.rawValue }
  public var summary: String {
    "predict the next of \(characters.count) characters in a text of \(training.count)"
  }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: characters.sizeWithUnknown), answer: .everyStep,
      objective: .classes, outputs: characters.sizeWithUnknown, allowsFuture: false)
  }

  /// Streams through the training part; their order is the text's, so `seed` changes nothing.
  public func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    CharacterStreams(text: training, steps: steps)
  }

  public func metric(
    predictions: [Prediction], examples: [Example], meanLoss: Double
  ) -> Metric {
    Metric(name: "bits/char", value: meanLoss / log(2), higherIsBetter: false)
  }

  /// The token ids of a text, to start a generated one with.
  public func encode(_ text: String) -> [Int32] { text.unicodeScalars.map(characters.id) }

  /// The text of token ids, with U+FFFD for the unknown one.
  public func decode(_ ids: [Int32]) -> String {
    var scalars = String.UnicodeScalarView()
    for id in ids { scalars.append(characters.symbol(of: id) ?? "\u{FFFD}") }
    return String(scalars)
  }

  /// Pieces that together predict each character but the first once; sizes differ by one at most.
  private static func pieces(of text: [Int32]) -> [Example] {
    let predicted = text.count - 1
    let count = max(1, min(mostPieces, predicted / shortestPiece))
    return (0..<count).map { piece in
      let range = piece * predicted / count..<(piece + 1) * predicted / count
      return Example(predictingNextIn: text, at: range)
    }
  }

  /// In nats: the loss of always answering with the characters' frequencies.
  private static func entropy(of text: [Int32]) -> Double {
    var counts: [Int32: Int] = [:]
    for id in text { counts[id, default: 0] += 1 }
    // Summed in a fixed order, so that the same text gives the same bits.
    let shares = counts.values.sorted().map { Double($0) / Double(text.count) }
    return -shares.reduce(0) { $0 + $1 * log($1) }
  }
}
