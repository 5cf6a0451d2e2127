import Foundation
import RNNCore
import RNNTasks
import Testing

@testable import RNNReport
@testable import RNNStudies
@testable import rnnbench

@Suite("Progress says where a run stands")
struct ProgressTests {
  /// A terminal, and a clock on which every look at it is half a second later.
  private final class Stage {
    var now = 0.0
    var written: [String] = []

    var reporter: ProgressReporter {
      ProgressReporter(
        terminal: Terminal(isTerminal: true, width: 200),
        clock: {
          self.now += 0.5
          return self.now
        }, write: { self.written.append($0) })
    }

    func contains(_ text: String) -> Bool { written.contains { $0.contains(text) } }
  }

  @Test("train counts epochs, within them and in all, with examples and the loss")
  func train() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    var settings = TrainSettings.standard(for: .tag, unit: nil, threads: 1)
    (settings.model.hidden, settings.model.embedding) = (4, 3)
    (settings.batch, settings.epochs, settings.patience) = (4, 3, 0)
    func train(_ name: String) throws -> Stage {
      let session = try TrainSession(
        settings, data: URL(fileURLWithPath: line.path("tags")), path: line.path(name),
        team: ThreadTeam(count: 1))
      let stage = Stage()
      _ = try session.train(timeLimit: nil, progress: stage.reporter) { _ in }
      return stage
    }
    let stage = try train("m")
    // 30 sentences are 8 updates, of which a look follows the last. The clock is asked once an update, and where a phase
    // begins: after 7 updates of an epoch, the last is left, and of 24 in all the others.
    for epoch in 1...3 { #expect(stage.contains("Epoch \(epoch) of 3 ")) }
    #expect(!stage.contains("Epoch 4"))
    let last = try #require(stage.written.last { $0.contains("Epoch 1 of 3") })
    #expect(last.contains(" 88 %, about 1 s left, in all about 9 s, "), "\(last)")
    #expect(last.contains(" examples/s, loss "), "\(last)")
    #expect(stage.written.last == "\r\u{1B}[K")
    settings.patience = 2
    #expect(try train("n").contains("in all at most "))
  }

  @Test("compare counts the runs of all cells and seeds")
  func compare() throws {
    var settings = StudySettings.standard(.compare, for: .slots)
    (settings.model.embedding, settings.model.hidden, settings.batch) = (3, 4, 4)
    (settings.cells, settings.updates, settings.seeds) = ("elman,gru", 3, 2)
    var comparison = try Comparison(RunPlan(settings))
    let stage = Stage()
    let runner = try Runner(
      comparison.plan, team: ThreadTeam(count: 1), peak: 1, keepsBest: true)
    try comparison.run(runner, progress: stage.reporter)
    for name in [
      "Run 1 of 4: elman, seed 1 ", "Run 2 of 4: elman, seed 2 ", "Run 3 of 4: gru, seed 1 ",
      "Run 4 of 4: gru, seed 2 ", ", in all about ",
    ] {
      #expect(stage.contains(name), "\(name)")
    }
    #expect(comparison.sentences.count == 2 && comparison.sentences[1].contains("trains fastest"))
  }
}
