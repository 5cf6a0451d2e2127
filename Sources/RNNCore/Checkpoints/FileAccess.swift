internal import CLibrary

/// A regular file that is open for reading at any place. It keeps the file that it opened, even
/// when another is renamed over it.
final class ReadableFile: Sendable {
  let path: String
  /// In bytes, when it was opened.
  let size: Int
  private let descriptor: Int32

  /// Throws ``RNNError/Kind/file`` for what cannot be opened and for what is no regular file.
  init(_ path: String) throws(RNNError) {
    self.path = path
    try checkName(path)
    // Not blocking: a pipe without a writer is to be refused, not waited for.
    descriptor = FileSystem.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { throw fileError(path, "a file that can be read") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.kind == S_IFREG else {
      close(descriptor)
      throw RNNError(
        .file, path, expected: "a file that can be read", found: "a directory or device")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from byte `offset` on.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(RNNError) {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw fileError(path, "a file that can be read") }
      guard count > 0 else {
        throw RNNError(
          .file, path, expected: "\(size) bytes", found: "its end at byte \(offset + done)")
      }
      done += count
    }
  }

  /// `count` bytes from `offset` on, which the caller has compared with ``size``.
  func bytes(at offset: Int, count: Int) throws(RNNError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: RNNError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(RNNError) { try read(buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// Files that are there whole or not at all, also after a crash.
package enum AtomicFile {
  /// Takes the bytes of a new file, in order.
  package struct Writer {
    let path: String
    let descriptor: Int32

    /// Elements are written as they lie in memory.
    package func write<Element: BitwiseCopyable>(_ elements: [Element]) throws(RNNError) {
      var failure: RNNError?
      elements.withUnsafeBytes { bytes in
        do throws(RNNError) { try write(bytes) } catch { failure = error }
      }
      if let failure { throw failure }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(RNNError) {
      var done = 0
      while done < bytes.count {
        let count = CLibrary.write(
          descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw fileError(path, "a file that can be written") }
        done += count
      }
    }
  }

  /// Writes a file beside `path`, forces it to the disk, renames it over `path` and forces the
  /// folder to the disk. Whatever fails or is thrown before the renaming leaves what was there.
  ///
  /// A symbolic link stays one: what it points to is replaced, see ``followingLinks(_:)``. What is
  /// replaced keeps its permissions, and its owner and group where the process may give them.
  package static func write(
    to path: String, _ body: (Writer) throws(RNNError) -> Void
  ) throws(RNNError) {
    try checkName(path)
    let target = try followingLinks(path)
    let old = FileSystem.status(of: target)
    guard old == nil || old?.kind == S_IFREG else {
      throw RNNError(
        .file, path, expected: "a file that can be written", found: "a directory or device")
    }
    // Opened first, so that nothing but the disk itself can fail once the file is replaced.
    let folder = folder(of: target)
    let folderDescriptor = FileSystem.open(folder, O_RDONLY | O_DIRECTORY)
    guard folderDescriptor >= 0 else { throw fileError(path, "a folder that can be read") }
    defer { close(folderDescriptor) }
    removeLeftovers(in: folder)
    let file = try TemporaryFile(in: folder, for: path)
    defer { file.release() }
    do throws(RNNError) {
      if let old { try file.adopt(old) }
      try file.fill(body)
      guard FileSystem.rename(file.name, to: target) == 0 else {
        throw fileError(path, "a file that can be written")
      }
    } catch {
      FileSystem.remove(file.name)
      throw error
    }
    // Some file systems have no such operation for folders, and say so.
    if FileSystem.synchronize(folderDescriptor) != 0, errno != EINVAL {
      let error = fileError(path, "a folder that can be synchronised")
      throw RNNError(
        error.kind, path, expected: error.expected,
        found: "\(error.found): the new file is there, but may not outlast a loss of power")
    }
  }

  /// Removes temporary files that nobody is writing: those of processes that were killed.
  private static func removeLeftovers(in folder: String) {
    for name in FileSystem.names(in: folder) ?? [] where TemporaryFile.isName(name) {
      let path = "\(folder)/\(name)"
      let descriptor = FileSystem.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { FileSystem.remove(path) }
    }
  }

  // MARK: - Names

  /// The links behind each other that the kernel follows.
  private static let mostLinks = 40

  /// The folder that a path's last component lies in; `.` without one.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The name of the file that `path` leads to, so that a link stays a link when that file is
  /// replaced; `path` itself where it is no link, and for a device or pipe.
  ///
  /// Whether a link is followed is the kernel's decision, which refuses those of others in folders
  /// that anybody may write to (fs.protected_symlinks). Throws ``RNNError/Kind/file`` for one that
  /// is refused, leads to nothing or turns in a circle.
  package static func followingLinks(_ path: String) throws(RNNError) -> String {
    let expected = "a link that leads to a file"
    guard var entry = FileSystem.linkStatus(of: path), entry.kind == S_IFLNK else { return path }
    guard let end = FileSystem.status(of: path) else {
      throw errno == ENOENT
        ? RNNError(.file, path, expected: expected, found: "one that leads to nothing")
        : fileError(path, expected)
    }
    guard end.kind == S_IFREG else { return path }
    var place = path
    for _ in 0..<mostLinks where entry.kind == S_IFLNK {
      guard let target = FileSystem.target(ofLink: place) else { throw fileError(path, expected) }
      place = target.hasPrefix("/") ? target : "\(folder(of: place))/\(target)"
      guard let next = FileSystem.linkStatus(of: place) else { throw fileError(path, expected) }
      entry = next
    }
    // The kernel went all the way before: a link that has been changed since is none of its.
    guard entry.isSameFile(as: end) else {
      throw RNNError(.file, path, expected: expected, found: "one that changes")
    }
    return place
  }
}

/// A file that is being written and has not yet taken its place.
///
/// Where the system can, it has no name until it is complete: a process that is killed leaves
/// nothing behind, unless between naming and renaming it. A lock tells others that it is being
/// written.
private struct TemporaryFile {
  /// The name that the temporary file gets when it is complete, before it is renamed.
  let name: String
  /// The path of the file that will be replaced, for complaints.
  private let path: String
  private let descriptor: Int32
  /// A second descriptor, which holds the lock when the first is closed.
  private let lock: Int32
  private let hasName: Bool

  private static let (prefix, suffix) = (".rnncore-", ".tmp")

  static func isName(_ name: String) -> Bool { name.hasPrefix(prefix) && name.hasSuffix(suffix) }

  /// O_TMPFILE, a sum that C's macro does not carry over.
  private static let withoutName: Int32 = 0o20_000_000 | O_DIRECTORY

  init(in folder: String, for path: String) throws(RNNError) {
    self.path = path
    var (descriptor, name, hasName, status) = (Int32(-1), "", false, stat())
    repeat {
      name =
        "\(folder)/\(Self.prefix)\(String(UInt64.random(in: .min ... .max), radix: 36))"
        + Self.suffix
      if descriptor >= 0 { close(descriptor) }
      descriptor =
        FileSystem.seesDescriptors && !hasName
        ? FileSystem.open(folder, O_WRONLY | Self.withoutName) : -1
      if descriptor < 0 {
        // Some file systems have no such files.
        hasName = true
        descriptor = FileSystem.open(name, O_WRONLY | O_CREAT | O_EXCL)
      }
      guard descriptor >= 0 else { throw fileError(path, "a file that can be written") }
      flock(descriptor, LOCK_EX | LOCK_NB)
      // Another may have taken it for a leftover before it was locked.
    } while hasName && fstat(descriptor, &status) == 0 && status.st_nlink == 0
    (self.name, self.descriptor, self.hasName) = (name, descriptor, hasName)
    lock = dup(descriptor)
  }

  /// Ends the lock: for when the file has taken its place or is removed.
  func release() { if lock >= 0 { close(lock) } }

  /// Takes group, owner and permissions over, as far as the process and the file system may.
  func adopt(_ old: stat) throws(RNNError) {
    var own = stat()
    fstat(descriptor, &own)
    let keep = (owner: uid_t.max, group: gid_t.max)
    if own.st_gid != old.st_gid { try allow(fchown(descriptor, keep.owner, old.st_gid)) }
    if own.st_uid != old.st_uid { try allow(fchown(descriptor, old.st_uid, keep.group)) }
    try allow(fchmod(descriptor, old.st_mode & 0o777))
  }

  private func allow(_ result: Int32) throws(RNNError) {
    guard result == 0 || errno == EPERM else {
      throw fileError(path, "a file that keeps its owner and permissions")
    }
  }

  /// Writes it, forces it to the disk, names and closes it.
  func fill(_ body: (AtomicFile.Writer) throws(RNNError) -> Void) throws(RNNError) {
    var failure: RNNError?
    do throws(RNNError) {
      try body(AtomicFile.Writer(path: path, descriptor: descriptor))
      if FileSystem.synchronize(descriptor) != 0
        || !hasName && FileSystem.link(descriptor, to: name) != 0
      {
        failure = fileError(path, "a file that can be written")
      }
    } catch {
      failure = error
    }
    // A remote disk may report only here what it could not store. What is interrupted is closed.
    if close(descriptor) != 0, errno != EINTR, failure == nil {
      failure = fileError(path, "a file that can be written")
    }
    if let failure { throw failure }
  }
}

/// With the reason in `errno`, which the failing call has just set.
func fileError(_ path: String, _ expected: String) -> RNNError {
  RNNError(.file, path, expected: expected, found: String(cString: strerror(errno)))
}

private func checkName(_ path: String) throws(RNNError) {
  guard !path.isEmpty, !path.utf8.contains(0) else {
    throw RNNError(
      .file, path.excerpt, expected: "the name of a file", found: "an empty one or a zero byte")
  }
}
