import Foundation
import Synchronization
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
    let results = try ParallelRuns.map(items, threads: threads) { done in
      #expect(done >= last && done <= 1)
      last = done
    } body: { item, report in
      report(0.5)
      return 3 * item
    }
    #expect(results == items.map { 3 * $0 })
    #expect(last == 1)
  }

  @Test("The last items begin first")
  func lastFirst() throws {
    let begun = Mutex<[Int]>([])
    _ = try ParallelRuns.map([0, 1, 2, 3], threads: 1) { _ in
    } body: { item, _ in
      begun.withLock { $0.append(item) }
    }
    #expect(begun.withLock { $0 } == [3, 2, 1, 0])
  }

  @Test("An error is thrown on, and nothing is begun after it")
  func failure() throws {
    let begun = Mutex(0)
    #expect(throws: Failure.self) {
      _ = try ParallelRuns.map(Array(0..<50), threads: 1) { _ in
      } body: { item, _ in
        begun.withLock { $0 += 1 }
        if item == 40 { throw Failure() }
      }
    }
    #expect(begun.withLock { $0 } == 10)
  }

  @Test("Nothing to do is done at once")
  func empty() throws {
    let results = try ParallelRuns.map([Int](), threads: 3) { _ in
    } body: { item, _ in
      item
    }
    #expect(results.isEmpty)
  }
}
