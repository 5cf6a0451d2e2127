import CAllocations
import Foundation
import StepCases

/// Counts the heap allocations of steady steps; fails when there is one.
@main
enum Allocations {
  /// What any one step after the warm-up may allocate.
  static let limit = 0
  /// Steps before the first that counts: every thread has had its share of the work by then.
  static let warmUpSteps = 10
  static let countedSteps = 40

  static func main() throws {
    print("Heap allocations a step: \(countedSteps) steps after \(warmUpSteps), limit \(limit)\n")
    printRow("benchmark", "most", "total")
    var controlsHold = true
    for (name, workload) in controls {
      let counts = try count(workload)
      controlsHold = controlsHold && counts.fewest > 0
      printRow(name, "\(counts.most)", "\(counts.total)", counts.fewest > 0 ? "" : "not counted")
    }

    var failed: [String] = []
    for item in StepCase.all where item.measure == .timeAndAllocations {
      let counts = try count(item.makeWorkload())
      let isWithinLimit = counts.most <= limit
      printRow(
        item.name, "\(counts.most)", "\(counts.total)", isWithinLimit ? "" : "above the limit")
      if !isWithinLimit { failed.append(item.name) }
    }

    print("")
    if !controlsHold {
      print("FAILED: a control's allocations are not counted, so that the zeros mean nothing")
    }
    if !failed.isEmpty {
      print("FAILED: \(failed.count) above the limit: \(failed.joined(separator: ", "))")
    }
    if !controlsHold || !failed.isEmpty { exit(1) }
    print("No step allocates.")
  }

  /// The allocations of one step after another.
  private struct Counts {
    var fewest = Int.max
    var most = 0
    var total = 0

    mutating func add(_ count: Int) {
      fewest = min(fewest, count)
      most = max(most, count)
      total += count
    }
  }

  private static func count(_ workload: Workload) throws -> Counts {
    for _ in 0..<warmUpSteps {
      try workload.prepare()
      try workload.step()
    }
    var counts = Counts()
    for _ in 0..<countedSteps {
      try workload.prepare()
      let before = rnn_allocation_count()
      try workload.step()
      counts.add(rnn_allocation_count() - before)
    }
    return counts
  }

  /// What allocates as Swift's objects and as the engine's buffers do: must be seen, or nothing is.
  private static var controls: [(String, Workload)] {
    var arrays: [[Int]] = []
    arrays.reserveCapacity(warmUpSteps + countedSteps)
    var memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    return [
      ("control: an array", Workload { arrays.append([Int](repeating: arrays.count, count: 16)) }),
      (
        "control: aligned memory",
        Workload {
          memory.deallocate()
          memory = .allocate(byteCount: 4096, alignment: 64)
        }
      ),
    ]
  }

  private static func printRow(
    _ name: String, _ most: String, _ total: String, _ remark: String = ""
  ) {
    func right(_ text: String) -> String {
      String(repeating: " ", count: max(0, 8 - text.count)) + text
    }
    let row = name.padding(toLength: 40, withPad: " ", startingAt: 0) + right(most) + right(total)
    print(remark.isEmpty ? row : "\(row)  \(remark)")
  }
}
