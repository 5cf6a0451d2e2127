internal import CLibrary
import FoundationEssentials
import RNNCore

/// The bytes of a file or of standard input, some at a time, unpacked where they are gzip.
///
/// What begins as gzip does is unpacked, whatever it is called; of a file called `.gz` all else is
/// refused. Of texts a byte-order mark is dropped and UTF-16 and UTF-32 are refused.
struct FileChunks {
  /// What complaints call the file.
  let name: String
  private let source: ByteSource
  /// What an empty file should have held, for complaints; nil where there may be nothing.
  private let expected: String?
  private let isText: Bool
  /// Whether the name says that it is packed.
  private let isPacked: Bool
  private var unpacker: Gunzip?
  /// Whether nothing has been read yet, and whether nothing has been given out.
  private var (isUntouched, isEmpty) = (true, true)
  private var room: ReadingRoom

  private static let size = 1 << 16

  /// Throws ``RNNError/Kind/file`` for what cannot be opened.
  ///
  /// - Parameters:
  ///   - url: the file's.
  ///   - name: what complaints call it; nil for its path.
  ///   - expected: what it should hold, for complaints; nil where there may be nothing.
  ///   - isText: whether it is a text in UTF-8.
  init(
    reading url: URL, name: String? = nil, expected: String? = "text in UTF-8",
    isText: Bool = true
  ) throws(RNNError) {
    self.name = name ?? url.path
    room = ReadingRoom(name: self.name)
    (self.expected, self.isText, isPacked) = (expected, isText, url.unpacked != url)
    let kind = EntryKind(of: url)
    guard kind == .file else { throw Self.failure(self.name, found: kind.rawValue) }
    guard let source = ByteSource(url.path) else {
      throw Self.failure(self.name, found: "an unreadable file")
    }
    self.source = source
  }

  /// What is left of standard input, which may be nothing.
  ///
  /// - Parameter name: what complaints call it.
  init(standardInput name: String) {
    (self.name, source, expected) = (name, .standardInput, nil)
    (isText, isPacked) = (true, false)
    room = ReadingRoom(name: name)
  }

  /// The file at a path, or what is left of standard input where the path is `-`.
  fileprivate init(input path: String, name: String) throws(RNNError) {
    if path == "-" {
      self.init(standardInput: name)
    } else {
      try self.init(reading: URL(place: path), name: name)
    }
  }

  /// Whether ``next()`` returns without waiting for somebody to write more. Of what is packed,
  /// part of its data may wait and give nothing yet.
  var isReady: Bool { unpacker?.hasInput == true || source.isReady }

  /// The next bytes, nil after the last. Throws ``RNNError/Kind/file`` when reading fails,
  /// ``RNNError/Kind/empty`` for a file without content, and ``RNNError/Kind/format`` for what is
  /// damaged or in UTF-16 or UTF-32, ``RNNError/Kind/memory`` when what is kept of it leaves no
  /// room.
  mutating func next() throws(RNNError) -> [UInt8]? {
    while var bytes = try unpacked() {
      if isEmpty, isText {
        while TextStart.isUndecided(bytes), let more = try unpacked() { bytes += more }
        try TextStart.read(&bytes, name: name)
        if bytes.isEmpty { continue }
      }
      isEmpty = false
      try room.add(bytes.count)
      return bytes
    }
    if isEmpty, let expected {
      throw RNNError(.empty, name, expected: expected, found: "an empty file")
    }
    return nil
  }

  private mutating func unpacked() throws(RNNError) -> [UInt8]? {
    var start: [UInt8]?
    if isUntouched {
      isUntouched = false
      start = try packed()
      while let one = start, one == [Gunzip.magic[0]], let more = try packed() {
        start = one + more
      }
      if start?.starts(with: Gunzip.magic) == true {
        unpacker = Gunzip(name: name)
      } else if isPacked, start != nil {
        throw Gunzip.failure(name, found: "something else")
      }
    }
    func rest() throws(RNNError) -> [UInt8]? {
      guard let first = start else { return try packed() }
      start = nil
      return first
    }
    if let unpacker { return try unpacker.next(rest) }
    return try rest()
  }

  private func packed() throws(RNNError) -> [UInt8]? {
    guard let bytes = source.next(upTo: Self.size) else {
      throw Self.failure(name, found: "an unreadable file")
    }
    return bytes.isEmpty ? nil : bytes
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
    self.init(try FileChunks(reading: url, name: name))
  }

  /// Reads the file at a path, or what is left of standard input where the path is `-`.
  ///
  /// Throws ``RNNCore/RNNError/Kind/file`` for what cannot be opened.
  ///
  /// - Parameter name: what complaints call it.
  package init(readingInput path: String, name: String) throws(RNNError) {
    try self.init(FileChunks(input: path, name: name))
  }

  private init(_ chunks: FileChunks) {
    var chunks = chunks
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
    try self.init(FileChunks(input: path, name: name))
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
    let status = FileSystem.status(of: url.path)
    self = status == nil ? .missing : status?.kind == S_IFDIR ? .directory : .file
  }
}
