extension Span<UInt8> {
  /// What bytes that are no UTF-8 look like, to be said behind the first wrong one, with what
  /// converts them; nothing where they look like no encoding of Western Europe.
  ///
  /// Latin-1 and Windows-1252 have accented letters one by one between ASCII: what is encoded in
  /// more bytes, has control characters or long stretches beyond ASCII is neither.
  package var encodingAdvice: String {
    var (index, stretch, isWindows) = (0, 0, false)
    while index < count {
      let byte = self[index]
      index += 1
      if byte < 0x80 {
        if byte < 0x20, byte &- 0x09 >= 5 { return "" }
        stretch = 0
        continue
      }
      stretch += 1
      if stretch > 3 || beginsCharacter(at: index - 1)
        || [0x81, 0x8D, 0x8F, 0x90, 0x9D].contains(byte)
      {
        return ""
      }
      if byte < 0xA0 { isWindows = true }
    }
    let (name, option) = isWindows ? ("Windows-1252", "CP1252") : ("Latin-1", "LATIN1")
    return ", as in \(name), which iconv -f \(option) -t UTF-8 converts"
  }

  /// Whether a character of two to four bytes in UTF-8 begins there.
  private func beginsCharacter(at index: Int) -> Bool {
    let length = Swift.max(2, (~self[index]).leadingZeroBitCount)
    guard (0xC2...0xF4).contains(self[index]), index + length <= count else { return false }
    return (index + 1..<index + length).allSatisfy { self[$0] & 0xC0 == 0x80 }
  }
}
