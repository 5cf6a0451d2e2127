internal import CKernels
import Foundation

/// The threads that work on one training step together: fork and join, no queue.
///
/// A team may be shared by any number of networks. Calls from two threads at once are safe: the second
/// one does its work alone. The same number of threads gives the same bits; another number may round
/// differently, because OpenBLAS chooses its kernels by the number of rows it is given.
public final class ThreadTeam: Sendable {
  /// The number of workers, the calling thread among them.
  public let count: Int

  private nonisolated(unsafe) let team: OpaquePointer

  /// - Parameter count: at least 1, at most 1024.
  public init(count: Int) throws(RNNError) {
    guard (1...1024).contains(count) else {
      throw RNNError(.range, "threads", expected: "1 to 1024", found: "\(count)")
    }
    guard let team = rnn_team_create(Int32(count)) else {
      throw RNNError(
        .range, "threads", expected: "a number the system can start", found: "\(count)")
    }
    self.count = count
    self.team = team
    BLAS.useOneThread()
  }

  deinit { rnn_team_destroy(team) }

  /// A team of all cores that this process may use.
  public static let shared: ThreadTeam = {
    let cores = min(1024, max(1, ProcessInfo.processInfo.activeProcessorCount))
    if let team = try? ThreadTeam(count: cores) { return team }
    guard let alone = try? ThreadTeam(count: 1) else {
      preconditionFailure("a team of one starts no thread")
    }
    return alone
  }()

  /// Calls `body` with 0..<count, one call a worker, and returns when all are done.
  func run(_ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var body = body
      withUnsafeMutablePointer(to: &body) { pointer in
        rnn_team_run(team, invoke, pointer)
      }
    }
  }

  /// Divides 0..<total into one range a worker, with borders on multiples of `grain`.
  func split(_ total: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    let grains = (total + grain - 1) / grain
    guard count > 1, grains > 1 else { return body(0..<total) }
    run { worker in
      let first = min(total, grains * worker / count * grain)
      let last = min(total, grains * (worker + 1) / count * grain)
      if first < last { body(first..<last) }
    }
  }
}

private func invoke(_ context: UnsafeMutableRawPointer?, _ worker: Int32) {
  context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(worker))
}
