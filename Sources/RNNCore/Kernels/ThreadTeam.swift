internal import CKernels
import Foundation

/// The threads that work on one training step together: fork and join, no queue.
///
/// A team may be shared by any number of networks. Calls from two threads at once are safe: the second
/// one does its work alone. The same number of threads gives the same bits; another number may round
/// differently where OpenBLAS multiplies, which chooses its kernels by the number of rows it is given.
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

  /// Calls `body` once for each member of the team, all at the same time, and returns when all are done.
  /// When the team is at work already, `body` is called once, for a team of one.
  func run(_ body: (TeamMember) -> Void) {
    withoutActuallyEscaping(body) { body in
      var region = Region(team: team, body: body)
      withUnsafeMutablePointer(to: &region) { pointer in
        rnn_team_run(team, invoke, pointer)
      }
    }
  }

  /// Divides 0..<total into one range a worker, with borders on multiples of `grain`.
  func split(_ total: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    guard count > 1, total > grain else { return body(0..<total) }
    run { member in
      let range = member.share(of: total, grain: grain)
      if !range.isEmpty { body(range) }
    }
  }
}

/// One worker of a region.
struct TeamMember: Sendable {
  var index: Int
  /// The workers of this region.
  var count: Int
  var barrier: TeamBarrier

  /// This worker's part of 0..<total, with borders on multiples of `grain`.
  func share(of total: Int, grain: Int = 1) -> Range<Int> {
    let grains = (total + grain - 1) / grain
    return min(
      total, grains * index / count * grain)..<min(
        total, grains * (index + 1) / count * grain)
  }
}

/// Where the workers of a region wait for each other; nothing happens in a region of one.
struct TeamBarrier: @unchecked Sendable {
  fileprivate var team: OpaquePointer?

  /// For workers that need not wait.
  static let none = TeamBarrier(team: nil)

  func wait() {
    if let team { rnn_team_barrier(team) }
  }
}

private struct Region {
  var team: OpaquePointer
  var body: (TeamMember) -> Void
}

private func invoke(_ context: UnsafeMutableRawPointer?, _ worker: Int32, _ workers: Int32) {
  guard let region = context?.assumingMemoryBound(to: Region.self) else { return }
  region.pointee.body(
    TeamMember(
      index: Int(worker), count: Int(workers),
      barrier: TeamBarrier(team: workers > 1 ? region.pointee.team : nil)))
}
