import Foundation
import Testing

@testable import RNNReport

@Suite struct TextTableTests {
  static let table = {
    var table = Table(
      title: "Two cells",
      columns: [
        .text("cell"), .number("final loss", best: .lowest), .number("tokens/s", .useful),
        .number("gradient norm, median", .detail), .number("share of sgemm peak", .detail),
        .number("threads × batch", .useful),
      ])
    table.append([
      "LSTM", Table.Cell("0.02 ± 0.01", value: 0.02), "12.3k", "0.41", "61 %", "2 × 32",
    ])
    table.append(["naïve Elman", Table.Cell("diverged", value: .nan), "9.1k", "-", "5 %", "2 × 8"])
    table.append(["GRU", Table.Cell("0.1", value: 0.1), "10.0k", "3.2", "60 %", "2 × 32"])
    return table
  }()

  static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  @Test(arguments: [16, 24, 30, 40, 50, 80, 120, 300])
  func `no line is wider than asked for`(width: Int) {
    // A record is never cut: its longest title, a gap of two and its longest text take 34.
    let widest = Self.lines(TextTable(Self.table).rendered(width: width)).map(\.displayWidth).max()
    #expect(widest ?? 0 <= max(width, 34))
  }

  @Test func `at 120 columns everything is there and numbers end in line`() {
    let lines = Self.lines(TextTable(Self.table).rendered(width: 120))
    #expect(lines.count == 6)
    // The widest cells, 11 + 11 + 8 + 21 + 19 + 15, and five gaps of two.
    #expect(Set(lines[1...].map(\.displayWidth)) == [95])
    #expect(lines[3].hasPrefix("LSTM         0.02 ± 0.01     12.3k"))
    #expect(lines[4].hasPrefix("naïve Elman     diverged      9.1k"))
  }

  @Test func `at 80 columns the rightmost detail is left out and named`() throws {
    let text = TextTable(Self.table).rendered(width: 80)
    let last = try #require(text.range(of: "… stands for 1 of 6 columns (share of sgemm peak);"))
    #expect(text[last.lowerBound...].split(separator: "\n").count == 2)
    #expect(text.contains("gradient norm, median  …  threads × batch\n"))
  }

  @Test func `at 40 columns only details and useful columns are left out`() {
    let text = TextTable(Self.table).rendered(width: 40)
    #expect(text.contains("cell          final loss  tokens/s  …\n"))
    #expect(
      text.contains("… stands for 3 of 6 columns (gradient\nnorm, median · share of sgemm peak ·\n")
    )
  }

  @Test(arguments: [20, 30, 40, 60, 80, 100])
  func `many columns lose the middle ones and stay one table`(width: Int) {
    let names = (1...13).map { "class \($0)" }
    var table = Table(
      title: "Confusions", columns: [.text("")] + names.map { .number($0) } + [.number("F1")])
    for name in names {
      table.append(
        [Table.Cell(name)] + names.map { Table.Cell($0 == name ? "7" : "1") } + ["58.3 %"])
    }
    let lines = Self.lines(TextTable(table).rendered(width: width))
    #expect(lines.allSatisfy { $0.displayWidth <= width })
    let rows = lines.filter { $0.hasPrefix("class ") }
    #expect(rows.count == 13 && rows.allSatisfy { $0.hasSuffix("  …  58.3 %") })
    // Title, head and rule above, the note below: the columns that are there are those from the
    // left.
    let shown = lines[1].split(separator: "  ").map { $0.trimmingPrefix { $0 == " " } }
    let missing = 13 - (shown.count - 2)
    #expect(shown.dropLast(2).map(String.init) == Array(names.prefix(13 - missing)))
    #expect(
      lines.dropFirst(16).joined(separator: " ").hasPrefix("… stands for \(missing) of 15 columns"))
    #expect(rows[0].displayWidth + 9 > width || missing == 0, "one more column would fit")
  }

  @Test func `a column in which nothing is known is left out`() {
    var table = Table(columns: [.text("cell"), .number("loss"), .number("gain")])
    table.append(["gru", "0.1", "-"])
    table.append(["lstm", "-", ""])
    let text = TextTable(table).rendered(width: 80)
    #expect(text == "cell  loss\n──────────\ngru    0.1\nlstm     -\n")
  }

  @Test func `narrower than the first and last column each row is a record of all columns`() {
    let lines = Self.lines(TextTable(Self.table).rendered(width: 22))
    #expect(lines.count == 1 + 3 * 7)
    #expect(lines.contains("share of sgemm peak    61 %"))
  }

  @Test func `style marks headings and the best value and changes no width`() {
    let styled = TextTable(Self.table).rendered(width: 120, style: .ansi)
    #expect(styled.contains("\u{1B}[1m0.02 ± 0.01\u{1B}[0m"))
    #expect(!styled.contains("\u{1B}[1m0.1"))
    let plain = styled.replacing(/\u{1B}\[[0-9]m/, with: "")
    #expect(plain == TextTable(Self.table).rendered(width: 120))
  }

  @Test func `an empty table has a heading`() {
    let empty = Table(columns: [.text("cell"), .number("loss", best: .lowest)])
    #expect(TextTable(empty).rendered(width: 80) == "cell  loss\n──────────\n")
  }

  @Test func `control characters in names cannot reach the terminal`() {
    var table = Table(columns: [.text("name")])
    table.append(["a\u{1B}[2Jb\nc"])
    let text = TextTable(table).rendered(width: 80)
    #expect(!text.contains("\u{1B}"))
    #expect(text.hasSuffix("\na\\u{1B}[2Jb\\nc\n"))
  }

  @Test(
    arguments: [
      ("0.1 ± 0.2", 9), ("2 × 3", 5), ("台北", 4), ("é", 1), ("e\u{301}", 1), ("🙂", 2), ("", 0),
    ] as [(String, Int)])
  func `display width counts columns`(text: String, width: Int) {
    #expect(text.displayWidth == width)
  }

  @Test func `truncation keeps within the width`() {
    #expect("abcdef".truncated(to: 4) == "abc…")
    #expect("台北台北".truncated(to: 4) == "台…")
    #expect("abc".truncated(to: 3) == "abc")
    #expect("abc".truncated(to: 0) == "")
  }
}
