import CLibrary
import FoundationEssentials
import RNNCore

/// The lines of a CSV file that are not blank, with their fields and numbers from 1.
package struct CSVLines {
  package typealias Line = (number: Int, fields: [String])

  package let lines: [Line]

  /// Throws `.file` when the file cannot be read and `.format` when it is not UTF-8.
  package init(reading path: String) throws(RNNError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      let exists = FileManager.default.fileExists(atPath: path)
      throw RNNError(
        .file, path.printable, expected: "a file that can be read",
        found: exists ? "an unreadable file or a directory" : "no such file")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw RNNError(.format, path.printable, expected: "text in UTF-8", found: "other bytes")
    }
    self.init(text)
  }

  package init(_ text: String) {
    let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    // On scalars, because CR LF is one Character and not LF.
    lines = body.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().compactMap { index, scalars in
        let line = String(scalars).trimmed
        guard !line.isEmpty else { return nil }
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        return (index + 1, fields.map(\.trimmed))
      }
  }
}
