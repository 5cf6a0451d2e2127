internal import CLibrary

/// A claim on a file that processes make which go on to replace it: while one has it, others are
/// refused. Who only reads does not ask, and always finds the old file or the new one, whole.
///
/// The claim is a lock (`flock`) on a file `.NAME.lock` beside the file NAME, links followed, that
/// holds the process's id. The lock ends with its process, however it ends; a lock file that a
/// killed process leaves is taken over by the next. What is there of the file itself is locked as
/// well, for those that reach it by another of its names (hard links).
package final class FileLock: Sendable {
  private let name: String
  private let descriptor: Int32
  /// The descriptor of the claimed file itself, which is locked too; negative for none.
  private let file: Int32

  /// The milliseconds that it is waited for a process to say who it is, or to be gone.
  private static let patience = 1000

  /// Claims a file that there may be or is to be.
  ///
  /// Throws ``RNNError/Kind/file`` when another process has it, with its id, and when no lock file
  /// can be made.
  package init(of path: String) throws(RNNError) {
    let place = try AtomicFile.followingLinks(path)
    let (folder, last) = (AtomicFile.folder(of: place), place.split(separator: "/").last ?? "")
    // A name has room for 255 bytes.
    let short = String(fileName: String(last).fileName.prefix(240))
    name = "\(folder)/.\(short).lock"
    descriptor = try Self.lock(name, for: path)
    file = FileSystem.open(place, O_RDONLY | O_NONBLOCK)
    if file >= 0, flock(file, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(file)
      Self.remove(name, descriptor)
      throw Self.refusal(path, "another process, which calls it by another name")
    }
  }

  /// Ends the claim and removes the lock file.
  package func release() {
    if file >= 0 { close(file) }
    Self.remove(name, descriptor)
  }

  private static func lock(_ name: String, for path: String) throws(RNNError) -> Int32 {
    for _ in 0..<patience / 10 {
      let descriptor = FileSystem.open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { throw fileError(path, "a folder for its lock file") }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        if isNamed(descriptor, name) { return try sign(descriptor, name, for: path) }
        // Who had it has just removed it.
        close(descriptor)
        continue
      }
      let reason = errno
      let holder = holder(descriptor)
      close(descriptor)
      errno = reason
      guard reason == EWOULDBLOCK else { throw fileError(path, "a file that can be locked") }
      if let holder, kill(holder, 0) == 0 || errno == EPERM {
        throw refusal(path, "process \(holder)")
      }
      usleep(10_000)
    }
    throw refusal(path, "another process")
  }

  private static func refusal(_ path: String, _ holder: String) -> RNNError {
    RNNError(
      .file, path, expected: "a file that no other run is going to replace",
      found: "one in use by \(holder)")
  }

  /// Whether a file that is open still has its name, which who had it before may have removed.
  private static func isNamed(_ descriptor: Int32, _ name: String) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0
      && FileSystem.linkStatus(of: name)?.isSameFile(as: status) == true
  }

  /// Writes who has it. What cannot be written to is given back.
  private static func sign(
    _ descriptor: Int32, _ name: String, for path: String
  ) throws(RNNError) -> Int32 {
    do throws(RNNError) {
      guard ftruncate(descriptor, 0) == 0 else { throw fileError(path, "a lock file") }
      try AtomicFile.Writer(path: path, descriptor: descriptor).write(Array("\(getpid())\n".utf8))
      return descriptor
    } catch {
      remove(name, descriptor)
      throw error
    }
  }

  /// While it is locked: who waits for it looks whether it still has its name.
  private static func remove(_ name: String, _ descriptor: Int32) {
    FileSystem.remove(name)
    close(descriptor)
  }

  /// The process that a lock file names; nil for one that does not, or not yet.
  private static func holder(_ descriptor: Int32) -> pid_t? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0, bytes[count - 1] == UInt8(ascii: "\n") else { return nil }
    return pid_t(String(decoding: bytes.prefix(count - 1), as: UTF8.self))
  }
}
