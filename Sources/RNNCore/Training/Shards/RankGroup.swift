/// Processes that do one piece of work together, each with a number of its own: its rank, as in the
/// Message Passing Interface (MPI).
///
/// What carries their messages is whoever conforms to it: this module knows one process alone.
/// Every rank makes the same calls in the same order.
public protocol RankGroup: AnyObject {
  /// This process: 0..<``count``.
  var rank: Int { get }
  /// Processes, at least 1.
  var count: Int { get }

  /// Hands a message to every rank, and takes one from each.
  ///
  /// Throws `.ranks` where another rank is gone or cannot be reached.
  ///
  /// - Parameters:
  ///   - sending: message r is for rank r. Messages to oneself are handed over as well.
  ///   - receiving: space r is for what rank r has for us, which is as long as that message. Spaces
  ///     overlap neither each other nor a message.
  func exchange(
    _ sending: [UnsafeRawBufferPointer], _ receiving: [UnsafeMutableRawBufferPointer]
  ) throws(RNNError)

  /// Whether ``inBackground(_:)`` lets the caller go on, and that may pay; false unless a group
  /// says otherwise.
  var hasBackground: Bool { get }

  /// Has `work` done, which calls ``exchange(_:_:)``, while the caller goes on with something else:
  /// after what was given before it, by a thread that leaves the cores to the caller while it
  /// waits. The caller does not exchange until it has called ``waitForBackground()``. Does `work`
  /// at once unless a group says otherwise.
  func inBackground(_ work: @escaping @Sendable () -> Void)

  /// Returns when all that ``inBackground(_:)`` was given is done.
  func waitForBackground()
}

extension RankGroup {
  public var hasBackground: Bool { false }
  public func inBackground(_ work: @escaping @Sendable () -> Void) { work() }
  public func waitForBackground() {}

  /// What every rank has to say, in the order of ranks.
  ///
  /// - Parameter own: as many values on every rank.
  public func gather<Value: BitwiseCopyable>(_ own: [Value]) throws(RNNError) -> [[Value]] {
    try gather(own, counts: Array(repeating: own.count, count: count))
  }

  /// The same of lengths of their own; nil for those that have nothing.
  package func gather<Value: BitwiseCopyable>(
    orNil own: [Value]?
  ) throws(RNNError) -> [[Value]?] {
    let counts = try gather([own?.count ?? -1]).map { $0[0] }
    let found = try gather(own ?? [], counts: counts.map { max(0, $0) })
    return zip(counts, found).map { $0 < 0 ? nil : $1 }
  }

  /// - Parameters:
  ///   - own: what this rank has to say.
  ///   - counts: how many values each rank has.
  private func gather<Value: BitwiseCopyable>(
    _ own: [Value], counts: [Int]
  ) throws(RNNError) -> [[Value]] {
    let message = UnsafeMutableBufferPointer<Value>.allocate(capacity: own.count)
    let answers = counts.map { UnsafeMutableBufferPointer<Value>.allocate(capacity: $0) }
    defer {
      message.deallocate()
      for answer in answers { answer.deallocate() }
    }
    _ = message.initialize(from: own)
    try exchange(
      Array(repeating: UnsafeRawBufferPointer(message), count: count),
      answers.map { UnsafeMutableRawBufferPointer($0) })
    return answers.map { Array($0) }
  }
}
