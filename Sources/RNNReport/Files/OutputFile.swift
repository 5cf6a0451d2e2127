import CLibrary
import RNNCore

/// A file to be written once, at the end of the work, whole or not at all.
///
/// Make it before the work starts: a mistyped directory shows then, not hours later.
package struct OutputFile: Sendable {
  package let path: String
  /// Where the bytes go: `path` with symbolic links followed, so that a link stays a link.
  private let target: String
  /// A device or pipe, as in `--json /dev/stdout`, is written to and never replaced.
  package let isStream: Bool
  /// Where `-` leads; nil for files.
  private let descriptor: Int32?

  /// Throws if `path` is clear not to be writable: its directory is missing or closed to us, or it
  /// is itself a directory or a read-only file.
  ///
  /// - Parameter path: `-` or `/dev/stdout` is standard output, which is the file's alone from here
  ///   on: what else is printed goes to standard error.
  package init(path: String) throws(OutputError) {
    self.path = path
    guard path != "-", path != "/dev/stdout" else {
      (target, isStream, descriptor) = ("", true, StandardOutput.reserved)
      return
    }
    descriptor = nil
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw OutputError(path: "'\(path)'", reason: "the name is empty or has a zero byte")
    }
    do throws(RNNError) {
      target = try AtomicFile.followingLinks(path)
    } catch {
      throw OutputError(path: path, reason: "\(error.expected) is missing: it is \(error.found)")
    }
    switch Self.kind(of: target) {
    case S_IFDIR:
      throw OutputError(path: path, reason: "it is a directory")
    case .some(let kind):
      guard FileSystem.isAllowed(target, W_OK) else { throw Self.failure(path, "the file") }
      isStream = kind != S_IFREG
    case nil:
      isStream = false
    }
    if !isStream { try Self.checkDirectory(AtomicFile.folder(of: target), for: path) }
  }

  package func write(_ text: String) throws(OutputError) {
    if let descriptor {
      try StandardOutput.write(text, to: descriptor)
    } else if isStream {
      try append(text)
    } else {
      try replace(with: text)
    }
  }

  /// Writes text as it comes. A file is there when all of it is, and not at all if `body` throws; a
  /// device or pipe gets each text at once.
  package func write(_ body: ((String) throws -> Void) throws -> Void) throws {
    if isStream { return try body { try write($0) } }
    var failure: (any Error)?
    do throws(RNNError) {
      try AtomicFile.write(to: target) { file throws(RNNError) in
        do {
          try body { try file.write(Array($0.utf8)) }
        } catch let error as RNNError {
          throw error
        } catch {
          failure = error
          throw RNNError(.file, path, expected: "", found: "")
        }
      }
    } catch {
      throw failure ?? error
    }
  }

  // MARK: - Writing

  private func replace(with text: String) throws(OutputError) {
    do throws(RNNError) {
      try AtomicFile.write(to: target) { file throws(RNNError) in try file.write(Array(text.utf8)) }
    } catch {
      throw OutputError(path: path, reason: error.found)
    }
  }

  private func append(_ text: String) throws(OutputError) {
    let descriptor = FileSystem.open(target, O_WRONLY)
    guard descriptor >= 0 else { throw Self.failure(path) }
    var failure = writeAll(text, to: descriptor) ? nil : Self.failure(path)
    // A pipe may report only here what it could not take. What is interrupted is closed.
    if close(descriptor) != 0, errno != EINTR, failure == nil { failure = Self.failure(path) }
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
    guard FileSystem.isAllowed(directory, W_OK | X_OK) else {
      throw failure(path, "the directory \(directory.printable)")
    }
  }

  private static func kind(of path: String) -> mode_t? { FileSystem.status(of: path)?.kind }

  /// The reason in `errno`, which the failing call has just set.
  private static func failure(_ path: String, _ subject: String? = nil) -> OutputError {
    let reason = String(cString: strerror(errno))
    return OutputError(path: path, reason: subject.map { "\($0): \(reason)" } ?? reason)
  }
}

/// Outside of any type, where `write` is the system call. `false` leaves the reason in `errno`.
func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { return false }
    rest = rest.dropFirst(written)
  }
  return true
}
