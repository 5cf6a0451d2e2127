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

  /// The shortest text that reads back as the same number; `nan` and `inf` as most readers know them.
  package static func field(_ value: Double) -> String { "\(value)" }

  /// Floats keep their own shortest text: 0.1, not 0.10000000149.
  package static func field(_ value: Float) -> String { "\(value)" }

  private static func quoted(_ field: String) -> String {
    // Scalars, because CR LF is one Character and equals neither.
    let isPlain = !field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    let hasOuterSpace = field.first == " " || field.last == " "
    if isPlain && !hasOuterSpace { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
