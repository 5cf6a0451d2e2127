import RNNCore

/// Why a file cannot be written, in one line.
package struct OutputError: Error, Equatable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// All in one line; nil for none.
  package init?(all errors: [OutputError]) {
    guard let first = errors.first else { return nil }
    let others = errors.dropFirst().map { "; \($0)" }.joined()
    self.init(path: first.path, reason: first.reason + others)
  }

  package var description: String {
    "cannot write \(path.cut(to: 400)): " + reason.printable
  }
}
