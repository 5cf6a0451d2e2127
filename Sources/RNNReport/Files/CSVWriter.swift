/// Rows of comma-separated values as in RFC 4180: quoted where needed, lines end in CR LF.
package struct CSVWriter: Sendable {
  package private(set) var text = ""
  private let columnCount: Int

  package init(columns: [String]) {
    columnCount = columns.count
    append(columns)
  }

  package mutating func append(_ fields: [String]) {
    precondition(fields.count == columnCount, "a row has one field for each column")
    text += fields.map(Self.quoted).joined(separator: ",") + "\r\n"
  }

  /// The shortest text that reads back as the same number; `nan` and `inf` as most readers know
  /// them.
  package static func field(_ value: Double) -> String { "\(value)" }

  /// Floats keep their own shortest text: 0.1, not 0.10000000149.
  package static func field(_ value: Float) -> String { "\(value)" }

  private static func quoted(_ field: String) -> String {
    // On bytes, because CR LF is one Character, and so is a quote or a blank with a combining mark.
    let bytes = field.utf8
    let isPlain = !bytes.contains { ",\"\r\n".utf8.contains($0) }
    let hasOuterSpace = [bytes.first, bytes.last].contains { $0.map(" \t".utf8.contains) == true }
    if isPlain && !hasOuterSpace { return field }
    let doubled = field.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
    return "\"" + doubled + "\""
  }
}
