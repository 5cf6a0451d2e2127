import Testing

@testable import RNNReport

@Suite struct ProgressReporterTests {
  /// A clock to turn by hand, and what was written.
  private final class Stage {
    var now = 0.0
    var written: [String] = []

    func reporter(isTerminal: Bool, width: Int = 80) -> ProgressReporter {
      ProgressReporter(
        terminal: Terminal(isTerminal: isTerminal, width: width), clock: { self.now },
        write: { self.written.append($0) })
    }
  }

  @Test func `a log gets a line every ten seconds and a last one`() {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: false)
    reporter.begin("LSTM, seed 1", total: 100)
    for step in 1...100 {
      stage.now += 0.25
      reporter.update(step, note: "loss 0.5")
    }
    reporter.finish(note: "loss 0.4")
    #expect(
      stage.written == [
        "LSTM, seed 1: 40 of 100 (40 %), 15.0 s left, loss 0.5\n",
        "LSTM, seed 1: 80 of 100 (80 %), 5.00 s left, loss 0.5\n",
        "LSTM, seed 1: done in 25.0 s, loss 0.4\n",
      ])
  }

  @Test func `a terminal is redrawn at most ten times a second and left clean`() {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: true)
    reporter.begin("GRU", total: 1000)
    for step in 1...1000 {
      stage.now += 0.002
      reporter.update(step)
    }
    reporter.finish()
    #expect((15...23).contains(stage.written.count))
    #expect(stage.written.allSatisfy { $0.hasPrefix("\r") && !$0.contains("\n") })
    #expect(stage.written.last == "\r\u{1B}[K")
  }

  @Test(arguments: [10, 24, 40, 80, 200])
  func `the bar stays on one line`(width: Int) {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: true, width: width)
    reporter.begin("LSTM with peepholes\n", total: 10)
    stage.now = 5
    reporter.update(5, note: "loss 0.123")
    for text in stage.written {
      #expect(text.replacing("\r", with: "").replacing("\u{1B}[K", with: "").displayWidth < width)
    }
  }

  @Test func `the bar shows the share done`() {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: true)
    reporter.begin("GRU", total: 4)
    stage.now = 2
    reporter.update(2, note: "loss 1")
    let half = String(repeating: "━", count: 15) + String(repeating: "╌", count: 15)
    #expect(stage.written.last == "\rGRU \(half) 50 %, 2.00 s left, loss 1\u{1B}[K")
  }

  @Test func `a second phase ends the first`() {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: false)
    reporter.begin("one", total: 0)
    reporter.begin("two", total: 1)
    reporter.finish()
    reporter.finish()
    #expect(stage.written == ["one: done in 0 µs\n", "two: done in 0 µs\n"])
  }

  @Test func `a reporter that goes away in mid-phase clears its bar`() {
    let stage = Stage()
    var reporter: ProgressReporter? = stage.reporter(isTerminal: true)
    reporter?.begin("GRU", total: 4)
    reporter = nil
    #expect(stage.written.last == "\r\u{1B}[K")
  }
}
