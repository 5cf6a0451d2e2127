import Testing

@testable import RNNCore

@Suite("Sequences lie in memory longest first, step by step, without padding")
struct SequenceLayoutTests {
  static let batches: [[Int]] = [
    [1], [5], [1, 1, 1], [4, 4, 4], [4, 1, 3], [1, 2, 3, 4], [2, 7, 2, 7, 1],
    (0..<33).map { 1 + $0 * 7 % 11 }, [100] + [Int](repeating: 1, count: 20),
  ]

  @Test("The documented example is laid out as documented")
  func example() throws {
    let layout = try SequenceLayout(lengths: [4, 1, 3])
    #expect(layout.order == [0, 2, 1])
    #expect(layout.ranks == [0, 2, 1])
    #expect(layout.stepOffsets == [0, 3, 5, 7, 8])
    #expect((layout.sequenceCount, layout.stepCount, layout.rowCount) == (3, 4, 8))
    #expect(!layout.isDense)
    #expect((0..<4).map { layout.row(sequence: 0, step: $0) } == [0, 3, 5, 7])
    #expect((0..<3).map { layout.row(sequence: 2, step: $0) } == [1, 4, 6])
    #expect(layout.row(sequence: 1, step: 0) == 2)
    #expect(layout.mirroredRows == [7, 6, 2, 5, 4, 3, 1, 0])
    #expect(layout.lastRows == [7, 6, 2])
  }

  @Test("Order, rows and mirrored rows are what they say", arguments: batches)
  func properties(_ lengths: [Int]) throws {
    let layout = try SequenceLayout(lengths: lengths)
    #expect(layout.lengths == lengths)
    #expect(layout.order.sorted() == Array(lengths.indices))
    #expect(layout.order.enumerated().allSatisfy { layout.ranks[$1] == $0 })
    for (first, second) in zip(layout.order, layout.order.dropFirst()) {
      #expect(
        lengths[first] > lengths[second] || (lengths[first] == lengths[second] && first < second))
    }
    #expect(layout.rowCount == lengths.reduce(0, +))
    #expect(layout.stepCount == lengths.max())
    #expect(layout.isDense == (Set(lengths).count == 1))
    var seen: [Int] = []
    for (sequence, length) in lengths.enumerated() {
      for step in 0..<length {
        let row = layout.row(sequence: sequence, step: step)
        #expect(layout.rows(ofStep: step).contains(row))
        #expect(layout.mirroredRows[row] == layout.row(sequence: sequence, step: length - 1 - step))
        seen.append(row)
      }
    }
    #expect(seen.sorted() == Array(0..<layout.rowCount))
    for step in 0..<layout.stepCount {
      #expect(layout.rows(ofStep: step).count == lengths.count { $0 > step })
    }
  }

  @Test(
    "Shares cover every active rank once and are no larger than needed", arguments: batches, 1...6)
  func shares(_ lengths: [Int], count: Int) throws {
    let layout = try SequenceLayout(lengths: lengths)
    for first in 0..<layout.stepCount {
      let steps = first..<layout.stepCount
      let shares = (0..<count).map { layout.share(of: $0, of: count, in: steps) }
      #expect(shares.flatMap { Array($0) } == Array(0..<layout.rows(ofStep: first).count))
      for share in shares {
        let tokens = share.map { lengths[layout.order[$0]] - first }.reduce(0, +)
        #expect(tokens <= layout.rows(ofSteps: steps).count / count + steps.count)
      }
    }
  }

  @Test(
    "Stretches cover all steps from both ends and keep to their rows", arguments: batches, 1...9)
  func stretches(_ lengths: [Int], rows: Int) throws {
    let layout = try SequenceLayout(lengths: lengths)
    var forward: [Range<Int>] = []
    while (forward.last?.upperBound ?? 0) < layout.stepCount {
      forward.append(layout.stretch(from: forward.last?.upperBound ?? 0, rows: rows))
    }
    var backward: [Range<Int>] = []
    while (backward.last?.lowerBound ?? layout.stepCount) > 0 {
      backward.append(
        layout.stretch(to: backward.last?.lowerBound ?? layout.stepCount, rows: rows))
    }
    for stretches in [forward, backward.reversed()] {
      #expect(stretches.flatMap { Array($0) } == Array(0..<layout.stepCount))
      for steps in stretches {
        #expect(steps.count == 1 || layout.rows(ofSteps: steps).count <= rows)
      }
    }
  }

  @Test(
    "An empty batch, an empty sequence and a negative length are errors",
    arguments: [
      ([], .empty, "batch"), ([3, 0], .empty, "length of sequence 1"),
      ([-1, 0], .range, "length of sequence 0"),
    ] as [([Int], RNNError.Kind, String)])
  func errors(_ lengths: [Int], _ kind: RNNError.Kind, _ argument: String) {
    let error = #expect(throws: RNNError.self) { _ = try SequenceLayout(lengths: lengths) }
    #expect(error?.kind == kind)
    #expect(error?.argument == argument)
  }
}
