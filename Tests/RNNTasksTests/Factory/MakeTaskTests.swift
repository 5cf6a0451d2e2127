import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Making tasks by name")
struct MakeTaskTests {
  @Test("Every name but tag makes its task without options", arguments: TaskName.compared)
  func defaults(name: TaskName) throws {
    guard name != .tag else { return }
    let task = try makeTask(name.rawValue)
    #expect(task.name == name.rawValue)
    #expect(
      !task.validation.isEmpty && !task.test.isEmpty && task.guessLoss.map { $0 > 0 } != false)
    #expect(!task.summary.isEmpty && !task.summary.contains("\n"))
  }

  @Test("Options reach the tasks")
  func options() throws {
    #expect(try makeTask("adding", options: TaskOptions(length: 17)).test[0].length == 17)
    #expect(try makeTask("copy", options: TaskOptions(length: 5)).test[0].length == 25)
    var source = try makeTask("lm", options: TaskOptions(length: 9)).makeTrainingSource(seed: 1)
    #expect(source.nextBatch(2).examples[0].length == 9)
    let pairs = try makeTask("spelled-digits", options: TaskOptions(length: 2))
    #expect(
      pairs.test.allSatisfy {
        if case .labelling(let labels) = $0.target { labels.count == 2 } else { false }
      })
    var options = TaskOptions(seed: 3)
    options.heldOut = HeldOutSizes(validation: 2, test: 3)
    options.lengths = 20...30
    let task = try makeTask(.temporalOrder, options: options)
    #expect(task.test.count == 3 && task.test.allSatisfy { (20...30).contains($0.length) })
    #expect(
      task.test
        == (try TemporalOrderTask(
          lengths: 20...30, seed: 3, heldOut: HeldOutSizes(validation: 2, test: 3)
        ).test))
  }

  @Test(
    "The names of before mean the same tasks",
    arguments: [("chars", TaskName.lm), ("tagging", .tag)])
  func otherNames(name: String, task: TaskName) throws {
    #expect(try TaskName(named: name, among: TaskName.compared) == task)
    #expect(try TaskName(named: name, among: TaskName.learned) == task)
  }

  @Test("What is learned from data or compared alone is refused by the other")
  func refusedNames() {
    #expect(Set(TaskName.compared + TaskName.learned) == Set(TaskName.allCases))
    for name in TaskName.allCases where !TaskName.compared.contains(name) {
      let error = #expect(throws: RNNError.self) { try makeTask(name) }
      #expect(error?.kind == .unsupported && error?.found == name.rawValue)
    }
    for name in TaskName.allCases where !TaskName.learned.contains(name) {
      let error = #expect(throws: RNNError.self) { try makeTask(name, at: nil) }
      #expect(error?.kind == .unsupported && error?.found == name.rawValue)
    }
  }

  @Test("An unknown name is answered with the known ones")
  func unknownName() {
    let error = #expect(throws: RNNError.self) { try makeTask("ading") }
    #expect(
      error?.description == "task: expected one of slots, adding, temporal-order, copy, "
        + "spelled-digits, lm, tag, found 'ading'")
  }

  @Test("What a task cannot use, or lacks, is refused")
  func refused() {
    let file = URL(fileURLWithPath: "nowhere")
    var ranged = TaskOptions()
    ranged.lengths = 3...4
    var sized = TaskOptions()
    sized.heldOut = HeldOutSizes()
    for (name, options) in [
      (TaskName.tag, TaskOptions()), (.adding, TaskOptions(data: file)),
      (.slots, TaskOptions(length: 8)), (.copy, ranged), (.lm, sized),
    ] {
      let error = #expect(throws: RNNError.self) { try makeTask(name, options: options) }
      #expect(error?.kind == .unsupported && error?.argument.hasSuffix(name.rawValue) == true)
    }
    let missing = #expect(throws: RNNError.self) {
      try makeTask(.lm, options: TaskOptions(data: file))
    }
    #expect(missing?.kind == .file)
    let short = #expect(throws: RNNError.self) {
      try makeTask(.temporalOrder, options: TaskOptions(length: 5))
    }
    #expect(short?.description == "length of temporal-order: expected at least 10, found 5")
  }
}
