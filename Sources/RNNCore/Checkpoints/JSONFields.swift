/// The members of a JSON object, taken one by one by their names: what a ``ModelArchitecture`` is
/// read from.
///
/// Each is taken once; ``finish()`` refuses what was not taken. All throw ``RNNError/Kind/format``
/// for a member that is missing or of another type.
public struct JSONFields: Sendable {
  private var members: [ExactText: JSONText] = [:]
  private let name: String

  /// Throws ``RNNError/Kind/format`` for text that is no JSON object.
  ///
  /// - Parameters:
  ///   - text: in JSON.
  ///   - name: what complaints call it.
  public init(parsing text: String, name: String) throws(RNNError) {
    guard case .object(let members) = try JSONText(parsing: Array(text.utf8), name: name) else {
      throw RNNError(.format, name, expected: "a JSON object", found: "another JSON value")
    }
    self.init(members, name: name)
  }

  private init(_ members: [JSONText.Member], name: String) {
    for member in members { self.members[ExactText(member.name)] = member.value }
    self.name = name
  }

  private mutating func take(_ field: String) -> JSONText? {
    members.removeValue(forKey: ExactText(field))
  }

  /// The members of an object within.
  public mutating func object(_ field: String) throws(RNNError) -> JSONFields {
    let value = take(field)
    guard case .object(let inner)? = value else { throw failure(field, "a JSON object", value) }
    return JSONFields(inner, name: "\(name): \(field)")
  }

  /// A text.
  public mutating func text(_ field: String) throws(RNNError) -> String {
    let value = take(field)
    guard case .string(let text)? = value else { throw failure(field, "a text", value) }
    return text
  }

  /// One of some texts, each with what it stands for.
  public mutating func choice<Value>(
    _ field: String, _ choices: [(name: String, value: Value)]
  ) throws(RNNError) -> Value {
    let text = try text(field)
    guard let choice = choices.first(where: { $0.name == text }) else {
      let names = choices.map(\.name).joined(separator: ", ")
      throw failure(field, "one of \(names)", .string(text))
    }
    return choice.value
  }

  /// A size from 1 to ``ModelSize/largest``, so that products of a few of them can be reckoned
  /// with.
  public mutating func size(_ field: String) throws(RNNError) -> Int {
    try integer(field, in: 1...ModelSize.largest)
  }

  /// A number.
  public mutating func number(_ field: String) throws(RNNError) -> Float {
    let value = take(field)
    guard case .number(let text)? = value, let number = Self.finite(text) else {
      throw failure(field, "a number", value)
    }
    return number
  }

  /// A whole number within a range.
  public mutating func integer(
    _ field: String, in range: ClosedRange<Int>
  ) throws(RNNError) -> Int {
    let value = take(field)
    guard case .number(let text)? = value, let number = Int(text), range.contains(number) else {
      throw failure(
        field, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
    }
    return number
  }

  /// A whole number from 0 on that all readers of JSON take as it is.
  public mutating func count(_ field: String) throws(RNNError) -> Int {
    try integer(field, in: 0...1 << 53)
  }

  /// True or false, which must be said.
  public mutating func requiredFlag(_ field: String) throws(RNNError) -> Bool {
    guard has(field) else { throw failure(field, "true or false", nil) }
    return try flag(field)
  }

  /// An array of texts.
  public mutating func texts(_ field: String) throws(RNNError) -> [String] {
    try elements(field, "texts") { if case .string(let text) = $0 { text } else { nil } }
  }

  /// An array of numbers.
  public mutating func numbers(_ field: String) throws(RNNError) -> [Float] {
    try elements(field, "numbers") {
      if case .number(let text) = $0 { Self.finite(text) } else { nil }
    }
  }

  /// Nil beyond the largest number.
  private static func finite(_ text: String) -> Float? {
    Float(text).flatMap { $0.isFinite ? $0 : nil }
  }

  private mutating func elements<Element>(
    _ field: String, _ expected: String, _ read: (JSONText) -> Element?
  ) throws(RNNError) -> [Element] {
    let value = take(field)
    guard case .array(let values)? = value else {
      throw failure(field, "an array of \(expected)", value)
    }
    let elements = values.compactMap(read)
    guard elements.count == values.count else {
      throw failure(field, "an array of \(expected)", value)
    }
    return elements
  }

  /// Whether there is such a member that was not taken yet.
  public func has(_ field: String) -> Bool { members[ExactText(field)] != nil }

  /// True or false; false when it is absent.
  public mutating func flag(_ field: String) throws(RNNError) -> Bool {
    guard let value = take(field) else { return false }
    guard case .bool(let isSet) = value else { throw failure(field, "true or false", value) }
    return isSet
  }

  /// Throws ``RNNError/Kind/format`` for a member that was not taken.
  public func finish() throws(RNNError) {
    if let extra = members.keys.min() {
      throw RNNError(.format, name, expected: "no other field", found: extra.text.excerpt)
    }
  }

  /// An error about a member.
  public func failure(_ field: String, _ expected: String, found: String) -> RNNError {
    RNNError(.format, "\(name): \(field)", expected: expected, found: found)
  }

  private func failure(_ field: String, _ expected: String, _ value: JSONText?) -> RNNError {
    failure(field, expected, found: value.map { $0.text.excerpt } ?? "none")
  }
}
