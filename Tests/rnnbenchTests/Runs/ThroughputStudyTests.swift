import RNNCore
import Testing

@testable import RNNReport
@testable import RNNStudies
@testable import rnnbench

@Suite struct ThroughputStudyTests {
  @Test func `median, minimum and spread of pass times`() {
    let times = PassTimes([5, 1, 3, 2, 4])
    #expect(times.median == 3 && times.minimum == 1 && times.count == 5)
    // The middle half reaches from 2 to 4.
    #expect(abs(times.spread - 2.0 / 3) < 1e-12)
    #expect(PassTimes([2, 4]).median == 3)
    #expect(PassTimes([7]).spread == 0)
  }

  @Test func `shapes with a cell keep it, the others are run with each`() {
    let own = BenchmarkShape(cell: .gru(), batch: 1, steps: 1, input: 1, hidden: 1)
    let open = BenchmarkShape(batch: 1, steps: 1, input: 1, hidden: 1)
    let study = ThroughputStudy(
      source: "test", shapes: [own, open], cells: [.lstm(), .irnn], passes: [.train, .inference],
      threads: [1, 2])
    #expect(study.items.count == (1 + 2) * 2 * 2)
    #expect(study.items.prefix(4).allSatisfy { $0.cell == .gru() })
    #expect(study.items.map(\.threads).prefix(4) == [1, 1, 2, 2])
  }

  @Test func `a shape beyond all memory is refused before work begins`() {
    let shape = BenchmarkShape(
      batch: 10_000_000, steps: 10_000_000, input: 10_000_000, hidden: 10_000_000, layers: 1000)
    let study = ThroughputStudy(
      source: "test", shapes: [shape], cells: [.lstm()], passes: [.train], threads: [1])
    #expect(throws: RNNError.self) { try study.checkMemory() }
  }

  @Test func `a power law's exponent is found`() throws {
    let values = [1.0, 2, 4, 8]
    let square = try #require(powerLawExponent(values.map { ($0, 3 * $0 * $0) }))
    #expect(abs(square - 2) < 1e-12)
    let inverse = try #require(powerLawExponent(values.map { ($0, 5 / $0) }))
    #expect(abs(inverse + 1) < 1e-12)
    #expect(powerLawExponent([(2, 1)]) == nil)
    #expect(powerLawExponent([]) == nil)
  }

  @Test func `sweeps go through the sizes they name`() {
    #expect(ScalingStudy.Sweep.steps.values(cores: 2) == [25, 50, 100, 200, 400, 800])
    #expect(ScalingStudy.Sweep.batch.values(cores: 2) == [8, 16, 32, 64, 128, 256])
    #expect(ScalingStudy.Sweep.hidden.values(cores: 2) == [32, 64, 128, 256, 512, 1024])
    #expect(ScalingStudy.Sweep.threads.values(cores: 3) == [1, 2, 3])
    #expect(ScalingStudy.Sweep.threads.values(cores: 24) == [1, 2, 4, 8, 16, 24])
    let item = ScalingStudy.Sweep.hidden.item(64, cell: .lstm(), pass: .train, threads: 2)
    #expect(item.shape.input == 64 && item.shape.hidden == 64 && item.threads == 2)
    let threads = ScalingStudy.Sweep.threads.item(3, cell: .lstm(), pass: .train, threads: 2)
    #expect(threads.threads == 3 && threads.shape.hidden == 256)
  }

  @Test func `the terminal names a shape once and fits 100 columns`() throws {
    var runner = ThroughputRunner(seconds: 1e-6, seed: 1, peaks: [1: 100, 2: 200])
    var study = ThroughputStudy(
      source: "test", shapes: [BenchmarkShape(batch: 1, steps: 2, input: 3, hidden: 4)],
      cells: [.lstm(), .elman(.relu)], passes: ThroughputPass.allCases, threads: [1, 2])
    try study.run(&runner, progress: ProgressReporter(write: { _ in }))
    // However little time was asked for.
    #expect(study.results.allSatisfy { $0.times.count >= 5 })
    let text = TextTable(study.terminalTable).rendered(width: 100)
    #expect(text.components(separatedBy: "B1 T2 I3 H4").count == 2)
    #expect(!text.contains("Left out"))
    #expect(study.reportTable.rows.allSatisfy { $0[0].text == "B1 T2 I3 H4" })
  }
}
