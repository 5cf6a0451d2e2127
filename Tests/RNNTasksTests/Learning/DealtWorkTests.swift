import RNNCore
import Testing

@testable import RNNTasks
@testable import TestSupport

@Suite("Work that ranks deal out")
struct DealtWorkTests {
  @Test("comes to every rank, in order", arguments: [1, 2, 3, 5], [0, 1, 4, 7])
  func everyResult(_ ranks: Int, _ parts: Int) throws {
    let expected = (0..<parts).map { part in
      MeasuredPart(
        loss: Double(part) / 3, elements: -part, answers: Self.predictions(part))
    }
    let results = RoomRanks.run(ranks) { group in
      var (found, made) = ([String](), [Int]())
      try DealtWork(count: parts, size: 1, ranks: group).forEach { items throws(RNNError) in
        let part = items.lowerBound
        made.append(part)
        return expected[part]
      } _: { items, result throws(RNNError) in
        found.append("\(items.lowerBound): \(result)")
      }
      return (found, made)
    }
    for (rank, result) in results.enumerated() {
      let (found, made) = try result.get()
      #expect(found == expected.enumerated().map { "\($0): \($1)" })
      #expect(made == Array(stride(from: rank, to: parts, by: ranks)))
    }
  }

  @Test("ends on every rank when it fails on one")
  func failure() {
    let results = RoomRanks.run(3) { group in
      try DealtWork(count: 9, size: 2, ranks: group).forEach { items throws(RNNError) in
        if items == 8..<9 { throw RNNError(.shape, "part", expected: "another", found: "this") }
        return items.count
      } _: { _, _ throws(RNNError) in
      }
    }
    let kinds = results.map { result -> RNNError.Kind? in
      guard case .failure(let error) = result else { return nil }
      return (error as? RNNError)?.kind
    }
    #expect(kinds == [.ranks, .shape, .ranks])
  }

  /// Of all kinds.
  private static func predictions(_ part: Int) -> [SequencePrediction] {
    [
      .classes([1, -1, Int32(part)]), .classes([], label: 3),
      .values([.nan, -0.0, .leastNonzeroMagnitude]),
      .labelling([2, .max]),
      SequencePrediction(.values([]), sentence: .init(label: -4, logits: [1, .infinity])),
    ]
  }
}
