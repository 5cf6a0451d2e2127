import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Tensors in files of the safetensors format")
struct SafeTensorsFileTests {
  /// import numpy; from safetensors.numpy import save    # safetensors 0.8.0
  /// save({"b": numpy.array([0.5, -2], numpy.float32), "a": numpy.array([[1, 2, 3]],
  /// numpy.float32),
  ///       "n": numpy.array([7], numpy.int64)}, {"who": "numpy"})
  private static let fromPython = safeTensorsBytes(
    #"{"__metadata__":{"who":"numpy"},"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"#
      + #""a":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]},"#
      + #""b":{"dtype":"F32","shape":[2],"data_offsets":[20,28]}}    "#,
    [7, 0, 0, 0, 0, 0, 0, 0] + bytes([1, 2, 3, 0.5, -2]))

  @Test("What the Python package has written is read")
  func python() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let file = try SafeTensorsFile(reading: folder.write(Self.fromPython, to: "a"))
    #expect(file.metadata == ["who": "numpy"])
    #expect(file.tensors.map(\.name) == ["n", "a", "b"])
    #expect(file.tensors.map(\.shape) == [[1], [1, 3], [2]])
    #expect(try file.values(of: "a") == [1, 2, 3])
    #expect(try file.values(of: "b") == [0.5, -2])
    #expect(!file.hasChecksum)
    expectError(.unsupported, about: "'n'") { _ = try file.values(of: "n") }
    expectError(.format, about: file.path) { _ = try file.values(of: "c") }
  }

  @Test("A file is written as its bytes by hand")
  func golden() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let values: [String: [Float]] = ["w": [1, -0.5], "β": [3]]
    try SafeTensorsFile.write(
      [("w", [2, 1]), ("β", [])], metadata: ["k": "\"v\"\n"], to: folder.path("a")
    ) { (name: String) throws(RNNError) in values[name] ?? [] }
    let header =
      #"{"__metadata__":{"k":"\"v\"\n","rnncore.checksum":"CHECKSUM"},"#
      + #""w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
      + #""β":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}"#
    // Length and text of every part, as ContentChecksum says.
    var crc = CRC64()
    func add(_ texts: String...) {
      for text in texts {
        crc.add([UInt8(text.utf8.count), 0, 0, 0, 0, 0, 0, 0])
        crc.add(text.utf8)
      }
    }
    add("k", "\"v\"\n", "w", "F32", "[2, 1]")
    crc.add([0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF] as [UInt8])
    add("β", "F32", "[]")
    crc.add([0, 0, 0x40, 0x40] as [UInt8])
    let digits = String(crc.value, radix: 16)
    let checksum = "crc64:" + String(repeating: "0", count: 16 - digits.count) + digits
    var text = header.replacing("CHECKSUM", with: checksum)
    while text.utf8.count % 8 != 0 { text += " " }
    let expected = safeTensorsBytes(
      text, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF, 0, 0, 0x40, 0x40])
    #expect(try folder.bytes(of: "a") == expected)
    let file = try SafeTensorsFile(reading: folder.path("a"))
    #expect(try file.values(of: "w") == [1, -0.5] && file.values(of: "β") == [3])
    #expect(file.metadata["k"] == "\"v\"\n" && file.hasChecksum)
  }

  @Test("The check of 123456789 is the catalogue's")
  func catalogue() {
    var crc = CRC64()
    crc.add("1234".utf8)
    crc.add("56789".utf8)
    #expect(crc.value == 0x995D_C9BB_DF19_39FA)
  }

  @Test("Keys and names are compared by their scalars: é composed and decomposed are two")
  func scalars() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let header =
      "{\"__metadata__\":{\"\u{E9}\":\"1\",\"e\u{301}\":\"2\"},"
      + "\"\u{E9}\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
      + "\"e\u{301}\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"
    try folder.write(safeTensorsBytes(header, bytes([3, 4])), to: "a")
    let file = try SafeTensorsFile(reading: folder.path("a"))
    #expect(
      file.metadataEntries.map { Array($0.key.utf8) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
    #expect(file.metadataEntries.map(\.value) == ["1", "2"])
    #expect(try file.values(of: "\u{E9}") == [3] && file.values(of: "e\u{301}") == [4])
    try SafeTensorsFile.write([("\u{E9}", [1]), ("e\u{301}", [1])], to: folder.path("b")) {
      (name: String) throws(RNNError) in [Float(name.unicodeScalars.count)]
    }
    let written = try SafeTensorsFile(reading: folder.path("b"))
    #expect(try written.values(of: "\u{E9}") == [1] && written.values(of: "e\u{301}") == [2])
  }

  @Test("A checksum does not depend on the order of tensors and metadata")
  func order() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let texts = try [[("a", [1]), ("b", [2])], [("b", [2]), ("a", [1])]].map { tensors in
      try SafeTensorsFile.write(tensors, metadata: ["x": "1", "y": "2"], to: folder.path("a")) {
        (name: String) throws(RNNError) in name == "a" ? [1] : [2, 3]
      }
      return try SafeTensorsFile(reading: folder.path("a")).metadata["rnncore.checksum"]
    }
    #expect(texts[0] != nil && texts[0] == texts[1])
  }

  struct Malformed: CustomTestStringConvertible {
    var testDescription: String
    var kind: RNNError.Kind
    var bytes: [UInt8]

    init(_ name: String, _ kind: RNNError.Kind = .format, bytes: [UInt8]) {
      (testDescription, self.kind, self.bytes) = (name, kind, bytes)
    }

    init(_ name: String, _ kind: RNNError.Kind = .format, header: String, data: Int = 8) {
      self.init(name, kind, bytes: safeTensorsBytes(header, [UInt8](repeating: 0, count: data)))
    }
  }

  private static func entry(
    _ name: String, _ begin: Int, _ end: Int, type: String = "F32", shape: String = "[1]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
  }

  static let malformedFiles: [Malformed] = [
    Malformed("nothing", bytes: []),
    Malformed("seven bytes", bytes: [2, 0, 0, 0, 0, 0, 0]),
    Malformed("an empty header", bytes: [0, 0, 0, 0, 0, 0, 0, 0]),
    Malformed("a header longer than the file", bytes: [9, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]),
    Malformed("a header of 2^63 bytes", bytes: [0, 0, 0, 0, 0, 0, 0, 0x80, 0x7B, 0x7D]),
    Malformed("a header of 2^64 - 1 bytes", bytes: [UInt8](repeating: 255, count: 16)),
    Malformed("an empty header", header: "", data: 0),
    Malformed("a header that is no JSON", header: "{\"a\":", data: 0),
    Malformed("a header that is a list", header: "[]", data: 0),
    Malformed("two headers", header: "{}{}", data: 0),
    Malformed("brackets without end", header: String(repeating: "[", count: 100_000)),
    Malformed("bytes that are no UTF-8", bytes: [4, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0x22]),
    Malformed("metadata that are a list", header: "{\"__metadata__\":[]}", data: 0),
    Malformed("metadata with a number", header: "{\"__metadata__\":{\"a\":1}}", data: 0),
    Malformed("a name twice", header: "{\(entry("a", 0, 4)),\(entry("a", 4, 8))}"),
    Malformed("metadata twice", header: "{\"__metadata__\":{},\"__metadata__\":{}}", data: 0),
    Malformed("a field twice", header: "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}"),
    Malformed("a field too few", header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}"),
    Malformed("an overlap", header: "{\(entry("a", 0, 4)),\(entry("b", 2, 6))}"),
    Malformed("data shared by two", header: "{\(entry("a", 0, 4)),\(entry("b", 0, 4))}"),
    Malformed("a gap", header: "{\(entry("a", 0, 4)),\(entry("b", 8, 12))}", data: 12),
    Malformed("a gap at the start", header: "{\(entry("a", 4, 8))}"),
    Malformed("data beyond the end", header: "{\(entry("a", 0, 16, shape: "[4]"))}"),
    Malformed("bytes behind the data", header: "{\(entry("a", 0, 4))}"),
    Malformed("falling offsets", header: "{\(entry("a", 8, 4))}"),
    Malformed("a negative offset", header: "{\(entry("a", -4, 0))}"),
    Malformed("a fraction", header: "{\(entry("a", 0, 8, shape: "[2.0]"))}"),
    Malformed("a negative size", header: "{\(entry("a", 0, 8, shape: "[-1,-2]"))}"),
    Malformed("a shape of too few numbers", .shape, header: "{\(entry("a", 0, 8))}"),
    Malformed(
      "a shape of 2^64 numbers", .shape,
      header: "{\(entry("a", 0, 8, shape: "[4294967296,4294967296]"))}"),
    Malformed("an unknown type", .unsupported, header: "{\(entry("a", 0, 8, type: "F31"))}"),
    Malformed(
      "a checksum that does not hold",
      header: "{\"__metadata__\":{\"rnncore.checksum\":\"crc64:0\"}}", data: 0),
  ]

  @Test("A malformed file is refused with an error that names it", arguments: malformedFiles)
  func refuses(_ file: Malformed) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(file.bytes, to: "bad")
    expectError(file.kind, about: path) { _ = try SafeTensorsFile(reading: path) }
  }

  @Test("What is too short for a header is told so", arguments: [0, 8, 9])
  func tooShort(_ size: Int) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([UInt8](repeating: 7, count: size), to: "short")
    #expect(
      throws: RNNError(
        .format, path, expected: "a safetensors file, of 10 bytes at least", found: "\(size)")
    ) { _ = try SafeTensorsFile(reading: path) }
  }

  @Test("What is no file is refused")
  func noFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for path in [folder.path("none"), folder.path("."), "/dev/null", "", "a\0b"] {
      expectError(.file) { _ = try SafeTensorsFile(reading: path) }
    }
  }

  @Test(
    "Values that are not finite are neither written nor read", arguments: [Float.nan, .infinity])
  func nonFinite(_ value: Float) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    expectError(.nonFinite, about: "'w'") {
      try SafeTensorsFile.write([("w", [2])], to: folder.path("a")) {
        (_: String) throws(RNNError) in [0, value]
      }
    }
    #expect(folder.contents.isEmpty)
    let path = try folder.write(
      safeTensorsBytes("{\(Self.entry("w", 0, 8, shape: "[2]"))}", bytes([0, value])), to: "b")
    expectError(.nonFinite, about: "'w'") {
      _ = try SafeTensorsFile(reading: path).values(of: "w")
    }
  }

  @Test("Tensors that cannot stand in a file are not written")
  func refusedTensors() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    func write(_ tensors: [(String, [Int])]) throws {
      try SafeTensorsFile.write(tensors.map { (name: $0.0, shape: $0.1) }, to: folder.path("a")) {
        (_: String) throws(RNNError) in [1]
      }
    }
    expectError(.format) { try write([("a", [1]), ("a", [1])]) }
    expectError(.format) { try write([("__metadata__", [1])]) }
    expectError(.shape, about: "a") { try write([("a", [2])]) }
    expectError(.shape, about: "a") { try write([("a", [-1, -1])]) }
    expectError(.shape, about: "a") { try write([("a", [.max, 2])]) }
    #expect(folder.contents.isEmpty)
  }
}
