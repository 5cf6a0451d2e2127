import Testing

@testable import RNNCore

@Suite struct ExcerptTests {
  @Test func `a quote of a file is on one line and says what does not show`() {
    #expect("a\n\u{1B}[31m".excerpt == #"'a\n\u{1B}[31m'"#)
    #expect("né 台 👍".excerpt == "'né 台 👍'")
    #expect("zero\u{200B}width\u{2028}".excerpt == #"'zero\u{200B}width\u{2028}'"#)
    #expect("".excerpt == "''")
    #expect("one two".split(separator: " ")[1].excerpt == "'two'")
  }

  @Test(arguments: [0, 1, 79, 80]) func `a quote of up to 80 characters is whole`(count: Int) {
    let text = String(repeating: "é", count: count)
    #expect(text.excerpt == "'\(text)'")
    #expect(String(repeating: "x", count: 1).shortened(to: 1) == "x")
  }

  @Test(arguments: [81, 1000, 100_000]) func `a longer one is cut and says so`(count: Int) {
    #expect(
      String(repeating: "x", count: count).excerpt == "'\(String(repeating: "x", count: 80))…'")
    // Marks without end on one letter are one Character; escapes are not cut in the middle.
    #expect(("e" + String(repeating: "\u{301}", count: count)).excerpt.unicodeScalars.count == 83)
    let escapes = String(repeating: "\u{1B}", count: count).excerpt
    #expect(escapes == "'" + String(repeating: #"\u{1B}"#, count: 13) + "…'")
  }

  /// Everything that a terminal obeys, and the marks that turn the order of letters round.
  private static let active: [Unicode.Scalar] =
    (Array(0...0x1F) + Array(0x7F...0x9F) + [0x2028, 0x2029] + Array(0x202A...0x202E)
    + Array(0x2066...0x2069)).compactMap { Unicode.Scalar($0 as UInt32) }

  @Test func `what acts on a terminal is escaped, all else stays`() {
    for scalar in Self.active {
      let text = "a\(scalar)b"
      #expect(text.printable == "a\(scalar.escape)b")
      let isKept = scalar == "\n" || scalar == "\t"
      #expect(text.printableLines == (isKept ? text : text.printable))
      #expect(text.printable.printable == text.printable)
    }
    // Joined emoji, Persian with its joiners, Arabic, a flag of tags, marks and blanks.
    for text in ["👩‍🔬", "می‌خواهم", "العربية", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "e\u{301}", "\u{A0}", "\\u{1B}", ""] {
      #expect(text.printable == text)
      #expect(text.printableLines == text)
    }
    // A byte of a file's name that is no UTF-8.
    #expect("a\u{10F8E9}".printable == #"a\xE9"#)
    #expect("a\u{10F8E9}".excerpt == #"'a\xE9'"#)
    #expect("a\r\nb".printable == #"a\r\nb"#)
    #expect("a\r\nb".printableLines == "a\\r\nb")
  }

  @Test func `an error is one line of bounded length, whatever it is about`() {
    let hostile = "\u{1B}]0;title\u{7}\n\u{202E}"
    let shown = #"\u{1B}]0;title\u{7}\n\u{202E}"#
    let error = RNNError(.format, hostile, expected: hostile, found: hostile)
    #expect("\(error)" == "\(shown): expected \(shown), found \(shown)")
    #expect(error.found == hostile)
    let long = RNNError(.format, "a", expected: "b", found: String(repeating: "x", count: 1 << 20))
    #expect("\(long)".count == "a: expected b, found ".count + 401)
    #expect("\(long)".hasSuffix("x…"))
  }

  @Test("What is long loses its middle")
  func middle() {
    #expect("abcdef".cut(to: 6) == "abcdef")
    #expect("abcdefg".cut(to: 4) == "ab…fg" && "abcdefg".cut(to: 3) == "a…fg")
    #expect("a\u{1B}b\u{200D}".cut(to: 20) == "a\\u{1B}b\u{200D}")
    let error = RNNError(
      .file, String(repeating: "x", count: 9000), expected: "a file", found: "none")
    #expect(error.description.hasSuffix("x: expected a file, found none"))
    #expect(error.description.unicodeScalars.count < 500)
  }
}
