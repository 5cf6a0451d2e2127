import Foundation

/// A file to be written once, at the end of the work, whole or not at all.
///
/// Make it before the work starts: a mistyped directory shows then, not hours later.
struct OutputFile: Sendable {
  let path: String
  /// Where the bytes go: `path` with symbolic links followed, so that a link stays a link.
  private let target: String
  /// A device or pipe, as in `--json /dev/stdout`, is written to and never replaced.
  let isStream: Bool

  /// Throws if `path` is clear not to be writable: its directory is missing or closed to us, or it
  /// is itself a directory or a read-only file.
  init(path: String) throws(OutputError) {
    self.path = path
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw OutputError(path: "'\(path)'", reason: "the name is empty or has a zero byte")
    }
    target = Self.followingLinks(path)
    switch Self.kind(of: target) {
    case S_IFDIR:
      throw OutputError(path: path, reason: "it is a directory")
    case .some(let kind):
      guard access(target, W_OK) == 0 else { throw Self.failure(path, "the file") }
      isStream = kind != S_IFREG
    case nil:
      isStream = false
    }
    if !isStream { try Self.checkDirectory(Self.directory(of: target), for: path) }
  }

  func write(_ text: String) throws(OutputError) {
    if isStream {
      let descriptor = open(target, O_WRONLY)
      guard descriptor >= 0 else { throw Self.failure(path) }
      try write(text, toDescriptor: descriptor, synchronizing: false)
    } else {
      try replace(with: text)
    }
  }

  // MARK: - Writing

  /// Temporary file beside the target, synchronised, then renamed over it.
  private func replace(with text: String) throws(OutputError) {
    let mark = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = Self.directory(of: target) + "/.rnnbench-\(mark).tmp"
    let permissions = Self.status(of: target).map { $0.st_mode & 0o777 }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path) }
    do throws(OutputError) {
      if let permissions { fchmod(descriptor, permissions) }
      try write(text, toDescriptor: descriptor, synchronizing: true)
      guard rename(temporary, target) == 0 else { throw Self.failure(path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private func write(
    _ text: String, toDescriptor descriptor: Int32, synchronizing: Bool
  ) throws(OutputError) {
    var failure = writeAll(text, to: descriptor) ? nil : Self.failure(path)
    if failure == nil, synchronizing, fsync(descriptor) != 0 { failure = Self.failure(path) }
    // A full or remote disk may report only here what it could not store.
    if close(descriptor) != 0, failure == nil { failure = Self.failure(path) }
    if let failure { throw failure }
  }

  // MARK: - Looking at the file system

  private static func checkDirectory(
    _ directory: String, for path: String
  ) throws(OutputError) {
    switch kind(of: directory) {
    case nil: throw OutputError(path: path, reason: "there is no directory \(directory.printable)")
    case S_IFDIR: break
    default: throw OutputError(path: path, reason: "\(directory.printable) is not a directory")
    }
    guard access(directory, W_OK | X_OK) == 0 else {
      throw failure(path, "the directory \(directory.printable)")
    }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func followingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  private static func kind(of path: String) -> mode_t? {
    status(of: path).map { $0.st_mode & S_IFMT }
  }

  /// The reason in `errno`, which the failing call has just set.
  private static func failure(_ path: String, _ subject: String? = nil) -> OutputError {
    let reason = String(cString: strerror(errno))
    return OutputError(path: path, reason: subject.map { "\($0): \(reason)" } ?? reason)
  }
}

/// Outside the type, where `write` is the system call. `false` leaves the reason in `errno`.
private func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { return false }
    rest = rest.dropFirst(written)
  }
  return true
}
