internal import CLibrary
import FoundationEssentials
import RNNCore

/// The bytes of a file, some at a time.
struct FileChunks {
  /// What complaints call the file.
  let name: String
  private let file: OpenFile
  /// What an empty file should have held, for complaints.
  private let expected: String
  private var isEmpty = true

  private static let size = 1 << 16

  /// Throws ``RNNError/Kind/file`` for what cannot be opened.
  ///
  /// - Parameter name: what complaints call the file; nil for its path.
  init(
    reading url: URL, name: String? = nil, expected: String = "text in UTF-8"
  ) throws(RNNError) {
    self.name = name ?? url.path
    self.expected = expected
    let kind = EntryKind(of: url)
    guard kind == .file else { throw Self.failure(self.name, found: kind.rawValue) }
    guard let file = OpenFile(url.path) else {
      throw Self.failure(self.name, found: "an unreadable file")
    }
    self.file = file
  }

  /// The next bytes, nil after the last. Throws ``RNNError/Kind/file`` when reading fails and
  /// ``RNNError/Kind/empty`` for a file without content.
  mutating func next() throws(RNNError) -> [UInt8]? {
    guard let bytes = file.read(upTo: Self.size) else {
      throw Self.failure(name, found: "an unreadable file")
    }
    if !bytes.isEmpty {
      isEmpty = false
      return bytes
    }
    guard !isEmpty else {
      throw RNNError(.empty, name, expected: expected, found: "an empty file")
    }
    return nil
  }

  private static func failure(_ name: String, found: String) -> RNNError {
    RNNError(.file, name, expected: "a file that can be read", found: found)
  }
}

extension JSONReader {
  /// Reads a file piece by piece, 64 KiB at a time.
  ///
  /// Throws ``RNNCore/RNNError/Kind/file`` for what cannot be opened.
  ///
  /// - Parameters:
  ///   - url: the file's.
  ///   - name: what complaints call it; nil for its path.
  public init(reading url: URL, name: String? = nil) throws(RNNError) {
    var chunks = try FileChunks(reading: url, name: name)
    self.init(name: chunks.name) { () throws(RNNError) in try chunks.next() }
  }
}

extension CSVReader {
  /// Reads a file record by record, 64 KiB at a time.
  ///
  /// Throws ``RNNCore/RNNError/Kind/file`` for what cannot be opened.
  ///
  /// - Parameters:
  ///   - url: the file's.
  ///   - name: what complaints call it; nil for its path.
  public init(reading url: URL, name: String? = nil) throws(RNNError) {
    var chunks = try FileChunks(reading: url, name: name)
    self.init(name: chunks.name) { () throws(RNNError) in try chunks.next() }
  }
}

/// A file that is read from its beginning to its end, and closed with the last one who has it.
private final class OpenFile: Sendable {
  private let descriptor: Int32

  /// Nil for what cannot be opened.
  init?(_ path: String) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// The next bytes, at most `most` of them; none at the end, nil when reading fails.
  func read(upTo most: Int) -> [UInt8]? {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, used in
      repeat {
        count = CLibrary.read(descriptor, buffer.baseAddress, most)
      } while count < 0 && errno == EINTR
      used = max(0, count)
    }
    return count < 0 ? nil : bytes
  }
}

/// What a path leads to.
enum EntryKind: String {
  case file = "a file"
  case directory = "a directory"
  case missing = "no such file"

  init(of url: URL) {
    var isDirectory = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
    self = !exists ? .missing : isDirectory ? .directory : .file
  }
}
