import FoundationEssentials
import RNNCore

/// A line of a text file.
package struct TextLine {
  /// Without what ends it.
  package let content: String
  /// LF, whatever ended the line; nothing at the end of a file that ends without.
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

/// Reads a text in UTF-8, of a file or of standard input, packed by gzip or not, line by line: no
/// more of it than a chunk and a line is in memory.
///
/// LF, CR LF, CR CR LF and a CR alone end a line; a byte-order mark before the first is dropped.
package struct LineReader {
  package var path: String { chunks.name }
  private var chunks: FileChunks
  /// Bytes that are read but not yet given out from `position` on.
  private var pending: [UInt8] = []
  private var position = 0
  /// No line ends before here.
  private var searched = 0
  /// Where in the text `pending` starts.
  private var offset = 0
  private var number = 0
  private var isAtEnd = false
  /// Whether the last line ended with CR, so that LF or CR LF belongs to its end.
  private var isAfterReturn = false
  /// Lines that were looked at already.
  private var ahead: ArraySlice<TextLine> = []
  /// What is wrong with the line behind those.
  private var badLine: RNNError?
  /// What went wrong with the file, which cannot be read on.
  private var failure: RNNError?

  private static let (feed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  /// Throws ``RNNError/Kind/file`` for what cannot be opened.
  ///
  /// - Parameters:
  ///   - url: the file's.
  ///   - mayBeEmpty: whether a file without content has no lines, or is an error.
  package init(reading url: URL, mayBeEmpty: Bool = false) throws(RNNError) {
    chunks = try FileChunks(reading: url, expected: mayBeEmpty ? nil : "text in UTF-8")
  }

  /// Gives lines that are read already, and no others.
  init(_ lines: [TextLine], path: String) {
    chunks = FileChunks(standardInput: path)
    (ahead, isAtEnd) = (lines[...], true)
  }

  /// Reads what is left of standard input, which may be nothing.
  ///
  /// - Parameter name: what complaints call it.
  package init(standardInput name: String) { chunks = FileChunks(standardInput: name) }

  /// The next line, nil after the last. Throws ``RNNError/Kind/file`` when the file cannot be read,
  /// ``RNNError/Kind/empty`` when nothing is in it and ``RNNError/Kind/format``, with the line and
  /// what helps, where it is not UTF-8 or holds a NUL.
  package mutating func next() throws(RNNError) -> TextLine? {
    if let line = ahead.popFirst() { return line }
    if let badLine = badLine.take() { throw badLine }
    return try read()
  }

  /// The next line, or why that line is no text, behind which reading goes on; nil after the last.
  ///
  /// Throws what ends all reading: see ``isBroken``.
  mutating func nextOrFault() throws(RNNError) -> Result<TextLine, RNNError>? {
    do throws(RNNError) {
      return try next().map { .success($0) }
    } catch {
      guard error.kind == .format, !isBroken else { throw error }
      return .failure(error)
    }
  }

  /// Whether nothing can be read any more: not where a line alone is no text.
  package var isBroken: Bool { failure != nil }

  /// The next lines, which ``next()`` gives as well: the first one, and up to `most` of those that
  /// need not be waited for, up to one that cannot be read.
  mutating func peek(_ most: Int) -> [TextLine] {
    while ahead.count < most, badLine == nil, failure == nil, ahead.isEmpty || hasLineWaiting {
      do throws(RNNError) {
        guard let line = try read() else { break }
        ahead.append(line)
      } catch {
        badLine = error
      }
    }
    return Array(ahead)
  }

  private mutating func read() throws(RNNError) -> TextLine? {
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
    mutating get { !ahead.isEmpty || badLine != nil || hasLineWaiting }
  }

  private var hasLineWaiting: Bool {
    mutating get {
      while failure == nil, !isAtEnd, nextEnd() == nil {
        guard chunks.isReady else { return false }
        do throws(RNNError) { try readMore() } catch { return true }
      }
      return true
    }
  }

  /// Where the line ends that begins at `position`; nil if that has not been read.
  private mutating func nextEnd() -> Int? {
    guard skipRestOfEnd() else { return nil }
    searched = endIndex(from: searched)
    return searched < pending.count ? searched : nil
  }

  /// Where the next LF or CR is; the number of `pending` if there is none.
  private func endIndex(from start: Int) -> Int {
    let bytes = pending.span
    var index = start
    while index < bytes.count {
      // Most bytes are told by one comparison.
      let byte = bytes[index]
      if byte <= Self.carriageReturn, byte == Self.carriageReturn || byte == Self.feed { break }
      index += 1
    }
    return index
  }

  /// Steps over what a CR has left of a line's end. False where that has not been read.
  private mutating func skipRestOfEnd() -> Bool {
    guard isAfterReturn else { return true }
    let rest = pending[position...]
    let mayGoOn = rest.isEmpty || rest.count == 1 && rest.first == Self.carriageReturn
    if mayGoOn, !isAtEnd { return false }
    if rest.first == Self.feed {
      position += 1
    } else if rest.starts(with: [Self.carriageReturn, Self.feed]) {
      position += 2
    }
    (isAfterReturn, searched) = (false, position)
    return true
  }

  private mutating func readMore() throws(RNNError) {
    pending.removeSubrange(..<position)
    offset += position
    searched -= position
    position = 0
    do throws(RNNError) {
      if let chunk = try chunks.next() { pending += chunk } else { isAtEnd = true }
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func line(
    upTo end: Int, isTerminated: Bool = false
  ) throws(RNNError) -> TextLine {
    number += 1
    let bytes = pending[position..<end]
    // Set before anything is thrown, so that reading can go on behind a line that is no text.
    isAfterReturn = isTerminated && pending[end] == Self.carriageReturn
    position = isTerminated ? end + 1 : end
    searched = position
    let content = try text(bytes)
    return TextLine(
      content: content, ending: isTerminated ? "\n" : "", path: path, number: number)
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(RNNError) -> String {
    let text: String
    do throws(UTF8.ValidationError) {
      text = String(copying: try UTF8Span(validating: bytes.span))
    } catch {
      let place = bytes.startIndex + error.byteOffsets.lowerBound
      throw failure(
        "an invalid byte 0x\(String(pending[place], radix: 16)) at offset \(offset + place)"
          + bytes.span.encodingAdvice)
    }
    guard let zero = bytes.firstIndex(of: 0) else { return text }
    throw failure(
      "a NUL at offset \(offset + zero), as in UTF-16 or in what is no text")
  }

  private func failure(_ found: String) -> RNNError {
    RNNError(.format, "\(path), line \(number)", expected: "text in UTF-8", found: found)
  }
}
