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

  @Test func `nothing is written where nobody watches`() {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: false)
    reporter.begin("LSTM, seed 1", total: 100, of: .init(share: 0))
    for step in 1...100 {
      stage.now += 10
      reporter.update(step, of: .init(share: 0.01 * Double(step)), note: "loss 0.5")
    }
    reporter.finish()
    #expect(stage.written.isEmpty)
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
    #expect(stage.written.last == "\rGRU \(half) 50 %, about 2 s left, loss 1\u{1B}[K")
  }

  @Test func `a second phase ends the first`() {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: true, width: 20)
    reporter.begin("one", total: 0)
    reporter.begin("two", total: 1)
    reporter.finish()
    reporter.finish()
    let clear = "\r\u{1B}[K"
    #expect(
      stage.written == [
        "\rone ━━━━━━━━━ 100 %\u{1B}[K", clear, "\rtwo ╌╌╌╌╌╌╌╌╌╌╌ 0 %\u{1B}[K", clear,
      ])
  }

  /// What the last line says, without its bar.
  private func words(_ stage: Stage) throws -> String {
    try #require(stage.written.last).replacing(/[\r━╌]|\u{1B}\[K/, with: "")
      .replacing("  ", with: " ")
  }

  @Test func `the rest of all phases is judged by the time since the first`() throws {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: true, width: 200)
    // Four runs: the first takes 60 s, the second goes twice as fast.
    reporter.begin("Run 1 of 4", total: 10, of: .init(share: 0))
    stage.now = 30
    reporter.update(5, of: .init(share: 0.125))
    #expect(try words(stage) == "Run 1 of 4 50 %, about 30 s left, in all about 4 min")
    stage.now = 60
    reporter.update(10, of: .init(share: 0.25))
    #expect(try words(stage) == "Run 1 of 4 100 %, in all about 3 min")
    reporter.begin("Run 2 of 4", total: 10, of: .init(share: 0.25))
    stage.now = 75
    reporter.update(5, of: .init(share: 0.375), note: "loss 1")
    // 75 s for three eighths leave 125 s.
    #expect(try words(stage) == "Run 2 of 4 50 %, about 15 s left, in all about 3 min, loss 1")
    // Other work begins, which knows nothing of these times.
    reporter.begin("Run 1 of 2", total: 10, of: .init(share: 0))
    #expect(try words(stage) == "Run 1 of 2 0 %")
    stage.now = 77
    reporter.update(1, of: .init(share: 0.05))
    #expect(try words(stage) == "Run 1 of 2 10 %, about 20 s left, in all about 40 s")
  }

  @Test func `a run that goes on is judged by its new part, and may end earlier`() throws {
    let stage = Stage()
    let reporter = stage.reporter(isTerminal: true, width: 200)
    reporter.begin("Epoch 9 of 10", total: 100, of: .init(share: 0.8, mayEndEarlier: true))
    stage.now = 20
    reporter.update(20, of: .init(share: 0.82, mayEndEarlier: true))
    #expect(try words(stage) == "Epoch 9 of 10 20 %, about 2 min left, in all at most 3 min")
  }

  @Test(
    arguments: [
      (0.2, "1 s"), (9.2, "10 s"), (11, "15 s"), (55, "55 s"), (56, "1 min"), (61, "2 min"),
      (180, "3 min"), (3540, "59 min"), (3541, "1 h"), (3601, "1 h 10 min"), (7200, "2 h"),
    ] as [(Double, String)])
  func `the time left is rounded up`(seconds: Double, words: String) {
    #expect(RemainingTime.words(seconds) == words)
  }

  @Test func `nothing is said of the time left before there is something to judge by`() {
    let time = RemainingTime(start: 100, share: 0.5)
    #expect(time.seconds(at: 100.9, share: 0.6) == nil)
    #expect(time.seconds(at: 110, share: 0.5) == nil)
    #expect(time.seconds(at: 110, share: 1) == nil)
    #expect(time.seconds(at: 110, share: 0.6).map { abs($0 - 40) < 1e-9 } == true)
  }

  @Test func `a reporter that goes away in mid-phase clears its bar`() {
    let stage = Stage()
    var reporter: ProgressReporter? = stage.reporter(isTerminal: true)
    reporter?.begin("GRU", total: 4)
    reporter = nil
    #expect(stage.written.last == "\r\u{1B}[K")
  }
}
