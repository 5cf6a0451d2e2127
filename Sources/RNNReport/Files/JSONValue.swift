import RNNCore

/// A JSON document whose object keys keep the order they were written in.
///
/// Numbers print as the shortest text that reads back as the same number. JSON has no NaN and no
/// infinity: both become `null`.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(any BinaryInteger & Sendable)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  package init(_ value: Bool) { self = .bool(value) }
  package init(_ value: some BinaryInteger & Sendable) { self = .integer(value) }
  package init(_ value: Double?) { self = value.map(JSONValue.number) ?? .null }
  /// Keeps the Float's own shortest text: 0.1, not 0.10000000149.
  package init(_ value: Float) { self = .number(Double("\(value)") ?? .nan) }
  package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
  package init(_ values: [Double]) { self = .array(values.map(JSONValue.number)) }
  package init(_ interval: Interval) {
    self = [
      "mean": JSONValue(interval.mean), "low": JSONValue(interval.low),
      "high": JSONValue(interval.high), "half_width_95": JSONValue(interval.halfWidth),
      "count": JSONValue(interval.count),
    ]
  }

  /// Indented by two spaces and ended by a newline; arrays of plain values stay on one line.
  package var text: String { rendered(indentation: "") + "\n" }

  private func rendered(indentation: String) -> String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): value.isFinite ? "\(value)" : "null"
    case .string(let value): JSONText.string(value).text
    case .array(let values): Self.array(values, indentation: indentation)
    case .object(let members): Self.object(members, indentation: indentation)
    }
  }

  private var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func array(_ values: [JSONValue], indentation: String) -> String {
    let inner = indentation + "  "
    let items = values.map { $0.rendered(indentation: inner) }
    if values.allSatisfy(\.isPlain) { return "[" + items.joined(separator: ", ") + "]" }
    return "[\n" + items.map { inner + $0 }.joined(separator: ",\n") + "\n\(indentation)]"
  }

  private static func object(
    _ members: [(key: String, value: JSONValue)], indentation: String
  ) -> String {
    if members.isEmpty { return "{}" }
    let inner = indentation + "  "
    let lines = members.map {
      inner + JSONText.string($0.key).text + ": " + $0.value.rendered(indentation: inner)
    }
    return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { (key: $0.0, value: $0.1) })
  }
}
