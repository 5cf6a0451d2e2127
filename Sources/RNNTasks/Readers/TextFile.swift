import Foundation
import RNNCore

/// A text file in UTF-8, read whole; every complaint names the file and the line.
struct TextFile {
  let url: URL
  let text: String

  /// Throws ``RNNError/Kind/file`` when the file cannot be read, ``RNNError/Kind/empty`` when
  /// nothing is in it and ``RNNError/Kind/format`` when it is not UTF-8.
  init(reading url: URL) throws(RNNError) {
    self.url = url
    let bytes = try Self.bytes(of: url)
    guard !bytes.isEmpty else {
      throw RNNError(.empty, url.path, expected: "text in UTF-8", found: "an empty file")
    }
    do throws(UTF8.ValidationError) {
      text = String(copying: try UTF8Span(validating: bytes.span))
    } catch {
      let offset = error.byteOffsets.lowerBound
      let line = 1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
      throw RNNError(
        .format, "\(url.path), line \(line)", expected: "text in UTF-8",
        found: "an invalid byte 0x\(String(bytes[offset], radix: 16)) at offset \(offset)")
    }
  }

  /// The words of each line, separated by blanks or tabs; a line's end may be LF or CR LF.
  var wordsByLine: [[String]] {
    // On bytes, because Swift takes CR LF for one character that is not LF.
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { line in
      line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 0x0D }
        .map { String(Substring($0)) }
    }
  }

  private static func bytes(of url: URL) throws(RNNError) -> [UInt8] {
    let missing = !FileManager.default.fileExists(atPath: url.path)
    do {
      return [UInt8](try Data(contentsOf: url))
    } catch {
      throw RNNError(
        .file, url.path, expected: "a file that can be read",
        found: missing ? "no such file" : "an unreadable file or a directory")
    }
  }
}
