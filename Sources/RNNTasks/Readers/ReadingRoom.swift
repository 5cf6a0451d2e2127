import RNNCore

/// Watches, while a file is read, that what is kept of it leaves room for as much again twice over:
/// arrays that grow are copied, and a program that runs out of memory ends without a word.
///
/// What is read and not kept, as in a stream, takes no room, however long it is.
struct ReadingRoom {
  private let name: String
  private let resident: () -> Int
  private let limit: () -> MemoryLimit
  /// Resident bytes after the first piece, with which many a file ends.
  private var before: Int?
  private var count = 0
  private var next = Self.step

  /// Bytes from one look to the next. A look reads a few small files of the system.
  static let step = 1 << 22

  /// - Parameters:
  ///   - name: what complaints call the file.
  ///   - resident: the bytes that the process has taken.
  ///   - limit: what it may still take.
  init(
    name: String, resident: @escaping () -> Int = { MemoryLimit.resident },
    limit: @escaping () -> MemoryLimit = MemoryLimit.current
  ) {
    (self.name, self.resident, self.limit) = (name, resident, limit)
  }

  /// Counts bytes that were read. Throws ``RNNError/Kind/memory`` when what was kept of those
  /// before them leaves too little room.
  mutating func add(_ bytes: Int) throws(RNNError) {
    if before == nil, count > 0 { before = resident() }
    count += bytes
    guard count >= next, let before else { return }
    next = count + Self.step
    var need = MemoryNeed()
    need.add("data", bytes: 2 * max(0, resident() - before))
    let limit = limit()
    guard need.bytes > limit.bytes else { return }
    throw RNNError(
      .memory, name, expected: "data that leave room for a run, within \(limit)",
      found: "\(need) needed after \(count >> 20) MiB of it")
  }
}
