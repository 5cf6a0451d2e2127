/// Named tensors with a map of texts in a file of the safetensors format, which other tools read
/// and write too: https://github.com/huggingface/safetensors.
///
/// Opening reads the header alone, and, where the metadata hold a checksum, goes once through the
/// data in pieces of a megabyte; values are read when they are asked for. A file that is malformed
/// is refused with an ``RNNError`` that names it. No input makes it allocate more than a small
/// multiple of the file's own size.
public final class SafeTensorsFile: Sendable {
  /// Where the file was read from.
  public var path: String { file.path }
  /// In the order of their bytes.
  public var tensors: [TensorInfo] { header.tensors }
  /// All metadata, the checksum's among them. Of keys that Swift takes for the same, though their
  /// scalars are not, the last one stands here; ``metadataEntries`` has all.
  public let metadata: [String: String]
  /// All metadata in the order of the file, keys that are the same to Swift apart.
  public var metadataEntries: [MetadataEntry] { header.metadata }

  private let file: ReadableFile
  private let header: SafeTensorsHeader
  /// The first byte behind the header.
  private let dataStart: Int

  /// Opens and checks a file.
  ///
  /// Throws ``RNNError/Kind/file`` for a file that cannot be read; ``RNNError/Kind/format`` for one
  /// that is cut off, has bytes to spare, a header that is too long or no JSON, a name twice, data
  /// that overlap or leave a gap, or a checksum that does not hold; ``RNNError/Kind/shape`` for a
  /// shape that does not fit its bytes; ``RNNError/Kind/unsupported`` for an unknown element type.
  public init(reading path: String) throws(RNNError) {
    file = try ReadableFile(path)
    // Eight bytes that count those of the header, and "{}".
    guard file.size >= 10 else {
      throw RNNError(
        .format, path, expected: "a safetensors file, of 10 bytes at least", found: "\(file.size)")
    }
    let length = try file.bytes(at: 0, count: 8).reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    let most = min(file.size - 8, SafeTensorsHeader.longest)
    guard length <= UInt64(most) else {
      throw RNNError(
        .format, path, expected: "a header of at most \(most) bytes",
        found: "\(length): the file is cut off or no safetensors file")
    }
    dataStart = 8 + Int(length)
    header = try SafeTensorsHeader(
      parsing: try file.bytes(at: 8, count: Int(length)), dataSize: file.size - dataStart,
      path: path)
    metadata = Dictionary(header.metadata.map { ($0.key, $0.value) }) { _, last in last }
    try verify()
  }

  /// The tensor of that name. Throws ``RNNError/Kind/format`` when there is none.
  public func tensor(named name: String) throws(RNNError) -> TensorInfo {
    guard let tensor = tensors.first(where: { $0.name.hasSameScalars(as: name) }) else {
      throw RNNError(.format, path, expected: "a tensor \(name.excerpt)", found: "none")
    }
    return tensor
  }

  /// The values of a tensor, row-major.
  ///
  /// Throws ``RNNError/Kind/format`` for a name that is not there, ``RNNError/Kind/unsupported``
  /// for another type than `float32`, ``RNNError/Kind/nonFinite`` for a value that is infinite or
  /// not a number.
  public func values(of name: String) throws(RNNError) -> [Float] {
    let tensor = try tensor(named: name)
    guard tensor.type == .float32 else {
      throw RNNError(
        .unsupported, "\(path): \(name.excerpt)", expected: "values of type F32",
        found: tensor.type.rawValue)
    }
    var values = [Float](repeating: 0, count: tensor.count)
    var failure: RNNError?
    values.withUnsafeMutableBytes { buffer in
      do throws(RNNError) {
        try file.read(buffer, at: dataStart + tensor.range.lowerBound)
      } catch { failure = error }
    }
    if let failure { throw failure }
    // The format is little-endian.
    #if _endian(big)
      for index in values.indices {
        values[index] = Float(bitPattern: values[index].bitPattern.byteSwapped)
      }
    #endif
    try requireFinite(values, of: name, path: path)
    return values
  }

