import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Temporal order")
struct TemporalOrderTaskTests {
  @Test("The class names the two relevant symbols, which stand where the papers put them")
  func positions() throws {
    let task = try TemporalOrderTask(lengths: 10...73)
    for example in task.test {
      let length = example.length
      let relevant = example.tokens.indices.filter { example.tokens[$0] < 2 }
      #expect(relevant.count == 2)
      #expect((length / 10...2 * length / 10).contains(relevant[0]))
      #expect((4 * length / 10...5 * length / 10).contains(relevant[1]))
      let name = relevant.map { TemporalOrderTask.symbols[Int(example.tokens[$0])] }.joined()
      #expect(TemporalOrderTask.classes[Int(example.classes[0])] == name)
    }
  }

  @Test("Classes and distractors are balanced")
  func balance() throws {
    let task = try TemporalOrderTask(heldOut: HeldOutSizes(validation: 1, test: 8000))
    for label in Int32(0)..<4 {
      let share = Double(task.test.count { $0.classes == [label] }) / 8000
      // Four standard errors of a share of 1/4 among 8000.
      #expect(abs(share - 0.25) < 0.02)
    }
    let tokens = task.test.flatMap(\.tokens)
    for symbol in Int32(2)..<6 {
      let share = Double(tokens.count { $0 == symbol }) / Double(tokens.count)
      #expect(abs(share - 0.25 * 48 / 50) < 0.004)
    }
    #expect(task.guessLoss == log(4))
  }

  @Test("Fewer than 10 steps are refused")
  func tooShort() {
    #expect(throws: RNNError.self) { try TemporalOrderTask(lengths: 9...50) }
  }
}
