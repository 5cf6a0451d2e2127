import RNNCore

/// The members of an encoding's JSON object, taken one by one.
struct EncodingFields {
  private enum Value {
    case text(String)
    case number(Float)
    case bool(Bool)
    case texts([String])
    case numbers([Float])
    case empty
  }

  private let name: String
  private var members: [String: Value] = [:]

  /// As many as a model file may have.
  static let mostSymbols = 1 << 24

  init(_ json: String, name: String) throws(RNNError) {
    self.name = name
    var reader = JSONReader(json, name: name)
    var members: [String: Value] = [:]
    try reader.object { (reader, field) throws(RNNError) in
      members[field] = try Self.value(&reader)
    }
    try reader.end()
    self.members = members
  }

  // MARK: - Taking

  mutating func text(_ field: String) throws(RNNError) -> String {
    guard case .text(let text)? = members.removeValue(forKey: field) else {
      throw failure(field, "a text")
    }
    return text
  }

  mutating func choice<Choice>(
    _ field: String, _ choices: [(name: String, value: Choice)]
  ) throws(RNNError) -> Choice {
    let text = try text(field)
    guard let choice = choices.first(where: { $0.name == text }) else {
      let names = choices.map(\.name).joined(separator: ", ")
      throw failure(field, "one of \(names)", found: text.quoted)
    }
    return choice.value
  }

  mutating func bool(_ field: String) throws(RNNError) -> Bool {
    guard case .bool(let value)? = members.removeValue(forKey: field) else {
      throw failure(field, "true or false")
    }
    return value
  }

  /// Whole numbers up to 2^24, which single precision holds exactly.
  mutating func integer(_ field: String, in range: ClosedRange<Int>) throws(RNNError) -> Int {
    guard case .number(let value)? = members.removeValue(forKey: field),
      let integer = Int(exactly: value), range.contains(integer)
    else {
      throw failure(field, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  /// Texts, none of them twice.
  mutating func symbols(
    _ field: String, atLeast minimum: Int = 0
  ) throws(RNNError) -> Vocabulary<String> {
    let texts: [String]
    switch members.removeValue(forKey: field) {
    case .texts(let values)?: texts = values
    case .empty?: texts = []
    default: throw failure(field, "an array of texts")
    }
    let symbols = Vocabulary(texts)
    guard symbols.count == texts.count, !texts.contains("") else {
      throw failure(field, "different texts", found: "an empty one, or one twice")
    }
    guard symbols.count >= minimum else {
      throw failure(field, "at least \(minimum) texts", found: "\(symbols.count)")
    }
    return symbols
  }

  /// Texts of one scalar, none of them twice. (Texts that look alike are equal, scalars are not.)
  mutating func characters(_ field: String) throws(RNNError) -> Vocabulary<Unicode.Scalar> {
    guard case .texts(let texts)? = members.removeValue(forKey: field) else {
      throw failure(field, "an array of texts")
    }
    var scalars: [Unicode.Scalar] = []
    for text in texts {
      guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
        throw failure(field, "single characters", found: text.quoted)
      }
      scalars.append(scalar)
    }
    let symbols = Vocabulary(scalars)
    guard symbols.count == scalars.count else {
      throw failure(field, "different characters", found: "one twice")
    }
    return symbols
  }

  mutating func numbers(_ field: String) throws(RNNError) -> [Float] {
    guard case .numbers(let values)? = members.removeValue(forKey: field) else {
      throw failure(field, "an array of numbers")
    }
    return values
  }

  func has(_ field: String) -> Bool { members[field] != nil }

  func finish() throws(RNNError) {
    if let extra = members.keys.min() {
      throw RNNError(.format, name, expected: "no other field", found: extra.quoted)
    }
  }

  func failure(_ field: String, _ expected: String, found: String = "none") -> RNNError {
    RNNError(.format, "\(name): \(field)", expected: expected, found: found)
  }

  // MARK: - Reading

  private static func value(_ reader: inout JSONReader) throws(RNNError) -> Value {
    switch try reader.kind() {
    case .text: return .text(try reader.string())
    case .number: return .number(try reader.float())
    case .bool: return .bool(try reader.bool())
    case .array: return try array(&reader)
    }
  }

  private static func array(_ reader: inout JSONReader) throws(RNNError) -> Value {
    var texts: [String] = []
    var numbers: [Float] = []
    try reader.array { (reader) throws(RNNError) in
      switch try reader.kind() {
      case .text where numbers.isEmpty: texts.append(try reader.string())
      case .number where texts.isEmpty: numbers.append(try reader.float())
      default: throw reader.failure("texts alone or numbers alone")
      }
      guard max(texts.count, numbers.count) <= mostSymbols else {
        throw reader.failure("at most \(mostSymbols) elements", found: "more")
      }
    }
    if !texts.isEmpty { return .texts(texts) }
    return numbers.isEmpty ? .empty : .numbers(numbers)
  }
}

/// On one line, without spaces.
func jsonObject(_ fields: [(name: String, json: String)]) -> String {
  "{" + fields.map { $0.name.json + ":" + $0.json }.joined(separator: ",") + "}"
}

/// On one line, without spaces.
func jsonArray(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }
