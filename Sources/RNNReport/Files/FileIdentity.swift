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
    if let status = FileSystem.status(of: path) {
      guard [S_IFREG, S_IFDIR].contains(status.kind) else { return nil }
      self.init(status, name: "")
    } else {
      let name = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard let status = FileSystem.status(of: AtomicFile.folder(of: path)), let last = name.last
      else {
        return nil
      }
      self.init(status, name: String(Substring(last)))
    }
  }

  /// The file behind a descriptor; nil for what is no regular file.
  package init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.kind == S_IFREG else { return nil }
    self.init(status, name: "")
  }

  private init(_ status: stat, name: String) {
    (device, inode, self.name) = (UInt64(status.st_dev), UInt64(status.st_ino), name)
  }

  /// Whether there is a file or folder.
  package var exists: Bool { name.isEmpty }

  /// Whether this file is among those of a folder and of the folders in it, over symbolic links,
  /// down to the depth that data have. Cost: a look at each.
  ///
  /// - Parameters:
  ///   - folder: its path; what is no folder holds nothing.
  ///   - depth: how many folders one in the other are looked into.
  package func isIn(folder: String, depth: Int = 4) -> Bool {
    guard depth > 0, let names = FileSystem.names(in: folder) else { return false }
    return names.contains { name in
      if name == "." || name == ".." { return false }
      let path = "\(folder)/\(name)"
      guard let status = FileSystem.status(of: path) else { return false }
      return FileIdentity(status, name: "") == self
        || status.kind == S_IFDIR && isIn(folder: path, depth: depth - 1)
    }
  }
}
