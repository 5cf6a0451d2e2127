import RNNTasks
import Testing

@testable import RNNCore

@Suite("Held-out data are scored a batch at a time")
struct HeldOutDataTests {
  private static func model(_ task: any SequenceTask) throws -> SequenceModel {
    try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: 4, embedding: 3), body: .recurrent(.gru()), hiddenSize: 5,
        outputs: task.shape.outputs),
      seed: 4)
  }

  /// Copying 2 of 2 symbols; the task's ids are 0 to 3.
  private static func task() throws -> CopyTask {
    try CopyTask(
      delay: 3, symbols: 2, remembered: 2, heldOut: HeldOutSizes(validation: 9, test: 23))
  }

  @Test("The size of the batches changes neither score nor loss", arguments: [1, 4, 23, 100])
  func batches(_ batch: Int) throws {
    let task = try Self.task()
    let model = try Self.model(task)
    let pass = model.makePass()
    let whole = try model.predictions(of: task.test)
    var answers: [SequencePrediction] = []
    let (loss, score) = try HeldOutData(task.test, batch: batch)
      .score(model, on: task, pass: pass) { index, prediction in
        #expect(index == answers.count)
        answers.append(prediction)
      }
    #expect(answers == whole.predictions)
    // Single precision, summed in another order.
    #expect(abs(loss - whole.loss) < 1e-6 * whole.loss)
    let expected = task.score(
      predictions: whole.predictions, examples: task.test, meanLoss: loss)
    #expect(score == expected)
    let short = try HeldOutData(task.test, batch: batch).evaluate(model, on: task, pass: pass)
    #expect(short.loss == loss && short.metric == score.metrics[0])
  }

  @Test("Who looks at the answers may stop")
  func stops() throws {
    let task = try Self.task()
    let model = try Self.model(task)
    var seen = 0
    let error = #expect(throws: RNNError.self) {
      try HeldOutData(task.test, batch: 4).score(model, on: task, pass: model.makePass()) {
        (_, _) throws(RNNError) in
        seen += 1
        if seen == 6 { throw RNNError(.file, "answers", expected: "room", found: "none") }
      }
    }
    #expect(seen == 6 && error?.kind == .file)
  }

  @Test("Nothing held out has no answers and a loss of 0")
  func nothing() throws {
    let task = try Self.task()
    let model = try Self.model(task)
    let (loss, score) = try HeldOutData([]).score(model, on: task, pass: model.makePass())
    #expect(loss == 0 && score.metrics.map(\.value) == [0])
  }

  @Test("Examples are made when they are asked for, and equal those of an array")
  func made() throws {
    let tokens: [Int32] = [3, 1, 2, 0]
    let made = ExampleList(count: 4) { index in
      Example(input: .tokens([tokens[index]]), target: .classAtEnd(Int32(index)))
    }
    let array = Array(made)
    #expect(made == ExampleList(array) && made.count == 4 && made[2] == array[2])
    #expect(made != ExampleList(array.reversed()) && made.suffix(1).first == array[3])
    var source = try ShuffledSource(examples: made, seed: 3)
    var same = try ShuffledSource(examples: ExampleList(array), seed: 3)
    #expect(source.nextBatch(4).examples == same.nextBatch(4).examples)
    #expect(throws: RNNError.self) { try ShuffledSource(examples: [], seed: 3) }
  }
}

extension SequenceModel {
  /// The answers to all examples side by side, with the mean loss.
  fileprivate func predictions(
    of examples: ExampleList
  ) throws -> (predictions: [SequencePrediction], loss: Double) {
    var state = zeroState(sequences: examples.count)
    let (predictions, loss) = try predictionsAndLoss(
      for: SequenceBatch(Array(examples)), state: &state, pass: makePass(), reduction: .sum)
    return (predictions, loss.value / Double(loss.elements))
  }
}
