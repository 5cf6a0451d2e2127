import RNNCore
import RNNTasks
import Testing

@Suite("Generated tasks")
struct GeneratedTaskTests {
  static let names: [TaskName] = [.slots, .adding, .temporalOrder, .copy, .spelledDigits]

  @Test("The same seed gives the same examples, another seed others", arguments: names)
  func determinism(name: TaskName) throws {
    let first = try makeTask(name, options: TaskOptions(seed: 5))
    let again = try makeTask(name, options: TaskOptions(seed: 5))
    let other = try makeTask(name, options: TaskOptions(seed: 6))
    #expect(first.validation == again.validation)
    #expect(first.test == again.test)
    #expect(first.test != other.test)
    #expect(first.trainingExamples(100, seed: 3) == again.trainingExamples(100, seed: 3))
    #expect(first.trainingExamples(100, seed: 3) == other.trainingExamples(100, seed: 3))
    #expect(first.trainingExamples(100, seed: 3) != first.trainingExamples(100, seed: 4))
  }

  @Test("Held-out sets and training hardly share an example", arguments: names)
  func separation(name: TaskName) throws {
    let task = try makeTask(name, options: TaskOptions(seed: 5))
    let training = Set(task.trainingExamples(5000, seed: 5))
    let heldOut = Array(task.validation) + task.test
    let shared = heldOut.count { training.contains($0) }
    // Some of the shortest flight queries must come up twice.
    #expect(Double(shared) < (name == .slots ? 0.02 : 0.001) * Double(heldOut.count))
    #expect(Set(task.validation).intersection(task.test).count < heldOut.count / 100)
  }

  @Test("Held-out sizes are as asked for and do not move other examples")
  func heldOutSizes() throws {
    let small = try CopyTask(heldOut: HeldOutSizes(validation: 3, test: 4))
    let large = try CopyTask(heldOut: HeldOutSizes(validation: 30, test: 40))
    #expect(small.validation.count == 3 && small.test.count == 4)
    #expect(large.validation.prefix(3).elementsEqual(small.validation))
    #expect(large.test.prefix(4).elementsEqual(small.test))
    #expect(throws: RNNError.self) { try CopyTask(heldOut: HeldOutSizes(validation: 0, test: 4)) }
  }

  @Test("Shapes bound the ids, and the truth scores 1", arguments: names)
  func shapes(name: TaskName) throws {
    let task = try makeTask(name)
    for example in task.validation {
      if case .tokens(let vocabulary) = task.shape.input {
        #expect(example.tokens.allSatisfy { (0..<Int32(vocabulary)).contains($0) })
      }
      #expect(example.classes.allSatisfy { (0..<Int32(task.shape.outputs)).contains($0) })
      if case .labelling(let labels) = example.target {
        #expect(labels.allSatisfy { (1..<Int32(task.shape.outputs)).contains($0) })
      } else if task.shape.answer == .everyStep {
        #expect(example.classes.count == example.length)
      }
    }
    let metric = task.metric(
      predictions: task.test.map(\.truth), examples: task.test, meanLoss: 0)
    #expect(metric.value == 1 && metric.higherIsBetter)
  }

  @Test("A training batch holds as many examples as asked for, starts afresh, and has no epochs")
  func batches() throws {
    var source = try AddingTask(lengths: 2...7).makeTrainingSource(seed: 1)
    let batch = source.nextBatch(13)
    #expect(batch.examples.count == 13 && batch.startsAfresh && batch.epochsCompleted == nil)
    #expect(!source.carriesState)
  }
}
