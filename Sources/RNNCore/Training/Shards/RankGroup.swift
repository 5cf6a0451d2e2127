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
}

extension RankGroup {
  /// What every rank has to say, in the order of ranks.
  ///
  /// - Parameter own: as many values on every rank.
  public func gather<Value: BitwiseCopyable>(_ own: [Value]) throws(RNNError) -> [[Value]] {
    let (messages, answers) = (
      UnsafeMutableBufferPointer<Value>.allocate(capacity: own.count),
      UnsafeMutableBufferPointer<Value>.allocate(capacity: own.count * count)
    )
    defer {
      messages.deallocate()
      answers.deallocate()
    }
    _ = messages.initialize(from: own)
    func part(of rank: Int) -> Range<Int> { rank * own.count..<(rank + 1) * own.count }
    try exchange(
      Array(repeating: UnsafeRawBufferPointer(messages), count: count),
      (0..<count).map {
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: answers[part(of: $0)]))
      })
    return (0..<count).map { Array(answers[part(of: $0)]) }
  }
}
