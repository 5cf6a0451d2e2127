/// White space in UTF-8, one rule for all texts that are read.
///
/// A character that stands between words: all that Unicode calls white space, but for the spaces at
/// which no line may break (U+00A0, U+2007, U+202F). These, and what has no width (U+200B, U+2060,
/// U+FEFF), are dropped around words and kept within them.
private struct WhiteSpace {
  /// In bytes.
  let length: Int
  let separatesWords: Bool
}

extension Span<UInt8> {
  /// The white space that begins at an index; nil where none does.
  @inline(__always)
  fileprivate func whiteSpace(at index: Int) -> WhiteSpace? {
    let first = self[index]
    if first < 0x80 {
      return first == 0x20 || first &- 0x09 < 5 ? WhiteSpace(length: 1, separatesWords: true) : nil
    }
    return first < 0xC2 ? nil : wideWhiteSpace(at: index)
  }

  private func wideWhiteSpace(at index: Int) -> WhiteSpace? {
    let first = UInt32(self[index])
    let length = first == 0xC2 ? 2 : 3
    // No other bytes begin one of two or three bytes.
    guard first == 0xC2 || 0xE1...0xE3 ~= first || first == 0xEF, index + length <= count else {
      return nil
    }
    let second = UInt32(self[index + 1] & 0x3F)
    let scalar =
      length == 2
      ? (first & 0x1F) << 6 | second
      : (first & 0x0F) << 12 | second << 6 | UInt32(self[index + 2] & 0x3F)
    switch scalar {
    case 0x85, 0x1680, 0x2000...0x2006, 0x2008...0x200A, 0x2028, 0x2029, 0x205F, 0x3000:
      return WhiteSpace(length: length, separatesWords: true)
    case 0xA0, 0x2007, 0x200B, 0x202F, 0x2060, 0xFEFF:
      return WhiteSpace(length: length, separatesWords: false)
    default: return nil
    }
  }

  /// A range of bytes in UTF-8 without the white space at both its ends.
  package func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, let space = whiteSpace(at: start) { start += space.length }
    while start < end, let length = (1...3).first(where: { isWhiteSpace($0, before: end) }) {
      end -= length
    }
    return start..<Swift.max(start, end)
  }

  private func isWhiteSpace(_ length: Int, before end: Int) -> Bool {
    end >= length && whiteSpace(at: end - length)?.length == length
  }

  /// A stretch of valid UTF-8 as text; its borders lie between characters.
  fileprivate func text(_ range: Range<Int>) -> String {
    String(copying: UTF8Span(unchecked: extracting(range)))
  }

  fileprivate var words: [String] {
    var words: [String] = []
    func add(_ range: Range<Int>) {
      let word = trimmed(range)
      if !word.isEmpty { words.append(text(word)) }
    }
    var (start, index) = (0, 0)
    while index < count {
      if let space = whiteSpace(at: index), space.separatesWords {
        if start < index { add(start..<index) }
        index += space.length
        start = index
      } else {
        index += 1
      }
    }
    if start < index { add(start..<index) }
    return words
  }
}

extension String {
  /// Without the white space at both ends, the zero-width space, the word joiner and the byte-order
  /// mark counting as such. Cost: O(length).
  package var trimmed: String {
    // On bytes, because Swift takes a blank and a combining mark for one character.
    let bytes = utf8.span
    let range = bytes.trimmed(0..<bytes.count)
    return range.count == bytes.count ? self : bytes.text(range)
  }

  /// The words of a text, which white space separates. Spaces at which no line may break (U+00A0,
  /// U+2007, U+202F) and what has no width (U+200B, U+2060, U+FEFF) do not separate, but are
  /// dropped around words.
  /// Cost: O(length).
  package var words: [String] { utf8.span.words }

  /// Whether there is nothing but white space. Cost: O(length) at most.
  package var isBlank: Bool {
    let bytes = utf8.span
    return bytes.trimmed(0..<bytes.count).isEmpty
  }
}

extension Substring {
  /// As ``Swift/String/trimmed``.
  package var trimmed: String { String(self).trimmed }

  /// As ``Swift/String/words``.
  package var words: [String] { String(self).words }
}
