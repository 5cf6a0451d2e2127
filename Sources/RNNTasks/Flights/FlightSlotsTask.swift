import RNNCore

/// Fills the slots of generated flight queries: in "arrive taipei on november 2nd" and "leave
/// taipei on november 2nd" the same words take different slots, so a network without memory, which
/// sees one word at a time, cannot tell them apart.
///
/// Sentences of 4 to 22 words with one to three clauses (departure, arrival, stop) in any order.
/// Cities, dates, times and periods of the day belong to the clause they stand in, up to a dozen
/// words after the verb that opened it; airlines, classes and numbers of tickets stand anywhere.
/// One class a word: the IOB2 tag. Every tag is a function of the words up to its own, so a
/// network that reads from left to right can be perfect, while the best table from word to tag
/// gets less than half of the words in slots right (44 %, and 82 % of all words).
public struct FlightSlotsTask: GeneratedTask {
  /// The score: F1 of slots, or the share of right tags.
  public let scoredBy: SlotMetric
  public private(set) var validation: ExampleList = []
  public private(set) var test: ExampleList = []

  /// Throws `.range` for empty held-out sets.
  public init(
    scoredBy: SlotMetric = .tokenAccuracy, seed: UInt64 = 1,
    heldOut sizes: HeldOutSizes = HeldOutSizes()
  ) throws(RNNError) {
    try sizes.check()
    self.scoredBy = scoredBy
    validation = heldOut(sizes.validation, .validationExamples, seed: seed)
    test = heldOut(sizes.test, .testExamples, seed: seed)
  }

  public var name: String { TaskName.slots.rawValue }
  public var summary: String {
    "fill the slots of flight queries, where an earlier verb says what a city or date means"
  }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: words.count), answer: .everyStep, objective: .classes,
      outputs: tags.count)
  }

  /// Word texts by token id.
  public var words: [String] { FlightGrammar.shared.phrases.words.symbols }

  /// Tag names by class id: "O", "B-arrive.city", "I-arrive.city" and so on.
  public var tags: [String] { FlightGrammar.shared.tags }

  public func makeExample(using random: inout RandomGenerator) -> Example {
    let sentence = FlightGrammar.shared.makeSentence(using: &random)
    return Example(input: .tokens(sentence.words), target: .classPerStep(sentence.tags))
  }

  /// The token ids of a sentence, its words separated by blanks.
  ///
  /// Throws `.vocabulary` for a word that no query holds, and
  /// `.empty` without words.
  public func encode(_ sentence: String) throws(RNNError) -> [Int32] {
    var ids: [Int32] = []
    for word in sentence.split(separator: " ") {
      guard let id = FlightGrammar.shared.phrases.words.knownID(of: String(word)) else {
        throw RNNError(
          .vocabulary, "sentence", expected: "words of the flight queries", found: word.excerpt)
      }
      ids.append(id)
    }
    guard !ids.isEmpty else {
      throw RNNError(.empty, "sentence", expected: "at least one word", found: "none")
    }
    return ids
  }

  /// Counts what ``scoredBy`` names: right tags, or whole slots.
  public func makeScore() -> any AnswerScore {
    Score(tags: tags.map { ChunkTag($0) ?? .outside }, scoredBy: scoredBy)
  }

  private struct Score: AnswerScore {
    let tags: [ChunkTag]
    let scoredBy: SlotMetric
    var chunks = ChunkScore()

    mutating func add(_ prediction: SequencePrediction, for example: Example) {
      chunks.add(
        gold: example.classIDs.map { tags[Int($0)] },
        predicted: prediction.classIDs.map { tags[Int($0)] })
    }

    func taskScore(meanLoss: Double) -> TaskScore {
      let value = scoredBy == .chunkF1 ? chunks.f1 : chunks.tokenAccuracy
      return TaskScore(
        metrics: [Metric(name: scoredBy.rawValue, value: value, higherIsBetter: true)])
    }
  }
}
