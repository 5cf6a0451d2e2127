/// Bold and dim text, or neither.
package enum TextStyle: Sendable {
  case plain, ansi

  package func bold(_ text: String) -> String { wrapped(text, code: 1) }
  func dim(_ text: String) -> String { wrapped(text, code: 2) }

  private func wrapped(_ text: String, code: Int) -> String {
    self == .ansi && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
