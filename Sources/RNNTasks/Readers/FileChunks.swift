import Foundation
import RNNCore

/// The bytes of a file, some at a time.
struct FileChunks {
  let path: String
  private let handle: FileHandle
  /// What an empty file should have held, for complaints.
  private let expected: String
  private var isEmpty = true

  private static let size = 1 << 16

  /// Throws ``RNNError/Kind/file`` for what cannot be opened.
  init(reading url: URL, expected: String = "text in UTF-8") throws(RNNError) {
    path = url.path
    self.expected = expected
    let kind = EntryKind(of: url)
    do {
      guard kind == .file else { throw CocoaError(.fileReadUnknown) }
      handle = try FileHandle(forReadingFrom: url)
    } catch {
      throw Self.failure(path, found: kind == .file ? "an unreadable file" : kind.rawValue)
    }
  }

  /// The next bytes, nil after the last. Throws ``RNNError/Kind/file`` when reading fails and
  /// ``RNNError/Kind/empty`` for a file without content.
  mutating func next() throws(RNNError) -> [UInt8]? {
    let data: Data?
    do {
      data = try handle.read(upToCount: Self.size)
    } catch {
      throw Self.failure(path, found: "an unreadable file")
    }
    if let data, !data.isEmpty {
      isEmpty = false
      return [UInt8](data)
    }
    guard !isEmpty else {
      throw RNNError(.empty, path, expected: expected, found: "an empty file")
    }
    return nil
  }

  private static func failure(_ path: String, found: String) -> RNNError {
    RNNError(.file, path, expected: "a file that can be read", found: found)
  }
}

/// What a path leads to.
enum EntryKind: String {
  case file = "a file"
  case directory = "a directory"
  case missing = "no such file"

  init(of url: URL) {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
    self = !exists ? .missing : isDirectory.boolValue ? .directory : .file
  }
}
