import Synchronization

/// The memory of all parameters, gradients, tapes and workspaces of this process.
public enum EngineMemory {
  private static let live = Atomic<Int>(0)

  /// Bytes in use now.
  public static var allocatedBytes: Int { live.load(ordering: .relaxed) }

  /// Runs `body` and counts what it makes the library allocate, in this task only.
  ///
  /// - Returns: what `body` returned, and the most bytes that were in use at once.
  public static func counting<R>(_ body: () throws -> R) rethrows -> (result: R, bytes: Int) {
    let counter = Counter()
    let result = try $counter.withValue(counter, operation: body)
    return (result, counter.peak)
  }

  static func add(_ bytes: Int) {
    live.add(bytes, ordering: .relaxed)
    counter?.add(bytes)
  }

  @TaskLocal private static var counter: Counter?

  /// Used by the thread of one task only: the threads of a team allocate nothing.
  private final class Counter: @unchecked Sendable {
    private var bytes = 0
    private(set) var peak = 0

    func add(_ count: Int) {
      bytes += count
      peak = max(peak, bytes)
    }
  }
}