  // MARK: - Checksum

  /// Whether the metadata hold a checksum, which then was compared with the contents, unless it is
  /// `none`.
  public var hasChecksum: Bool { metadata[CheckpointKey.checksum] != nil }

  private func verify() throws(RNNError) {
    guard let expected = metadata[CheckpointKey.checksum], expected != ContentChecksum.waived else {
      return
    }
    var checksum = ContentChecksum(header)
    for tensor in ContentChecksum.order(tensors) {
      checksum.begin(tensor)
      var place = tensor.range.lowerBound
      while place < tensor.range.upperBound {
        let count = min(1 << 20, tensor.range.upperBound - place)
        try file.bytes(at: dataStart + place, count: count)
          .withUnsafeBytes { checksum.add(data: $0) }
        place += count
      }
    }
    guard checksum.text == expected else {
      throw RNNError(
        .format, "\(path): \(CheckpointKey.checksum)", expected: expected.excerpt,
        found: "\(checksum.text): the contents have changed")
    }
  }
}

// MARK: - Writing

extension SafeTensorsFile {
  /// Writes `float32` tensors in the given order, with a checksum of the contents in the metadata.
  ///
  /// The file appears whole or not at all: it is written beside `path`, forced to the disk and
  /// renamed. Whatever is thrown leaves what was there. Memory: one tensor at a time.
  ///
  /// Throws ``RNNError/Kind/format`` for a name that is given twice, ``RNNError/Kind/shape`` for
  /// values that do not fit their shape, ``RNNError/Kind/nonFinite`` for one that is infinite or
  /// not a number, ``RNNError/Kind/file`` when the file cannot be written.
  ///
  /// - Parameters:
  ///   - tensors: names and shapes.
  ///   - metadata: any texts; `rnncore.checksum` is set here.
  ///   - path: the file.
  ///   - values: the values of a tensor, row-major; asked for twice, the first time for the
  ///     checksum.
  public static func write(
    _ tensors: [(name: String, shape: [Int])], metadata: [String: String] = [:],
    to path: String, values: (_ name: String) throws(RNNError) -> [Float]
  ) throws(RNNError) {
    let plain = try SafeTensorsHeader(tensors, metadata: metadata, path: path)
    var checksum = ContentChecksum(plain)
    for tensor in ContentChecksum.order(plain.tensors) {
      checksum.begin(tensor)
      let words = try words(of: tensor, path: path, values)
      words.withUnsafeBytes { checksum.add(data: $0) }
    }
    var metadata = metadata
    metadata[CheckpointKey.checksum] = checksum.text
    let header = try SafeTensorsHeader(tensors, metadata: metadata, path: path)
    let head = try header.bytes(for: path)
    try AtomicFile.write(to: path) { (writer: AtomicFile.Writer) throws(RNNError) in
      try writer.write(head)
      for tensor in header.tensors {
        try writer.write(try words(of: tensor, path: path, values))
      }
    }
  }

  /// The checked values of a tensor as the format stores them.
  private static func words(
    of tensor: TensorInfo, path: String, _ values: (String) throws(RNNError) -> [Float]
  ) throws(RNNError) -> [UInt32] {
    let values = try values(tensor.name)
    guard values.count == tensor.count else {
      throw RNNError(
        .shape, "\(path): \(tensor.name.excerpt)", expected: "\(tensor.count) values",
        found: "\(values.count)")
    }
    try requireFinite(values, of: tensor.name, path: path)
    return values.map { $0.bitPattern.littleEndian }
  }
}

private func requireFinite(
  _ values: [Float], of name: String, path: String
) throws(RNNError) {
  if let bad = values.firstIndex(where: { !$0.isFinite }) {
    throw RNNError(
      .nonFinite, "\(path): \(name.excerpt)", expected: "finite values",
      found: "\(values[bad]) at index \(bad)")
  }
}
