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
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(path, "a file that can be read") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
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
    fileprivate let path: String
    fileprivate let descriptor: Int32

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
  /// A symbolic link stays one: what it points to is replaced. Permissions of what is replaced are
  /// kept.
  package static func write(
    to path: String, _ body: (Writer) throws(RNNError) -> Void
  ) throws(RNNError) {
    try checkName(path)
    let target = followingLinks(path)
    var status = stat()
    let exists = stat(target, &status) == 0
    guard !exists || status.st_mode & S_IFMT == S_IFREG else {
      throw RNNError(
        .file, path, expected: "a file that can be written", found: "a directory or device")
    }
    let folder = folder(of: target)
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = "\(folder)/\(temporaryPrefix)\(random)\(temporarySuffix)"
    removeLeftovers(in: folder)
    // Without a name until it is complete: a process that is killed leaves nothing behind, unless
    // between naming and renaming it.
    var descriptor =
      access(descriptors, X_OK) == 0
      ? open(folder, O_WRONLY | temporaryFileFlags | O_CLOEXEC, 0o666) : -1
    let isNamed = descriptor < 0
    if isNamed {
      // Some file systems have no such files, and without /proc they cannot be given a name.
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else { throw fileError(path, "a file that can be written") }
    // Tells others that this file is being written. A second descriptor holds the lock until the
    // file has its last name.
    flock(descriptor, LOCK_EX | LOCK_NB)
    let lock = dup(descriptor)
    defer { if lock >= 0 { close(lock) } }
    do throws(RNNError) {
      if exists { fchmod(descriptor, status.st_mode & 0o777) }
      try fill(Writer(path: path, descriptor: descriptor), name: isNamed ? nil : temporary, body)
      guard rename(temporary, target) == 0 else {
        throw fileError(path, "a file that can be written")
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronize(folder: folder, for: path)
  }

  private static let temporaryPrefix = ".rnncore-"
  private static let temporarySuffix = ".tmp"

  /// Removes temporary files that nobody is writing: those of processes that were killed.
  private static func removeLeftovers(in folder: String) {
    guard let entries = opendir(folder) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix(temporaryPrefix), name.hasSuffix(temporarySuffix) else { continue }
      let descriptor = open("\(folder)/\(name)", O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink("\(folder)/\(name)") }
    }
  }

  /// O_TMPFILE, a sum that C's macro does not carry over.
  private static let temporaryFileFlags: Int32 = 0o20_000_000 | O_DIRECTORY

  /// Where a process sees its open files.
  private static let descriptors = "/proc/self/fd"

  /// - Parameter name: what the complete file is to be called; nil for one that has a name.
  private static func fill(
    _ writer: Writer, name: String?, _ body: (Writer) throws(RNNError) -> Void
  ) throws(RNNError) {
    var failure: RNNError?
    do throws(RNNError) {
      try body(writer)
      if fsync(writer.descriptor) != 0 {
        failure = fileError(writer.path, "a file that can be written")
      } else if let name,
        linkat(
          AT_FDCWD, "\(descriptors)/\(writer.descriptor)", AT_FDCWD, name, AT_SYMLINK_FOLLOW) != 0
      {
        failure = fileError(writer.path, "a file that can be written")
      }
    } catch {
      failure = error
    }
    // A full or remote disk may report only here what it could not store.
    if close(writer.descriptor) != 0, failure == nil {
      failure = fileError(writer.path, "a file that can be written")
    }
    if let failure { throw failure }
  }

  private static func synchronize(folder: String, for path: String) throws(RNNError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(path, "a folder that can be read") }
    defer { close(descriptor) }
    // Some file systems have no such operation for folders, and say so.
    if fsync(descriptor) != 0, errno != EINVAL {
      throw fileError(path, "a folder that can be synchronised")
    }
  }

  /// Of a path's last component; `.` without one.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path with symbolic links followed, so that a link stays a link when its target is
  /// replaced.
  package static func followingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// With the reason in `errno`, which the failing call has just set.
private func fileError(_ path: String, _ expected: String) -> RNNError {
  RNNError(.file, path, expected: expected, found: String(cString: strerror(errno)))
}

private func checkName(_ path: String) throws(RNNError) {
  guard !path.isEmpty, !path.utf8.contains(0) else {
    throw RNNError(
      .file, path.excerpt, expected: "the name of a file", found: "an empty one or a zero byte")
  }
}
