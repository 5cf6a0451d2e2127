import FoundationEssentials
import RNNCore

/// A line of a text file.
package struct TextLine {
  /// Without what ends it.
  package let content: String
  /// LF or CR LF; nothing at the end of a file that does not end with one.
  package let ending: String
  /// The file and the line's number, for complaints.
  package var place: String { "\(path), line \(number)" }

  fileprivate let path: String
  fileprivate let number: Int

  /// A line at the same place.
  func replacingContent(_ content: String) -> TextLine {
    TextLine(content: content, ending: ending, path: path, number: number)
  }
}

/// Reads a text file in UTF-8, or standard input, line by line: no more of it than a chunk and a
/// line is in memory.
package struct LineReader {
  package var path: String { chunks.name }
  private var chunks: FileChunks
  /// Bytes that are read but not yet given out from `position` on.
  private var pending: [UInt8] = []
  private var position = 0
  /// No line ends before here.
  private var searched = 0
  /// Where in the file `pending` starts.
  private var offset = 0
  private var number = 0
  private var isAtEnd = false
  /// What went wrong while it was looked whether more waits.
  private var failure: RNNError?

  /// Throws ``RNNError/Kind/file`` for what cannot be opened.
  package init(reading url: URL) throws(RNNError) { chunks = try FileChunks(reading: url) }

  /// Reads what is left of standard input.
  ///
  /// - Parameter name: what complaints call it.
  package init(standardInput name: String) { chunks = FileChunks(standardInput: name) }

  /// The next line, nil after the last. Throws ``RNNError/Kind/file`` when the file cannot be read,
  /// ``RNNError/Kind/empty`` when nothing is in it and ``RNNError/Kind/format``, with the line,
  /// where it is not UTF-8.
  package mutating func next() throws(RNNError) -> TextLine? {
    if let failure { throw failure }
    while true {
      if let end = nextEnd() { return try line(upTo: end, isTerminated: true) }
      if isAtEnd { return position == pending.count ? nil : try line(upTo: pending.count) }
      try readMore()
    }
  }

  /// Whether ``next()`` returns at once, with a line, the end or an error: false where it would
  /// wait for somebody to write more. Takes up what waits already.
  package var hasMoreWaiting: Bool {
    mutating get {
      while failure == nil, !isAtEnd, nextEnd() == nil {
        guard chunks.isReady else { return false }
        do throws(RNNError) { try readMore() } catch { failure = error }
      }
      return true
    }
  }

  /// Where the line ends that begins at `position`; nil if that has not been read.
  private mutating func nextEnd() -> Int? {
    let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n"))
    searched = end ?? pending.count
    return end
  }

  private mutating func readMore() throws(RNNError) {
    pending.removeSubrange(..<position)
    offset += position
    searched -= position
    position = 0
    if let chunk = try chunks.next() { pending += chunk } else { isAtEnd = true }
  }

  private mutating func line(
    upTo end: Int, isTerminated: Bool = false
  ) throws(RNNError) -> TextLine {
    number += 1
    let bytes = pending[position..<end]
    let hasReturn = isTerminated && bytes.last == 0x0D
    let content = try text(hasReturn ? bytes.dropLast() : bytes)
    position = isTerminated ? end + 1 : end
    searched = position
    return TextLine(
      content: content, ending: !isTerminated ? "" : hasReturn ? "\r\n" : "\n", path: path,
      number: number)
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(RNNError) -> String {
    do throws(UTF8.ValidationError) {
      return String(copying: try UTF8Span(validating: bytes.span))
    } catch {
      let place = bytes.startIndex + error.byteOffsets.lowerBound
      throw RNNError(
        .format, "\(path), line \(number)", expected: "text in UTF-8",
        found: "an invalid byte 0x\(String(pending[place], radix: 16)) at offset \(offset + place)")
    }
  }
}

extension String {
  /// The words of a line, separated by blanks or tabs.
  package var words: [String] { self[...].words }
}

extension Substring {
  /// The words of a line, separated by blanks or tabs.
  var words: [String] {
    // On bytes, because Swift takes a blank and a combining mark for one character.
    utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 0x0D }
      .map { String(Substring($0)) }
  }
}
