import CLibrary
import RNNCore

/// Which file a path leads to, however it is written: the same for all names of one file, over
/// symbolic and hard links.
package struct FileIdentity: Hashable {
  /// The file, or the folder in which one is to be made.
  private let device: UInt64
  private let inode: UInt64
  /// Of a file that is not there yet; empty for one that is.
  private let name: String

  /// Nil for devices, pipes and the like, which may be named twice, and for a path through folders
  /// that are not there.
  package init?(_ path: String) {
    if let status = Self.status(of: path) {
      guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
      self.init(status, name: "")
    } else {
      let name = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard let status = Self.status(of: AtomicFile.folder(of: path)), let last = name.last else {
        return nil
      }
      self.init(status, name: String(Substring(last)))
    }
  }

  /// The file behind a descriptor; nil for what is no regular file.
  package init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(status, name: "")
  }

  private init(_ status: stat, name: String) {
    (device, inode, self.name) = (UInt64(status.st_dev), UInt64(status.st_ino), name)
  }

  /// Whether there is a file or folder.
  package var exists: Bool { name.isEmpty }

  private static func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// Whether this file is among those of a folder and of the folders in it, over symbolic links,
  /// down to the depth that data have. Cost: a look at each.
  ///
  /// - Parameters:
  ///   - folder: its path; what is no folder holds nothing.
  ///   - depth: how many folders one in the other are looked into.
  package func isIn(folder: String, depth: Int = 4) -> Bool {
    guard depth > 0, let entries = opendir(folder) else { return false }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      let path = "\(folder)/\(name)"
      if FileIdentity(path) == self { return true }
      if entry.pointee.d_type != DT_REG, isIn(folder: path, depth: depth - 1) { return true }
    }
    return false
  }
}
