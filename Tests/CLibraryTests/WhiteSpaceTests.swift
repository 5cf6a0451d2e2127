import CLibrary
import Testing

@Suite("White space")
struct WhiteSpaceTests {
  /// Dropped around words and kept within.
  private static let kept: Set<Unicode.Scalar> = [
    "\u{A0}", "\u{2007}", "\u{200B}", "\u{202F}", "\u{2060}", "\u{FEFF}",
  ]

  @Test("All white space of Unicode separates but what keeps together, and nothing else does")
  func allScalars() {
    // All of the plane that has white space, and some of the others.
    let values =
      Array(0...0xFFFF as ClosedRange<UInt32>) + stride(from: 0x1_0000, to: 0x10_FFFF, by: 97)
    for scalar in values.lazy.compactMap({ Unicode.Scalar($0) }) {
      let text = "a\(scalar)b"
      let isKept = Self.kept.contains(scalar)
      let separates = scalar.properties.isWhitespace && !isKept
      if (text.words == ["a", "b"]) != separates {
        Issue.record("\(scalar.value) in \(text.words)")
      }
      let around = "\(scalar)a\(scalar)\(scalar)"
      let isDropped = separates || isKept
      if (around.trimmed.unicodeScalars.elementsEqual("a".unicodeScalars)) != isDropped
        || around.words.first?.unicodeScalars.count != (isDropped ? 1 : 4)
        || "\(scalar) \(scalar)".isBlank != isDropped
      {
        Issue.record("\(scalar.value) around a: \(around.words)")
      }
    }
  }

  @Test("Words are what stands between, without what is dropped around them")
  func words() {
    #expect(" \ta  b\u{3000}c\r\n".words == ["a", "b", "c"])
    #expect("\u{A0}10\u{A0}000\u{200B} \u{FEFF}\u{A0} é\u{2028}".words == ["10\u{A0}000", "é"])
    #expect("".words == [] && " \u{A0}\u{3000}".words == [] && "\u{E9}".words == ["é"])
    #expect("a b c".dropFirst(2).words == ["b", "c"])
    // A blank before a combining mark is one character of Swift's.
    #expect("a \u{301}b".words.map { Array($0.unicodeScalars) } == [["a"], ["\u{301}", "b"]])
    let long = String(repeating: "x—🙂ü", count: 1000)
    #expect("\(long)\u{85}\(long)".words == [long, long])
  }

  @Test("Trimming keeps what is within")
  func trimmed() {
    #expect("\u{FEFF} a\u{A0} b \u{200B}".trimmed == "a\u{A0} b" && "ab".trimmed == "ab")
    #expect(
      "".trimmed == "" && "\u{3000}\u{85}".trimmed == "" && "-ab-".dropFirst().trimmed == "ab-")
    #expect("".isBlank && " \u{2060}".isBlank && !" .".isBlank)
  }
}
