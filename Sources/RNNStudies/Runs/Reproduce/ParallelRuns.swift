import CLibrary
import Dispatch
import RNNCore
import RNNReport

/// Independent pieces of work on several threads, each from beginning to end on one of them.
///
/// Models too small to keep a team of threads busy are trained side by side instead, as many as the
/// process may use cores. Where there are fewer pieces than threads, each has a team of its share
/// of them. What a piece computes does not depend on the number of threads.
enum ParallelRuns {
  /// How far one piece of work is, in 0...1, to be called from it now and then.
  typealias Report = @Sendable (_ done: Double) -> Void

  private struct Board<Result: Sendable>: Sendable {
    /// The next to begin; the last one goes first.
    var waiting: Int
    var shares: [Double]
    var results: [Result?]
    var failure: (any Error)?
  }

  /// `map` with a progress bar, and the wall-clock seconds that it took; of several processes each
  /// takes its share of the items.
  static func timed<Item: Sendable, Result: Codable & Sendable>(
    _ items: [Item], threads: Int, among ranks: (any RankGroup)?, progress: ProgressReporter,
    body: @escaping @Sendable (Item, ThreadTeam, @escaping Report) throws -> Result
  ) throws -> (results: [Result], seconds: Double) {
    progress.begin("\(items.count) runs", total: 1000)
    let begin = ContinuousClock.now
    let results = try SpreadRuns(ranks: ranks).map(items) { own in
      try map(own, threads: threads) { done in
        progress.update(Int(1000 * done))
      } body: {
        try body($0, $1, $2)
      }
    }
    let seconds = (ContinuousClock.now - begin) / .seconds(1)
    progress.finish()
    return (results, seconds)
  }

  /// The results of `body` for all items, in their order; the last items begin first. Throws the
  /// first error, after which no other item is begun.
  ///
  /// - Parameters:
  ///   - items: what is to be done.
  ///   - threads: how many there are for all; more than `cores` would only slow each other down.
  ///   - cores: how many this process may use.
  ///   - watch: called on the calling thread several times a second, with the share that is done.
  ///   - body: does a piece of work with its team.
  static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], threads: Int, cores: Int = availableCores(), watch: (_ done: Double) -> Void,
    body: @escaping @Sendable (Item, ThreadTeam, @escaping Report) throws -> Result
  ) throws -> [Result] {
    let board = Locked(
      Board<Result>(
        waiting: items.count, shares: Array(repeating: 0, count: items.count),
        results: Array(repeating: nil, count: items.count)))
    let ended = DispatchSemaphore(value: 0)
    let threads = max(1, min(threads, cores))
    let workers = min(threads, items.count)
    let teams = try teams(workers, threads: threads)
    for team in teams {
      startThread {
        work(on: items, board) { try body($0, team, $1) }
        ended.signal()
      }
    }
    var running = workers
    while running > 0 {
      if ended.wait(timeout: .now() + .milliseconds(100)) == .success { running -= 1 }
      watch(board.withLock { $0.shares.reduce(0, +) } / Double(max(1, items.count)))
    }
    if let failure = board.withLock({ $0.failure }) { throw failure }
    return board.withLock { $0.results.compactMap { $0 } }
  }

  /// A team for each worker: all threads are in one.
  private static func teams(_ workers: Int, threads: Int) throws(RNNError) -> [ThreadTeam] {
    var teams: [ThreadTeam] = []
    for worker in 0..<workers {
      let share = (threads + worker) / workers
      teams.append(try ThreadTeam(count: share, cores: share))
    }
    return teams
  }

  private static func work<Item: Sendable, Result: Sendable>(
    on items: [Item], _ board: Locked<Board<Result>>,
    _ body: @Sendable (Item, @escaping Report) throws -> Result
  ) {
    while let index = takeNext(board) {
      do {
        let result = try body(items[index]) { done in
          board.withLock { $0.shares[index] = min(max(0, done), 1) }
        }
        board.withLock {
          $0.results[index] = result
          $0.shares[index] = 1
        }
      } catch {
        board.withLock {
          if $0.failure == nil { $0.failure = error }
        }
      }
    }
  }

  /// Nothing more is begun after an error.
  private static func takeNext<Result>(_ board: Locked<Board<Result>>) -> Int? {
    board.withLock { board in
      guard board.failure == nil, board.waiting > 0 else { return nil }
      board.waiting -= 1
      return board.waiting
    }
  }
}

/// Runs `body` on a thread of its own; on this one when the system can start no other.
private func startThread(_ body: @escaping @Sendable () -> Void) {
  let work = Unmanaged.passRetained(Work(body))
  var thread = pthread_t()
  let failure = pthread_create(
    &thread, nil,
    { argument in
      argument.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
      return nil
    }, work.toOpaque())
  if failure == 0 { pthread_detach(thread) } else { work.takeRetainedValue().body() }
}

/// What a thread is handed.
private final class Work: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
