import RNNCore
import RNNTasks
import Testing

@Suite("Tagging")
struct TaggingTaskTests {
  static let train = [
    ("fly to taipei", "O O B-to"), ("fly from new york", "O O B-from I-from"),
    ("fly to new york today", "O O B-to I-to B-day"), ("go to paris", "O O B-to"),
    ("from taipei to boston now please", "O B-from O B-to O O"),
  ]
  static let valid = [("fly to rome", "O O B-to")]
  static let test = [("from taipei to rome on lufthansa", "O B-from O B-to O B-airline")]

  /// Writes a corpus and makes the task of it.
  static func makeTask(
    minimumCount: Int = 2, wordDropout: Float = 0, groupsByLength: Bool = false
  ) throws -> TaggingTask {
    let directory = try TemporaryDirectory()
    for (folder, sentences) in [("train", train), ("valid", valid), ("test", test)] {
      let (words, tags) = (sentences.map(\.0), sentences.map(\.1))
      try directory.write((words.joined(separator: "\n") + "\n").utf8, to: "\(folder)/seq.in")
      try directory.write(tags.joined(separator: "\n").utf8, to: "\(folder)/seq.out")
    }
    return try TaggingTask(
      directory: directory.url, minimumCount: minimumCount, wordDropout: wordDropout,
      groupsByLength: groupsByLength)
  }

  @Test("Words seen once are unknown, tags of training come first")
  func vocabularies() throws {
    let task = try Self.makeTask()
    #expect(task.tagging.words.symbols == ["fly", "to", "taipei", "from", "new", "york"])
    #expect(
      task.tagging.tags.all == ["O", "B-to", "B-from", "I-from", "I-to", "B-day", "B-airline"])
    #expect(task.tagging.tags.trainedCount == 6)
    #expect(task.shape.input == .tokens(vocabulary: 7) && task.shape.outputs == 7)
    #expect(task.validation[0].tokens == [0, 1, 6])
    #expect(try Self.makeTask(minimumCount: 1).tagging.words.count == 12)
  }

  @Test("A tag that training lacks counts as a missed chunk, even if its class is predicted")
  func unseenTag() throws {
    let task = try Self.makeTask()
    let answers = task.test.map(\.truth)
    let score = try #require(
      task.score(predictions: answers, examples: task.test, meanLoss: 0).chunks)
    #expect(score.byType["airline"]?.gold == 1 && score.byType["airline"]?.predicted == 0)
    #expect(score.precision == 1 && score.recall == 2.0 / 3)
    let metric = task.metric(
      predictions: task.validation.map(\.truth), examples: task.validation, meanLoss: 0)
    #expect(metric == Metric(name: "F1", value: 1, higherIsBetter: true))
  }

  @Test("Each epoch shows every sentence once, in another order", arguments: [false, true])
  func epochs(groupsByLength: Bool) throws {
    let task = try Self.makeTask(groupsByLength: groupsByLength)
    var source = task.makeTrainingSource(seed: 2)
    var orders: Set<[Example]> = []
    for epoch in 1...20 {
      let batches = (0..<3).map { _ in source.nextBatch(2) }
      #expect(batches.map(\.examples.count) == [2, 2, 1])
      #expect(batches.map(\.epochsCompleted) == [epoch - 1, epoch - 1, epoch])
      let order = batches.flatMap(\.examples)
      #expect(Set(order) == Set(task.training))
      orders.insert(order)
    }
    #expect(orders.count > 1)
  }

  @Test("The order of sentences depends on the seed alone")
  func orderSeed() throws {
    let task = try Self.makeTask()
    #expect(task.trainingExamples(50, seed: 9) == task.trainingExamples(50, seed: 9))
    #expect(task.trainingExamples(50, seed: 9) != task.trainingExamples(50, seed: 10))
  }

  @Test("Batches grouped by length pad less")
  func groups() throws {
    let examples = ExampleList(count: 400) { index in
      Example(
        input: .tokens([Int32](repeating: 1, count: 1 + index * 37 % 50)),
        target: .classAtEnd(0))
    }
    func padded(_ groupsByLength: Bool) throws -> Int {
      var source = try ShuffledSource(examples: examples, seed: 1, groupsByLength: groupsByLength)
      return (0..<25).map { _ in
        let lengths = source.nextBatch(16).examples.map(\.length)
        return lengths.count * (lengths.max() ?? 0)
      }.reduce(0, +)
    }
    let real = examples.map(\.length).reduce(0, +)
    #expect(try padded(true) < real * 11 / 10)
    #expect(try padded(false) > real * 3 / 2)
    #expect(throws: RNNError.self) { try ShuffledSource(examples: [], seed: 1) }
  }

  @Test("Word dropout makes the asked-for share of training words unknown, held-out ones never")
  func wordDropout() throws {
    let task = try Self.makeTask(minimumCount: 1, wordDropout: 0.25)
    let tokens = task.trainingExamples(5000, seed: 1).flatMap(\.tokens)
    let share = Double(tokens.count { $0 == task.tagging.words.unknownID }) / Double(tokens.count)
    // Four standard errors of a share of 1/4 among 20,000.
    #expect(abs(share - 0.25) < 0.0125)
    #expect(!task.training.flatMap(\.tokens).contains(task.tagging.words.unknownID))
  }

  @Test("Options without meaning are refused")
  func refused() {
    #expect(throws: RNNError.self) { try Self.makeTask(minimumCount: 0) }
    #expect(throws: RNNError.self) { try Self.makeTask(wordDropout: 1) }
    #expect(throws: RNNError.self) { try Self.makeTask(wordDropout: .nan) }
    let error = #expect(throws: RNNError.self) { try Self.makeTask(minimumCount: 100) }
    #expect(error?.kind == .vocabulary && error?.found == "100")
  }
}
