import Foundation

/// A value behind a lock.
///
/// `NSLock` is a pthread mutex, which the thread sanitizer knows; it does not see the futex inside
/// of `Synchronization.Mutex`, and reports what that guards as a race.
final class Locked<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  init(_ value: Value) { self.value = value }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
