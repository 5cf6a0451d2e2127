import RNNCore

/// Makes a `Decodable` of JSON that `Encodable.jsonLine` wrote. Throws
/// ``RNNCore/RNNError/Kind/format`` with the way to the member that is wrong, such as
/// `looks[3].seconds`.
struct JSONTextDecoder: Decoder {
  let value: JSONText
  var codingPath: [any CodingKey] = []
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = value else { throw failure("a JSON object") }
    let values = Dictionary(
      uniqueKeysWithValues: members.map { (ExactText($0.name), $0.value) })
    return KeyedDecodingContainer(Members(values: values, decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let values) = value else { throw failure("a JSON array") }
    return Elements(values: values, decoder: self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  fileprivate func failure(_ expected: String) -> RNNError {
    RNNError(.format, codingPath.place, expected: expected, found: value.text.excerpt)
  }

  /// For a value within this one.
  fileprivate func decoder(of value: JSONText, _ key: any CodingKey) -> JSONTextDecoder {
    JSONTextDecoder(value: value, codingPath: codingPath + [key])
  }
}

extension [any CodingKey] {
  /// As `looks[3].seconds`.
  var place: String {
    reduce("") { place, key in
      if let index = key.intValue { return "\(place)[\(index)]" }
      let name = key.stringValue.shortened()
      return place.isEmpty ? name : "\(place).\(name)"
    }
  }
}

// MARK: - Single values

extension JSONTextDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let decoded: Any? =
      switch (type, value) {
      case (is Bool.Type, .bool(let value)): value
      case (is String.Type, .string(let text)): text
      case (is Double.Type, .number(let text)): Double(text).flatMap { $0.isFinite ? $0 : nil }
      case (is Float.Type, .number(let text)): Float(text).flatMap { $0.isFinite ? $0 : nil }
      case (is Double.Type, .string(let text)): notFinite[text]
      case (is Float.Type, .string(let text)): notFinite[text].map { Float($0) }
      case (let type as any FixedWidthInteger.Type, .number(let text)): type.init(text, radix: 10)
      default: nil
      }
    if let decoded, let found = decoded as? Value { return found }
    switch type {
    case is Bool.Type: throw failure("true or false")
    case is String.Type: throw failure("a text")
    case is any BinaryFloatingPoint.Type: throw failure("a number")
    case let type as any FixedWidthInteger.Type: throw failure("a whole number of type \(type)")
    default: return try Value(from: self)
    }
  }
}

/// As `Encodable.jsonLine` writes them.
private let notFinite = ["inf": Double.infinity, "-inf": -.infinity, "nan": .nan]

// MARK: - Objects

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let values: [ExactText: JSONText]
  let decoder: JSONTextDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { values.keys.sorted().compactMap { Key(stringValue: $0.text) } }

  func contains(_ key: Key) -> Bool { values[ExactText(key.stringValue)] != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try member(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try member(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }
  func superDecoder() -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

  private func member(_ key: any CodingKey) throws(RNNError) -> JSONTextDecoder {
    guard let value = values[ExactText(key.stringValue)] else {
      let place = (codingPath + [key]).place
      throw RNNError(.format, place, expected: "a value", found: "none")
    }
    return decoder.decoder(of: value, key)
  }
}

// MARK: - Arrays

private struct Elements: UnkeyedDecodingContainer {
  let values: [JSONText]
  let decoder: JSONTextDecoder
  private(set) var currentIndex = 0

  private struct Index: CodingKey {
    let intValue: Int?
    var stringValue: String { intValue.map { "\($0)" } ?? "" }
    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex == values.count }

  init(values: [JSONText], decoder: JSONTextDecoder) {
    (self.values, self.decoder) = (values, decoder)
  }

  mutating func decodeNil() -> Bool {
    guard !isAtEnd, values[currentIndex] == .null else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next().decode(type)
  }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try next() }

  private mutating func next() throws(RNNError) -> JSONTextDecoder {
    guard !isAtEnd else {
      let place = codingPath.place
      throw RNNError(.format, place, expected: "another element", found: "the array's end")
    }
    defer { currentIndex += 1 }
    return decoder.decoder(of: values[currentIndex], Index(intValue: currentIndex))
  }
}
