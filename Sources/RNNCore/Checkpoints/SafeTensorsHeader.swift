/// One tensor of a file, without its values.
public struct TensorInfo: Sendable, Hashable {
  /// The element types of the format. Values are read and written as `float32`.
  public enum ElementType: String, CaseIterable, Sendable, Hashable {
    /// A truth value in one byte.
    case bool = "BOOL"
    /// A whole number of 8 bits without sign.
    case uint8 = "U8"
    /// A whole number of 8 bits with sign.
    case int8 = "I8"
    /// A number of 8 bits: 5 for the exponent, 2 for the fraction.
    case float8e5m2 = "F8_E5M2"
    /// A number of 8 bits: 4 for the exponent, 3 for the fraction.
    case float8e4m3 = "F8_E4M3"
    /// A whole number of 16 bits with sign.
    case int16 = "I16"
    /// A whole number of 16 bits without sign.
    case uint16 = "U16"
    /// A number of 16 bits, half precision of IEEE 754.
    case float16 = "F16"
    /// A number of 16 bits: the upper half of a `float32`.
    case bfloat16 = "BF16"
    /// A whole number of 32 bits with sign.
    case int32 = "I32"
    /// A whole number of 32 bits without sign.
    case uint32 = "U32"
    /// A number of 32 bits, single precision of IEEE 754.
    case float32 = "F32"
    /// A number of 64 bits, double precision of IEEE 754.
    case float64 = "F64"
    /// A whole number of 64 bits with sign.
    case int64 = "I64"
    /// A whole number of 64 bits without sign.
    case uint64 = "U64"

