import RNNCore
import RNNTasks
import Testing

@Suite("Adding problem")
struct AddingTaskTests {
  @Test("The target is made of the two marked values", arguments: AddingTarget.allCases)
  func target(kind: AddingTarget) throws {
    let task = try AddingTask(lengths: 2...31, target: kind)
    for example in task.test {
      let length = example.length
      let marked = (0..<length).filter { example.features[2 * $0 + 1] == 1 }
      #expect(marked.count == 2)
      #expect(marked[0] < length / 2 && marked[1] >= length / 2)
      let (a, b) = (example.features[2 * marked[0]], example.features[2 * marked[1]])
      let expected =
        switch kind {
        case .sum: a + b
        case .mean: (a + b) / 2
        case .hochreiter: 0.5 + (a + b) / 4
        }
      #expect(example.values == [expected])
    }
    #expect(Set(task.test.map(\.length)) == Set(2...31))
  }

  @Test("The guess loss is the target's variance", arguments: AddingTarget.allCases)
  func guessLoss(kind: AddingTarget) throws {
    let sizes = HeldOutSizes(validation: 1, test: 20_000)
    let task = try AddingTask(lengths: 4...4, target: kind, heldOut: sizes)
    let targets = task.test.map { Double($0.values[0]) }
    let mean = targets.reduce(0, +) / Double(targets.count)
    let variance = targets.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(targets.count)
    let guess = try #require(task.guessLoss)
    // The relative standard error of the variance of 20,000 draws is below 1 %; four of them.
    #expect(abs(variance - guess) < 0.04 * guess)
  }

  @Test("Answers within 0.04 are solved")
  func solvedShare() throws {
    let task = try AddingTask(heldOut: HeldOutSizes(validation: 1, test: 4))
    let offsets: [Float] = [0, 0.03, 0.05, -0.039]
    let predictions = zip(task.test, offsets).map { example, offset in
      SequencePrediction.values([example.values[0] + offset])
    }
    let metric = task.metric(predictions: predictions, examples: task.test, meanLoss: 1)
    #expect(metric.name == "solved share" && metric.value == 0.75)
  }

  @Test("A length of one step is refused")
  func tooShort() {
    let error = #expect(throws: RNNError.self) { try AddingTask(lengths: 1...5) }
    #expect(error?.description == "length of adding: expected at least 2, found 1")
  }
}
