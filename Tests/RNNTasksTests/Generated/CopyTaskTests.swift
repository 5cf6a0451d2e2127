import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Copy memory")
struct CopyTaskTests {
  @Test("Symbols, silence, delimiter, and the symbols again", arguments: [1, 7])
  func layout(delay: Int) throws {
    let task = try CopyTask(delay: delay, symbols: 5, remembered: 3)
    for example in task.test {
      let data = Array(example.tokens.prefix(3))
      #expect(data.allSatisfy { $0 < 5 })
      let silence = [Int32](repeating: 5, count: delay - 1)
      #expect(example.tokens == data + silence + [6] + [5, 5, 5])
      #expect(example.classes == [Int32](repeating: 5, count: delay + 3) + data)
    }
  }

  @Test("The guess loss is Arjovsky's 10 ln 8/(T + 20)")
  func guessLoss() throws {
    #expect(try CopyTask(delay: 100).guessLoss == 10 * log(8) / 120)
  }

  @Test("Only recalled symbols are scored")
  func recall() throws {
    let task = try CopyTask(heldOut: HeldOutSizes(validation: 1, test: 1))
    var answer = task.test[0].classes
    answer[0] = 0
    answer[answer.count - 1] = 8
    let metric = task.metric(predictions: [.classes(answer)], examples: task.test, meanLoss: 1)
    #expect(metric.value == 0.9)
  }

  @Test("Every symbol is as frequent as any other")
  func balance() throws {
    let task = try CopyTask(heldOut: HeldOutSizes(validation: 1, test: 2000))
    let data = task.test.flatMap { $0.tokens.prefix(10) }
    for symbol in Int32(0)..<8 {
      let share = Double(data.count { $0 == symbol }) / Double(data.count)
      // Four standard errors of a share of 1/8 among 20,000.
      #expect(abs(share - 0.125) < 0.01)
    }
  }

  @Test("Delays and sizes without meaning are refused")
  func refused() {
    #expect(throws: RNNError.self) { try CopyTask(delay: 0) }
    #expect(throws: RNNError.self) { try CopyTask(symbols: 1) }
    #expect(throws: RNNError.self) { try CopyTask(remembered: 0) }
  }
}