    /// Bytes of one element.
    public var size: Int {
      switch self {
      case .bool, .uint8, .int8, .float8e5m2, .float8e4m3: 1
      case .int16, .uint16, .float16, .bfloat16: 2
      case .int32, .uint32, .float32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  /// What the file calls the tensor, such as `weight_hh_l0`.
  public let name: String
  /// The type of its elements.
  public let type: ElementType
  /// Row-major; empty for a single number.
  public let shape: [Int]
  /// Where its bytes lie among those of all tensors.
  let range: Range<Int>

  /// The number of elements.
  public var count: Int { range.count / type.size }
}

/// A text in the metadata of a safetensors file.
public struct MetadataEntry: Sendable, Hashable {
  /// The name under which a text stands in the file's metadata.
  public let key: String
  /// The text under that name.
  public let value: String
}

/// The head of a safetensors file: what is in it, and where.
///
/// Eight bytes hold the length n of what follows, little-endian; n bytes of JSON name each tensor's
/// type, shape and place, padded with spaces to a multiple of eight bytes; then come the tensors'
/// bytes, without gaps.
struct SafeTensorsHeader: Hashable, Sendable {
  /// In the order of their bytes.
  let tensors: [TensorInfo]
  /// In the order of the file, each key once.
  let metadata: [MetadataEntry]

  static let metadataName = "__metadata__"
  /// The longest header that the format allows, in bytes.
  static let longest = 100_000_000

  /// The bytes of all tensors.
  var dataSize: Int { tensors.last?.range.upperBound ?? 0 }
}

// MARK: - Writing

extension SafeTensorsHeader {
  /// Places `float32` tensors one after the other. Throws for a name that is given twice or
  /// reserved, and a shape that is negative or too large.
  init(
    _ tensors: [(name: String, shape: [Int])], metadata: [String: String], path: String
  ) throws(RNNError) {
    var placed: [TensorInfo] = []
    var names: Set = [ExactText(Self.metadataName)]
    var offset = 0
    for (name, shape) in tensors {
      guard names.insert(ExactText(name)).inserted else {
        throw RNNError(.format, path, expected: "each tensor once", found: "\(name.excerpt) again")
      }
      let end = byteCount(shape, .float32).map { offset.addingReportingOverflow($0) }
      guard let end, !end.overflow else {
        throw RNNError(
          .shape, "\(path): \(name.excerpt)", expected: "a shape", found: "\(shape)".shortened())
      }
      placed.append(
        TensorInfo(name: name, type: .float32, shape: shape, range: offset..<end.partialValue))
      offset = end.partialValue
    }
    self.tensors = placed
    self.metadata = metadata.map { MetadataEntry(key: $0, value: $1) }
      .sorted { ExactText($0.key) < ExactText($1.key) }
  }

  /// The length and the padded JSON.
  func bytes(for path: String) throws(RNNError) -> [UInt8] {
    var members: [JSONText.Member] = []
    if !metadata.isEmpty {
      let texts = metadata.map { JSONText.Member($0.key, .string($0.value)) }
      members.append(.init(Self.metadataName, .object(texts)))
    }
    for tensor in tensors {
      let ends = [tensor.range.lowerBound, tensor.range.upperBound]
      members.append(
        .init(
          tensor.name,
          .object([
            .init("dtype", .string(tensor.type.rawValue)),
            .init("shape", .array(tensor.shape.map { JSONText($0) })),
            .init("data_offsets", .array(ends.map { JSONText($0) })),
          ])))
    }
    var text = Array(JSONText.object(members).text.utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    guard text.count <= Self.longest else {
      throw RNNError(
        .range, path, expected: "a header of at most \(Self.longest) bytes",
        found: "\(text.count)")
    }
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }
}

// MARK: - Reading

extension SafeTensorsHeader {
  /// Reads the JSON of a header.
  ///
  /// - Parameters:
  ///   - bytes: the JSON without its length.
  ///   - dataSize: the bytes of the file behind it, which the tensors must cover.
  ///   - path: the file's name in complaints.
  init(parsing bytes: [UInt8], dataSize: Int, path: String) throws(RNNError) {
    guard case .object(let members) = try JSONText(parsing: bytes, name: "\(path): header") else {
      throw RNNError(
        .format, "\(path): header", expected: "a JSON object", found: "another JSON value")
    }
    var (tensors, metadata): ([TensorInfo], [MetadataEntry]) = ([], [])
    for member in members {
      if member.name == Self.metadataName {
        metadata = try Self.metadata(member.value, path: path)
      } else {
        tensors.append(try TensorInfo(member, path: path))
      }
    }
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    try Self.check(tensors, cover: dataSize, path: path)
    (self.tensors, self.metadata) = (tensors, metadata)
  }

  private static func metadata(
    _ value: JSONText, path: String
  ) throws(RNNError) -> [MetadataEntry] {
    let failure = RNNError(
      .format, "\(path): metadata", expected: "names with texts", found: "another JSON value")
    guard case .object(let members) = value else { throw failure }
    var metadata: [MetadataEntry] = []
    for member in members {
      guard case .string(let text) = member.value else { throw failure }
      metadata.append(MetadataEntry(key: member.name, value: text))
    }
    return metadata
  }

  /// Throws unless the tensors, in the order of their bytes, cover 0..<`size` without gap or
  /// overlap.
  private static func check(
    _ tensors: [TensorInfo], cover size: Int, path: String
  ) throws(RNNError) {
    var end = 0
    for tensor in tensors {
      let (name, range) = ("\(path): \(tensor.name.excerpt)", tensor.range)
      guard range.lowerBound == end else {
        throw RNNError(
          .format, name, expected: "data from byte \(end) on",
          found: "\(range.lowerBound < end ? "an overlap" : "a gap"), byte \(range.lowerBound)")
      }
      guard range.upperBound <= size else {
        throw RNNError(
          .format, name, expected: "data up to byte \(range.upperBound)",
          found: "\(size) bytes of data: the file is cut off")
      }
      end = range.upperBound
    }
    guard end == size else {
      throw RNNError(
        .format, path, expected: "\(end) bytes of data", found: "\(size): bytes trail behind")
    }
  }
}

extension TensorInfo {
  /// Reads `name: {dtype, shape, data_offsets}`.
  fileprivate init(_ member: JSONText.Member, path: String) throws(RNNError) {
    let place = "\(path): \(member.name.excerpt)"
    guard case .object(let fields) = member.value,
      Set(fields.map(\.name)) == ["dtype", "shape", "data_offsets"]
    else {
      throw RNNError(
        .format, place, expected: "dtype, shape and data_offsets", found: "other fields")
    }
    var (type, shape, offsets): (ElementType?, [Int]?, [Int]?)
    for field in fields {
      switch (field.name, field.value) {
      case ("dtype", .string(let text)):
        type = ElementType(rawValue: text)
        guard type != nil else {
          throw RNNError(
            .unsupported, "\(place): dtype",
            expected: ElementType.allCases.map(\.rawValue).joined(separator: ", "),
            found: text.excerpt)
        }
      case ("shape", let value): shape = value.sizes
      case (_, let value): offsets = value.sizes
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw RNNError(
        .format, place, expected: "a dtype, a shape and two rising data_offsets",
        found: "other values")
    }
    guard let bytes = byteCount(shape, type), bytes == offsets[1] - offsets[0] else {
      throw RNNError(
        .shape, place, expected: "the bytes of \(type.rawValue) \(shape)",
        found: "\(offsets[1] - offsets[0])")
    }
    self.init(name: member.name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }
}

extension JSONText {
  /// An array of whole numbers from 0 on; nil for anything else.
  fileprivate var sizes: [Int]? {
    guard case .array(let values) = self else { return nil }
    var sizes: [Int] = []
    for value in values {
      guard case .number(let text) = value, let size = Int(text), size >= 0 else { return nil }
      sizes.append(size)
    }
    return sizes
  }
}

/// Nil for a negative size and for more bytes than an Int counts.
private func byteCount(_ shape: [Int], _ type: TensorInfo.ElementType) -> Int? {
  var count = type.size
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard size >= 0, !overflow else { return nil }
    count = product
  }
  return count
}
