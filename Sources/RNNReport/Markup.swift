/// The text of HTML and SVG elements: content and attribute values escaped in one place.
///
/// What it writes is well-formed XML too, so that one parser can check the whole report.
enum Markup {
  typealias Attributes = KeyValuePairs<String, String>

  /// Text without markup in it. Scalars that XML forbids become U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r", "\u{20}"..."\u{7E}", "\u{A0}"..."\u{FFFD}", "\u{10000}"...:
        result.unicodeScalars.append(scalar)
      default: result += "\u{FFFD}"
      }
    }
    return result
  }

  /// An element around markup, or an empty one without `content`.
  static func element(
    _ name: String, _ attributes: Attributes = [:], _ content: String? = nil
  ) -> String {
    let start = name + attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    return content.map { "<\(start)>\($0)</\(name)>" } ?? "<\(start)/>"
  }

  /// An element around plain text.
  static func element(
    _ name: String, _ attributes: Attributes = [:], text: String
  ) -> String {
    element(name, attributes, escaped(text))
  }
}
