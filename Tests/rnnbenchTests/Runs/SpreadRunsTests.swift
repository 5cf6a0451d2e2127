import RNNTasks
import Testing

@testable import RNNCore
@testable import RNNStudies
@testable import TestSupport

@Suite("Runs that processes share")
struct SpreadRunsTests {
  @Test("come to every rank in order", arguments: [1, 2, 3, 5], [0, 1, 4, 7])
  func everyResult(_ ranks: Int, _ items: Int) throws {
    let results = RoomRanks.run(ranks) { group in
      try SpreadRuns(ranks: group).map(Array(0..<items)) { own in own.map { Self.result($0) } }
        .map { "\($0)" }
    }
    for result in results {
      #expect(try result.get() == (0..<items).map { "\(Self.result($0))" })
    }
  }

  @Test("end on every rank when one fails")
  func failure() {
    struct Failure: Error {}
    let results = RoomRanks.run(3) { group in
      try SpreadRuns(ranks: group).map(Array(0..<5)) { own in
        if own.contains(4) { throw Failure() }
        return own
      }
    }
    let errors = results.map { result -> String in
      guard case .failure(let error) = result else { return "none" }
      return (error as? RNNError).map { "\($0.kind)" } ?? "own"
    }
    #expect(errors == ["ranks", "own", "ranks"])
  }

  /// With numbers that are none, and statistics that nobody else can see into.
  private static func result(_ index: Int) -> RunResult {
    var result = RunResult(cell: "lstm", seed: .max, hidden: index, parameters: 3)
    result.clipping = index % 2 == 0 ? .none : .globalNorm(0.5)
    result.gflops = .infinity
    var norm = 0.1
    for _ in 0..<(5000 * (index % 2)) {
      norm = norm * 1.01 - Double(index)
      result.clips.add(ClipRecord(norm: norm, scale: 0.5, isClipped: true))
    }
    result.clips.addNonFinite(
      parameter: "w",
      origin: index == 3
        ? nil
        : NonFiniteOrigin(
          quantity: .cellState, layer: "l0", sequence: index, step: 2))
    return result
  }
}
