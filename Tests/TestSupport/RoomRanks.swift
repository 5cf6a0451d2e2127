import Foundation

@testable import RNNCore

/// Ranks that are threads of one process: messages go through memory.
final class RoomRanks: RankGroup, @unchecked Sendable {
  /// Where ranks meet.
  private final class Room: @unchecked Sendable {
    private let condition = NSCondition()
    private var (arrived, meeting, isBroken) = (0, 0, false)
    /// What each rank sends.
    private var messages: [[UnsafeRawBufferPointer]]

    init(_ count: Int) { messages = Array(repeating: [], count: count) }

    /// Waits for everybody; false when somebody has left.
    ///
    /// - Parameters:
    ///   - rank: who comes.
    ///   - sending: what it brings for each.
    func meet(_ rank: Int, sending: [UnsafeRawBufferPointer]) -> Bool {
      condition.withLock {
        messages[rank] = sending
        arrived += 1
        let own = meeting
        if arrived == messages.count {
          (arrived, meeting) = (0, meeting + 1)
          condition.broadcast()
        }
        while meeting == own, !isBroken { condition.wait() }
        return meeting != own
      }
    }

    /// What one rank has brought for another.
    func message(from sender: Int, to receiver: Int) -> UnsafeRawBufferPointer {
      condition.withLock { messages[sender][receiver] }
    }

    func leave() {
      condition.withLock {
        isBroken = true
        condition.broadcast()
      }
    }
  }

  let rank: Int
  let count: Int
  /// Seconds that an exchange takes at least.
  private let pause: Double
  /// The exchange of this rank that fails; nil for none.
  var failingExchange: Int?
  private var exchanges = 0
  private let room: Room

  private let background = DispatchQueue(label: "background of a rank")
  /// How often something was done in the background.
  private(set) var backgroundWork = 0

  private init(_ rank: Int, of count: Int, in room: Room, pause: Double) {
    (self.rank, self.count, self.room, self.pause) = (rank, count, room, pause)
  }

  let hasBackground = true

  func inBackground(_ work: @escaping @Sendable () -> Void) {
    backgroundWork += 1
    background.async(execute: work)
  }

  func waitForBackground() { background.sync {} }

  func exchange(
    _ sending: [UnsafeRawBufferPointer], _ receiving: [UnsafeMutableRawBufferPointer]
  ) throws(RNNError) {
    precondition(sending.count == count && receiving.count == count)
    exchanges += 1
    if exchanges == failingExchange {
      room.leave()
      throw RNNError(.ranks, "MPI", expected: "a message", found: "none")
    }
    if pause > 0 { Thread.sleep(forTimeInterval: pause) }
    try meet(sending)
    for (other, space) in receiving.enumerated() {
      let message = room.message(from: other, to: rank)
      precondition(message.count == space.count, "\(other) to \(rank)")
      space.copyMemory(from: message)
    }
    try meet(sending)
  }

  private func meet(_ sending: [UnsafeRawBufferPointer]) throws(RNNError) {
    guard room.meet(rank, sending: sending) else {
      throw RNNError(.ranks, "ranks", expected: "all of them", found: "one has left")
    }
  }

  /// Runs `body` on each of `count` ranks at once; what each gives or throws, in their order.
  static func run<Value: Sendable>(
    _ count: Int, pause: Double = 0, _ body: @escaping @Sendable (RoomRanks) throws -> Value
  ) -> [Result<Value, any Error>] {
    let room = Room(count)
    let done = DispatchGroup()
    let results = Slots<Result<Value, any Error>>(count)
    for rank in 0..<count {
      done.enter()
      Thread.detachNewThread {
        let result = Result { try body(RoomRanks(rank, of: count, in: room, pause: pause)) }
        if case .failure = result { room.leave() }
        results.values[rank] = result
        done.leave()
      }
    }
    done.wait()
    return results.values.compactMap { $0 }
  }

  /// One place for each rank.
  private final class Slots<Value>: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Value?>

    init(_ count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: nil)
    }

    deinit {
      values.deinitialize()
      values.deallocate()
    }
  }
}
