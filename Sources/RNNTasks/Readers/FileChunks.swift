internal import CLibrary
import FoundationEssentials
import RNNCore

/// The bytes of a file or of standard input, some at a time.
struct FileChunks {
  /// What complaints call the file.
  let name: String
  private let source: ByteSource
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
    guard let source = ByteSource(url.path) else {
      throw Self.failure(self.name, found: "an unreadable file")
    }
    self.source = source
  }

  /// What is left of standard input.
  ///
  /// - Parameter name: what complaints call it.
  init(standardInput name: String) {
    (self.name, source, expected) = (name, .standardInput, "text in UTF-8")
  }

  /// Whether ``next()`` returns without waiting for somebody to write more.
  var isReady: Bool { source.isReady }

  /// The next bytes, nil after the last. Throws ``RNNError/Kind/file`` when reading fails and
  /// ``RNNError/Kind/empty`` for a file without content.
  mutating func next() throws(RNNError) -> [UInt8]? {
    guard let bytes = source.next(upTo: Self.size) else {
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
    self.init(try FileChunks(reading: url, name: name))
  }

  /// Reads the file at a path, or what is left of standard input where the path is `-`.
  ///
  /// Throws ``RNNCore/RNNError/Kind/file`` for what cannot be opened.
  ///
  /// - Parameter name: what complaints call it.
  package init(readingInput path: String, name: String) throws(RNNError) {
    try self.init(
      path == "-"
        ? FileChunks(standardInput: name)
        : FileChunks(reading: URL(fileURLWithPath: path), name: name))
  }

  private init(_ chunks: FileChunks) {
    var chunks = chunks
    self.init(name: chunks.name) { () throws(RNNError) in try chunks.next() }
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
