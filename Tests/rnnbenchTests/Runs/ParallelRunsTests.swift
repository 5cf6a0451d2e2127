import CLibrary
import Foundation
import RNNCore
import RNNReport
import RNNTasks
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite("Runs side by side")
struct ParallelRunsTests {
  private struct Failure: Error {}

  @Test("Results stand in the order of the items, for any number of threads", arguments: [1, 2, 7])
  func order(_ threads: Int) throws {
    let items = Array(0..<20)
    var last = 0.0
    let results = try ParallelRuns.map(items, threads: threads, cores: threads) { done in
      #expect(done >= last && done <= 1)
      last = done
    } body: { item, _, report in
      report(0.5)
      return 3 * item
    }
    #expect(results == items.map { 3 * $0 })
    #expect(last == 1)
  }

  @Test("The last items begin first")
  func lastFirst() throws {
    let begun = Locked<[Int]>([])
    _ = try ParallelRuns.map([0, 1, 2, 3], threads: 1) { _ in
    } body: { item, _, _ in
      begun.withLock { $0.append(item) }
    }
    #expect(begun.withLock { $0 } == [3, 2, 1, 0])
  }

  @Test(
    "Threads that no piece of work is left for join the others",
    arguments: [
      (1, 3, [1]), (2, 1, [2]), (5, 2, [2, 3]), (4, 4, [1, 1, 1, 1]), (2, 6, [1, 1]),
      (64, 2, [2, 3]),
    ])
  func shares(_ threads: Int, _ count: Int, _ expected: [Int]) throws {
    let counts = try ParallelRuns.map(Array(0..<count), threads: threads, cores: 5) { _ in
    } body: { _, team, _ in
      // Time for each worker to take a piece.
      usleep(100_000)
      return team.count
    }
    #expect(Set(counts) == Set(expected))
  }

  @Test("A run has the same result with one thread and with several", arguments: [2, 3])
  func sameBits(_ threads: Int) throws {
    func run(_ threads: Int) throws -> [AddingRun] {
      var plan = AddingPlan.hs97()
      (plan.lengths, plan.seeds, plan.updates) = ([8], [3], 12)
      plan.heldOut = HeldOutSizes(validation: 40, test: 40)
      var study = AddingStudy(plan)
      try study.run(threads: threads, progress: ProgressReporter())
      return study.runs
    }
    let (alone, together) = (try run(1), try run(threads))
    #expect(alone.count == 1 && alone[0].looks.count == 4)
    #expect(alone.map(\.testError) == together.map(\.testError))
    #expect(alone.map { $0.looks.map(\.error) } == together.map { $0.looks.map(\.error) })
  }

  @Test("An error is thrown on, and nothing is begun after it")
  func failure() throws {
    let begun = Locked(0)
    #expect(throws: Failure.self) {
      _ = try ParallelRuns.map(Array(0..<50), threads: 1) { _ in
      } body: { item, _, _ in
        begun.withLock { $0 += 1 }
        if item == 40 { throw Failure() }
      }
    }
    #expect(begun.withLock { $0 } == 10)
  }

  @Test("Nothing to do is done at once")
  func empty() throws {
    let results = try ParallelRuns.map([Int](), threads: 3) { _ in
    } body: { item, _, _ in
      item
    }
    #expect(results.isEmpty)
  }
}
