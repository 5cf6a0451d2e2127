internal import CLibrary
import FoundationEssentials
import RNNCore

/// Predicts the next token of a text, each time from all tokens before it: a language model.
///
/// A token is a Unicode scalar, or a word between white space, with `<eos>` at each line's end. A
/// single text is split in order: the first 90 % train, the next 5 % validate, the last 5 % test.
/// Tokens and classes are the scalars of the training part, or its words seen at least
/// `minimumCount` times, and one unknown id for all others. Training reads several streams of the
/// text side by side and carries the state. Held-out text is cut into at most 50
/// contiguous pieces, as long as possible but of at least 500 tokens where there are that many: the
/// state starts from zero at each piece, which costs a little, and every token but the first is
/// predicted once. The score is the perplexity, and for characters first the mean loss in bits.
///
/// A text may be larger than memory: its tokens, 2 bytes each below 65,536 of them, are kept in a
/// temporary file once they are many, from which the system reads what training looks at. While it
/// is read, the file takes 4 bytes a token more.
public struct TextTask: SequenceDataTask {
  public var name: String { TaskName.lm.rawValue }
  /// The symbols of the training part, or of a saved model.
  public let text: TextEncoding
  /// The time steps of a training batch, after which the gradient is cut off.
  public let steps: Int
  public let validation: ExampleList
  public let test: ExampleList
  /// The entropy of the training part's token frequencies, in nats.
  public let guessLoss: Double?
  private let training: TokenSequence

  private static let mostPieces = 50
  private static let shortestPiece = 500

  /// Splits `text` into characters. Throws `.range` for fewer than 40 of them or for
  /// `steps` below 1.
  public init(text: String, steps: Int = 50) throws(RNNError) {
    try self.init(TextParts(text: text), steps: steps)
  }

  /// Reads the characters of a file in UTF-8. Throws also `.file`,
  /// `.empty` and `.format`.
  public init(contentsOf file: URL, steps: Int = 50) throws(RNNError) {
    let table = try SymbolTable(unit: .character, normalization: TextNormalization())
    try self.init(TextParts(contentsOf: file, table: table), steps: steps)
  }

  /// Generates its own text: about `length` characters of made-up sentences with agreement and
  /// nested brackets.
  public init(generating length: Int = 60_000, seed: UInt64 = 1, steps: Int = 50) throws(RNNError) {
    let random = RandomGenerator(seed: seed, for: .text)
    try self.init(text: GeneratedText.make(characters: length, random: random), steps: steps)
  }

  /// Reads a file or directory; the symbols are those of `encoding` if there is one.
  init(_ url: URL, _ options: DataOptions, encoding: TextEncoding?) throws(RNNError) {
    try options.checkMinimumCount()
    let table = try SymbolTable(
      unit: encoding?.unit ?? options.unit ?? .character,
      normalization: encoding?.normalization
        ?? TextNormalization(lowercase: options.lowercase ?? false, digits: options.digits))
    try self.init(
      TextParts(contentsOf: url, table: table), steps: options.steps,
      minimumCount: options.minimumCount, encoding: encoding)
  }

  private init(
    _ parts: TextParts, steps: Int, minimumCount: Int = 1, encoding: TextEncoding? = nil
  ) throws(RNNError) {
    guard steps >= 1 else {
      throw RNNError(
        .range, "length of \(TaskName.lm.rawValue)", expected: "at least 1", found: "\(steps)")
    }
    let text =
      if let encoding { encoding } else {
        try parts.table.encoding(of: parts.training, minimumCount: minimumCount)
      }
    let renumber = parts.table.renumbering(to: text)
    self.text = text
    self.steps = steps
    training = try renumber(parts.training, below: text.sizeWithUnknown)
    validation = Self.pieces(of: try renumber(parts.validation, below: text.sizeWithUnknown))
    test = Self.pieces(of: try renumber(parts.test, below: text.sizeWithUnknown))
    guessLoss = entropy(of: training)
  }

  /// One part alone, all of it.
  init(
    heldOut place: HeldOutPlace, _ options: DataOptions, encoding: TextEncoding
  ) throws(RNNError) {
    var table = try SymbolTable(unit: encoding.unit, normalization: encoding.normalization)
    let file = try place.entry()
    let tokens = try TextParts.tokens(of: file, table: &table)
    guard tokens.count >= 2 else {
      throw RNNError(
        .range, file.path, expected: "at least 2 \(encoding.unit.rawValue)s",
        found: "\(tokens.count)")
    }
    let renumber = table.renumbering(to: encoding)
    let pieces = Self.pieces(of: try renumber(tokens, below: encoding.sizeWithUnknown))
    (text, steps, training, guessLoss) = (encoding, options.steps, TokenSequence(), nil)
    (validation, test) = place.part == .validation ? (pieces, []) : ([], pieces)
  }

  public var encoding: TaskEncoding { .lm(text) }
  public var summary: String {
    "predict the next of \(text.count) \(text.unit.rawValue)s in a text of \(training.count)"
  }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: text.sizeWithUnknown), answer: .everyStep,
      objective: .classes, outputs: text.sizeWithUnknown, allowsFuture: false)
  }

  /// Training looks no further back.
  public var memoryNeeded: Int? { steps - 1 }

  /// Streams through the training part; their order is the text's, so `seed` changes nothing.
  public func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    TextStreams(text: training, steps: steps)
  }

  /// Takes all from the mean loss: the perplexity exp(mean loss), and before it for characters the
  /// mean loss/ln 2 in bits.
  public func makeScore() -> any AnswerScore { Score(unit: text.unit) }

  private struct Score: AnswerScore {
    let unit: TextUnit

    /// Which token is the likeliest changes nothing.
    func add(_ prediction: SequencePrediction, for example: Example) {}

    func taskScore(meanLoss: Double) -> TaskScore {
      let perplexity = Metric(name: "perplexity", value: exp(meanLoss), higherIsBetter: false)
      guard unit == .character else { return TaskScore(metrics: [perplexity]) }
      let bits = Metric(name: "bits/char", value: meanLoss / log(2), higherIsBetter: false)
      return TaskScore(metrics: [bits, perplexity])
    }
  }

  /// Pieces that together predict each token but the first once; sizes differ by one at most.
  private static func pieces(of text: TokenSequence) -> ExampleList {
    let predicted = text.count - 1
    let count = max(1, min(mostPieces, predicted / shortestPiece))
    return ExampleList(count: count) { piece in
      let range = piece * predicted / count..<(piece + 1) * predicted / count
      return Example(predictingNextIn: text, at: range)
    }
  }
}

/// In nats: the loss of always answering with the classes' frequencies.
func entropy(of classes: some Collection<Int32>) -> Double {
  // By id, -1 for none first.
  var counts: [Int] = []
  for id in classes {
    let place = Int(id) + 1
    if place >= counts.count { counts += Array(repeating: 0, count: place + 1 - counts.count) }
    counts[place] += 1
  }
  // Summed in a fixed order, so that the same data give the same bits.
  let shares = counts.filter { $0 > 0 }.sorted().map { Double($0) / Double(classes.count) }
  return -shares.reduce(0) { $0 + $1 * log($1) }
}
