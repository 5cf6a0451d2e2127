import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Columns with much before the words")
struct LongColumnsTests {
  private func sentences(
    _ text: String, skipsComments: Bool = false
  ) throws -> (all: [ColumnSentence], isCoNLLU: Bool) {
    let directory = try TemporaryDirectory()
    var options = DataOptions()
    options.skipsComments = skipsComments
    var reader = ColumnReader(
      try LineReader(reading: directory.write(text.utf8, to: "a.txt")), try ColumnFormat(options),
      needsTags: false)
    var all: [ColumnSentence] = []
    while let sentence = try reader.next() { all.append(sentence) }
    return (all, reader.isCoNLLU)
  }

  private func lines(_ sentences: [ColumnSentence]) -> String {
    sentences.flatMap { $0.lines(tagged: ($0.tags ?? []).map { [$0] }) }
      .reduce(into: "") { $0 += $1 + "\n" }
  }

  private static let word = "1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n"

  @Test("Empty lines are given on by the thousand, and the first word tells what the file is")
  func blanks() throws {
    let text = String(repeating: "\n", count: 20_500) + "# c d\n" + Self.word
    let (all, isCoNLLU) = try sentences(text)
    #expect(isCoNLLU && all.count == 21 && all.map(\.lineCount).max() == 1000)
    #expect(all.map(\.isSentence) == Array(repeating: false, count: 20) + [true])
    #expect(all.last?.words == ["a"] && lines(all) == text)
  }

  @Test("Of a thousand lines that begin with #, all are words; of fewer the next line decides")
  func signs() throws {
    let few = String(repeating: "# c\n", count: 998)
    let (comments, isCoNLLU) = try sentences(few + Self.word)
    #expect(isCoNLLU && comments.count == 1 && comments[0].words == ["a"])
    let (words, _) = try sentences(few + "b\n\n" + few)
    #expect(words.map(\.words.count) == [999, 998])
    let many = try sentences(few + few + "\n" + Self.word)
    #expect(!many.isCoNLLU && many.all.map(\.words.count) == [1996, 1])
    let skipped = try sentences(few + few + Self.word, skipsComments: true)
    #expect(skipped.isCoNLLU && skipped.all.map(\.lineCount) == [1000, 997])
    #expect(lines(skipped.all) == few + few + Self.word)
  }

  @Test(
    "A line that cannot be a comment of CoNLL-U is a word at once",
    arguments: [
      ("#t1\tO\n", false), ("#\tO\n", false), ("#t1 O\n", false), ("# t1\n", true),
      ("#newdoc\n", true), ("#text = a b\n", true), ("# text = a\tb\n", true), ("#\n", true),
    ])
  func decision(line: String, mayBeComment: Bool) throws {
    let (all, isCoNLLU) = try sentences(line + "\n" + Self.word)
    #expect(isCoNLLU == mayBeComment)
    #expect(all.map(\.words.count) == (mayBeComment ? [1] : [1, 1]))
  }

  @Test("Byte-order marks and blanks before comments and numbers mean nothing")
  func marks() throws {
    for start in ["\u{FEFF}# c\n", " # c\n", "\u{FEFF} # c\n\u{FEFF}"] {
      let (all, isCoNLLU) = try sentences("# b\n" + Self.word + "\n" + start + Self.word)
      #expect(isCoNLLU && all.map(\.words) == [["a"], ["a"]], "\(start)")
      let (first, isFirst) = try sentences("\n" + start + Self.word)
      #expect(isFirst && first.map(\.words) == [["a"]], "\(start)")
    }
    // Behind a tab, it is that of the second column.
    let error = #expect(throws: RNNError.self) {
      try sentences("a\tO\n\n\t# b\tO\n", skipsComments: true)
    }
    #expect(error?.kind == .empty)
  }

  @Test("Lines behind the last sentence come back and are no sentence")
  func trailing() throws {
    let text = "a O\n\n\n\n# end\n"
    let (all, _) = try sentences(text, skipsComments: true)
    #expect(all.map(\.isSentence) == [true, false] && lines(all) == text)
  }
}
