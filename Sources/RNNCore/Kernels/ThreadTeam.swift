internal import CKernels
internal import CLibrary

/// The threads that work on one training step together: fork and join, no queue.
///
/// A team may be shared by any number of networks. Calls from two threads at once are safe: the
/// second one does its work alone. Any number of threads gives the same bits.
///
/// No more threads are started than the process may use cores (``CoreLimit``) when the team is
/// made: they would only take each other's place.
///
/// While a team works, subnormal numbers (below 2⁻¹²⁶, about 1.2e-38) count as zeros on all its
/// threads, and rounding is to the nearest: a gradient that vanishes would otherwise cost ten times
/// as much where it is all but gone. The calling thread has its own mode back afterwards. Numbers
/// in `Double` below 1e-308 count as zeros as well, which no result shows.
public final class ThreadTeam: Sendable {
  /// The number of threads asked for, the calling thread among them.
  public let count: Int
  /// The implementation of matrix products in passes that the team works on.
  public let products: ProductBackend
  /// How many parts a region has, one for each thread that there is.
  let shares: Int
  /// How time loops are divided, whatever the cost model says; nil where it decides.
  let forcedGrid: UnrollGrid?

  private nonisolated(unsafe) let team: OpaquePointer

  /// - Parameters:
  ///   - count: at least 1, at most 1024.
  ///   - products: what multiplies matrices.
  public convenience init(
    count: Int, products: ProductBackend = .standard
  ) throws(RNNError) {
    try self.init(count: count, cores: count == 1 ? 1 : availableCores(), products: products)
  }

  /// A team with a thread for each core, as many as are asked for at most.
  ///
  /// - Parameters:
  ///   - isHosted: whether the others are the threads of the OpenMP runtime that ``findHost()``
  ///     found.
  ///   - grid: how time loops are divided, as far as there are threads; nil for what costs least.
  package init(
    count: Int, cores: Int, products: ProductBackend = .standard, isHosted: Bool = false,
    grid: UnrollGrid? = .forced
  ) throws(RNNError) {
    guard (1...1024).contains(count) else {
      throw RNNError(.range, "threads", expected: "1 to 1024", found: "\(count)")
    }
    let members = min(count, max(1, cores))
    let made =
      isHosted ? rnn_team_create_hosted(Int32(members)) : rnn_team_create(Int32(members))
    guard let team = made else {
      throw RNNError(
        .range, "threads", expected: "a number the system can start", found: "\(count)")
    }
    (self.count, self.products, shares) = (count, products, members)
    forcedGrid = grid?.fitting(members)
    self.team = team
    BLAS.useOneThread()
  }

  deinit { rnn_team_destroy(team) }

  /// Throws when `RNNCORE_GRID` is no grid by which teams could divide time loops, or
  /// `RNNCORE_RATES` names no file of rates that says how. A team ignores what is unusable.
  public static func validateEnvironment() throws(RNNError) {
    try UnrollGrid.validateEnvironment()
    try CoreRates.validateEnvironment()
  }

  /// Whether the process has an OpenMP runtime, such as PyTorch's, whose threads teams can work
  /// with: they spin for milliseconds after each of its own regions, on the cores that a team's
  /// threads would need.
  package static func findHost() -> Bool { rnn_team_find_host() }

  /// A team of all cores that this process may use.
  public static let shared: ThreadTeam = {
    let cores = min(1024, availableCores())
    if let team = try? ThreadTeam(count: cores) { return team }
    guard let alone = try? ThreadTeam(count: 1) else {
      preconditionFailure("a team of one starts no thread")
    }
    return alone
  }()

  /// Calls `body` once for each of ``shares`` and returns when all are done. A thread that is late
  /// loses its share to the caller. When the team is at work already, the region has one share.
  func run(_ body: (TeamMember) -> Void) {
    runClosure(team) { body(TeamMember(index: $0, count: $1)) }
  }

  /// Calls `body` once for each of some shares, as many as are asked for: threads take several one
  /// after the other, or none.
  func run(_ shares: Int, _ body: (TeamMember) -> Void) {
    split(shares) { for index in $0 { body(TeamMember(index: index, count: shares)) } }
  }

  /// Calls `body` with a share for each place of a grid, all at the same time, so that those of one
  /// row may wait for each other at the barrier; or with one share, when not all threads come in
  /// time.
  ///
  /// - Parameters:
  ///   - gain: the nanoseconds that working together saves, which is how long to wait for threads
  ///     that sleep; nil to wait as long as it takes.
  ///   - pace: the nanoseconds from one meeting at a barrier to the next.
  func runTogether(
    _ grid: UnrollGrid, gain: Int?, pace: Int, _ body: (TeamMember) -> Void
  ) {
    runClosureTogether(team, grid.count, grid.units, gain ?? -1, pace) { index, count in
      // A host may have fewer threads than it was asked for.
      let isWhole = count == grid.count && count > 1
      let barrier = isWhole ? TeamBarrier(team: team, group: index / grid.units) : .none
      body(TeamMember(index: index, count: count, barrier: barrier))
    }
  }

  /// Divides 0..<total into one range a share, with borders on multiples of `grain`.
  func split(_ total: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    guard shares > 1, total > grain else {
      let mode = rnn_float_mode_enter()
      body(0..<total)
      return rnn_float_mode_leave(mode)
    }
    run { member in
      let range = member.share(of: total, grain: grain)
      if !range.isEmpty { body(range) }
    }
  }
}

/// One share of a region.
struct TeamMember: Sendable {
  var index: Int
  /// The shares of this region.
  var count: Int
  var barrier = TeamBarrier.none

  /// The only one of a region.
  static let alone = TeamMember(index: 0, count: 1)

  /// This member's part of 0..<total, with borders on multiples of `grain`.
  func share(of total: Int, grain: Int = 1) -> Range<Int> {
    let grains = (total + grain - 1) / grain
    let first = min(total, grains * index / count * grain)
    return first..<min(total, grains * (index + 1) / count * grain)
  }
}

/// Where members of a region wait for each other. Nothing happens in a region of one, or in one
/// whose shares need not run at the same time.
struct TeamBarrier: @unchecked Sendable {
  fileprivate var team: OpaquePointer?
  fileprivate var group = 0

  /// For shares that need not wait.
  static let none = TeamBarrier(team: nil)

  /// Whether there is anybody to wait for.
  var isShared: Bool { team != nil }

  func wait() {
    if let team { rnn_team_barrier(team, Int32(truncatingIfNeeded: group)) }
  }
}

/// `team_closure.c`: regions without a heap allocation for the closure.
@_silgen_name("rnn_team_run_closure")
private func runClosure(_ team: OpaquePointer, _ body: (_ index: Int, _ count: Int) -> Void)

@_silgen_name("rnn_team_run_closure_together")
private func runClosureTogether(
  _ team: OpaquePointer, _ count: Int, _ group: Int, _ patience: Int, _ pace: Int,
  _ body: (_ index: Int, _ count: Int) -> Void)
