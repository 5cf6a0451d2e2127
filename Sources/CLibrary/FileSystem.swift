/// The kernel's calls on names of files, as texts that ``Swift/String/init(fileName:)`` makes.
///
/// All leave the reason for a failure in `errno`, and all are made again when a signal interrupts
/// them.
package enum FileSystem {
  /// A descriptor, which no program that this one starts gets; -1 for a failure.
  ///
  /// - Parameters:
  ///   - flags: of `open`.
  ///   - mode: of a file that is made.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o666) -> Int32 {
    call(path) { CLibrary.open($0, flags | O_CLOEXEC, mode) }
  }

  /// The status of the file that a path leads to, links followed; nil for a failure.
  package static func status(of path: String) -> stat? {
    var status = stat()
    return call(path) { stat($0, &status) } == 0 ? status : nil
  }

  /// The status of what has a name, be it a link; nil for a failure.
  package static func linkStatus(of path: String) -> stat? {
    var status = stat()
    return call(path) { lstat($0, &status) } == 0 ? status : nil
  }

  /// Where a symbolic link leads, as it says so; nil for a failure.
  package static func target(ofLink path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = path.withFileName { readlink($0, &bytes, bytes.count) }
    return count < 0 ? nil : String(fileName: bytes.prefix(count).map { UInt8(bitPattern: $0) })
  }

  /// Whether this process may do with what a path leads to what `mode` says, as `access` has it.
  package static func isAllowed(_ path: String, _ mode: Int32) -> Bool {
    call(path) { access($0, mode) } == 0
  }

  /// Gives a file another name, in the place of what had it. 0, or -1 for a failure.
  package static func rename(_ path: String, to name: String) -> Int32 {
    call(path) { old in name.withFileName { CLibrary.rename(old, $0) } }
  }

  /// Gives a file that is open, and has no name, one. 0, or -1 for a failure.
  package static func link(_ descriptor: Int32, to name: String) -> Int32 {
    call("\(descriptors)/\(descriptor)") { file in
      name.withFileName { linkat(AT_FDCWD, file, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) }
    }
  }

  /// Whether ``link(_:to:)`` can work: whether a process sees its open files.
  package static var seesDescriptors: Bool { isAllowed(descriptors, X_OK) }

  private static let descriptors = "/proc/self/fd"

  /// Takes a name from a file. 0, or -1 for a failure.
  @discardableResult
  package static func remove(_ path: String) -> Int32 { call(path) { unlink($0) } }

  /// Forces what is written to the disk. 0, or -1 for a failure.
  package static func synchronize(_ descriptor: Int32) -> Int32 { again { fsync(descriptor) } }

  /// The names in a folder, `.` and `..` too, in any order; nil for a failure.
  package static func names(in folder: String) -> [String]? {
    guard let entries = folder.withFileName({ opendir($0) }) else { return nil }
    defer { closedir(entries) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(entries) else { return errno == 0 ? names : nil }
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(fileName: $0.prefix { $0 != 0 }) })
    }
  }

  /// The folder in which this process works; nil where it was removed.
  package static var workingFolder: String? {
    guard let name = getcwd(nil, 0) else { return nil }
    defer { free(name) }
    return String(fileName: UnsafePointer(name))
  }

  private static func call(_ path: String, _ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
    path.withFileName { name in again { body(name) } }
  }

  private static func again(_ body: () -> Int32) -> Int32 {
    while true {
      let result = body()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}

extension stat {
  /// Regular file, folder, device, …: `S_IFREG`, `S_IFDIR` or another of their kind.
  package var kind: mode_t { st_mode & S_IFMT }

  /// Whether both are of one file, whatever it is called.
  package func isSameFile(as other: stat) -> Bool {
    st_dev == other.st_dev && st_ino == other.st_ino
  }
}
