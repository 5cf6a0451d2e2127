/// Bytes that come from a file or standard input, from where it stands to its end.
package final class ByteSource: Sendable {
  /// Standard input from where it stands: nothing is opened or closed, so that pipes and sockets
  /// do as well as files.
  package static let standardInput = ByteSource(descriptor: STDIN_FILENO)

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// Whether ``next(upTo:)`` returns at once: bytes wait, or the end is reached. Files are always
  /// ready, pipes and terminals where somebody has written.
  package var isReady: Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  /// Opens a file, which is closed with the last one who has it. Nil for what cannot be opened, the
  /// reason in `errno`.
  package convenience init?(_ path: String) {
    let descriptor = FileSystem.open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    self.init(descriptor: descriptor)
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// The next bytes, at most `most` of them; none at the end, nil when reading fails, the reason in
  /// `errno`.
  package func next(upTo most: Int) -> [UInt8]? {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, used in
      repeat {
        count = read(descriptor, buffer.baseAddress, most)
      } while count < 0 && errno == EINTR
      used = max(0, count)
    }
    return count < 0 ? nil : bytes
  }
}
