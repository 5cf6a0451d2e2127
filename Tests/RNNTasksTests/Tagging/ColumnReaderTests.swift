import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Reading columns")
struct ColumnReaderTests {
  private struct Reading {
    var sentences: [ColumnSentence] = []
    var words: [[String]] { sentences.map(\.words) }
    var tags: [[String]?] { sentences.map(\.tags) }
    /// All lines, with the same tag for every word.
    func lines(tagged tag: String) -> [String] {
      sentences.flatMap { $0.lines(tagged: $0.words.map { _ in [tag] }) }
    }
  }

  private func read(
    _ text: String, name: String = "a.txt", needsTags: Bool = false,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> Reading {
    try read(bytes: Array(text.utf8), name: name, needsTags: needsTags, change)
  }

  private func read(
    bytes: [UInt8], name: String = "a.txt", needsTags: Bool = false, marksErrors: Bool = false,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> Reading {
    let directory = try TemporaryDirectory()
    let file = try directory.write(bytes, to: name)
    var options = DataOptions()
    change(&options)
    var reader = ColumnReader(
      try LineReader(reading: file), try ColumnFormat(options), needsTags: needsTags)
    var reading = Reading()
    while let sentence = try reader.next(marksErrors: marksErrors) {
      reading.sentences.append(sentence)
    }
    return reading
  }

  @Test("Every line comes back, with another tag in the tag's place alone")
  func lines() throws {
    let text = """


      -DOCSTART- -X- O

      EU  NNP   B-ORG
      New York\tJJ\tB-LOC

      \u{20}
      # a b
      the DT O
      -DOCSTART- -X- O
      last O\u{20}

      # end
      """
    let reading = try read(text) { $0.skipsComments = true }
    #expect(reading.words == [["EU", "New York"], ["the"], ["last"], []])
    #expect(reading.tags == [["B-ORG", "B-LOC"], ["O"], ["O"], []])
    var lines = text.components(separatedBy: "\n")
    #expect(reading.sentences.flatMap { $0.lines(tagged: ($0.tags ?? []).map { [$0] }) } == lines)
    (lines[4], lines[5]) = ("EU  NNP   X", "New York\tJJ\tX")
    (lines[9], lines[11]) = ("the DT X", "last X\u{20}")
    #expect(reading.lines(tagged: "X") == lines)
  }

  @Test("Words alone get their tags behind them")
  func untagged() throws {
    let reading = try read("EU\nrejects \n\nGerman\n")
    #expect(reading.words == [["EU", "rejects"], ["German"]] && reading.tags == [nil, nil])
    #expect(reading.lines(tagged: "X") == ["EU\tX", "rejects\tX", "", "German\tX"])
    let columns = try read("1 EU NNP\n2\trejects\tVBZ\n") {
      ($0.tokenColumn, $0.tagColumn) = (2, 4)
    }
    #expect(columns.words == [["EU", "rejects"]] && columns.tags == [nil])
    #expect(columns.lines(tagged: "X") == ["1 EU NNP X", "2\trejects\tVBZ\tX"])
    // One word without a tag leaves the sentence without.
    let mixed = try read("EU B-ORG\nrejects\n\nGerman O\n")
    #expect(mixed.tags == [nil, ["O"]])
    #expect(mixed.lines(tagged: "X") == ["EU X", "rejects\tX", "", "German X"])
    let error = #expect(throws: RNNError.self) { try read("a O\nb\n", needsTags: true) }
    #expect(error?.kind == .shape && error?.argument.hasSuffix("a.txt, line 2") == true)
    #expect(error?.found == "1 column")
  }

  @Test("A word that another one holds is found in its own place")
  func equalWords() throws {
    let reading = try read("a ba a a\n") { ($0.tokenColumn, $0.tagColumn) = (1, 3) }
    #expect(reading.lines(tagged: "X") == ["a ba X a"])
  }

  @Test("A document's start ends a sentence, with or without empty lines")
  func documents() throws {
    let text = "-DOCSTART- -X- O\na O\nb O\n-DOCSTART- -X- O\nc O\n\n-DOCSTART- -X- O\n\nd O\n"
    let reading = try read(text, needsTags: true)
    #expect(reading.words == [["a", "b"], ["c"], ["d"]])
    #expect(reading.lines(tagged: "O").joined(separator: "\n") + "\n" == text)
    let numbered = try read("1 -DOCSTART- O\n1 a O\n1 -DOCSTART- O\n1 b O\n") { $0.tokenColumn = 2 }
    #expect(numbered.words == [["a"], ["b"]])
  }

  @Test("Comments stand before the first word of a sentence; a # within it is a word")
  func comments() throws {
    let text = "# one\n#two\na O\n# O\nb O\n\n# three\nc O\n"
    let reading = try read(text, needsTags: true) { $0.skipsComments = true }
    #expect(reading.words == [["a", "#", "b"], ["c"]])
    #expect(reading.lines(tagged: "O").joined(separator: "\n") + "\n" == text)
    #expect(try read("# O\na O\n").words == [["#", "a"]])
  }

  private static let universal = """
    # sent_id = 1
    # text = Vengo del mar
    1\tVengo\tvenir\tVERB\t_\t_\t0\troot\t_\tO
    2-3\tdel\t_\t_\t_\t_\t_\t_\t_\t_
    2\tde\tde\tADP\t_\t_\t4\tcase\t_\tO
    3\tel\tel\tDET\tDA\t_\t4\tdet\t_\tO
    3.1\tgran\tgran\tADJ\t_\t_\t_\t_\t_\t_
    4\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tB-LOC

    # sent_id = 2
    1-2\tdel\t_\t_\t_\t_\t_\t_\t_\t_
    1\tde\tde\tADP\t_\t_\t0\troot\t_\tO
    2\t#\t#\tSYM\t_\t_\t1\tdep\t_\tO

    """

  @Test("CoNLL-U has forms and universal parts of speech, ranges and empty nodes are no words")
  func conllu() throws {
    let words = [["Vengo", "de", "el", "mar"], ["de", "#"]]
    // By its name, and by what is in it.
    for name in ["x.conllu", "en_x-ud-test.CoNLLU", "a.txt"] {
      let reading = try read(Self.universal, name: name, needsTags: true)
      #expect(reading.words == words, "\(name)")
      #expect(reading.tags == [["VERB", "ADP", "DET", "NOUN"], ["ADP", "SYM"]], "\(name)")
    }
    let names = try read(Self.universal, needsTags: true) {
      ($0.tokenColumn, $0.tagColumn) = (.field(.lemma), .field(.misc))
    }
    #expect(names.words[0] == ["venir", "de", "el", "mar"])
    #expect(names.tags[0] == ["O", "O", "O", "B-LOC"])
    let numbers = try read(Self.universal) { ($0.tokenColumn, $0.tagColumn) = (2, 10) }
    #expect(numbers.words == words && numbers.tags == names.tags)
    let written = numbers.lines(tagged: "X").joined(separator: "\n") + "\n"
    #expect(
      written
        == Self.universal.replacing("\tO\n", with: "\tX\n").replacing("\tB-LOC\n", with: "\tX\n"))
  }

  @Test("CoNLL-U without parts of speech is untagged; a model cannot learn from it")
  func untaggedCoNLLU() throws {
    let text = "1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n2\tb\t_\t_\t_\t_\t_\t_\t_\t_\n"
    let reading = try read(text)
    #expect(reading.words == [["a", "b"]] && reading.tags == [nil])
    #expect(reading.lines(tagged: "X")[1] == "2\tb\t_\tX\t_\t_\t_\t_\t_\t_")
    let directory = try TemporaryDirectory()
    let file = try directory.write(text.utf8, to: "a.conllu")
    let error = #expect(throws: RNNError.self) { try ColumnFormat(DataOptions()).part(in: file) }
    #expect(error?.kind == .empty && error?.expected == "tags in column 4")
  }

  @Test(
    "What is no CoNLL-U is refused with its line",
    arguments: [
      ("1\ta\t_\tX\t_\t_\t_\t_\t_\n", RNNError.Kind.shape, 1, "9"),
      ("1\ta\t_\tX\t_\t_\t0\t_\t_\t_\t_\n", .shape, 1, "11"),
      ("1 a _ X _ _ 0 _ _ _\n# late\n", .shape, 2, "2"),
      ("\n# c\n1\ta\t_\tX\t_\t_\t0\t_\t_\t_\nx\ta\t_\tX\t_\t_\t0\t_\t_\t_\n", .format, 4, "'x'"),
      ("1-\ta\t_\tX\t_\t_\t0\t_\t_\t_\n", .format, 1, "'1-'"),
      ("1\t\t_\tX\t_\t_\t0\t_\t_\t_\n", .empty, 1, "none"),
    ])
  func badCoNLLU(text: String, kind: RNNError.Kind, line: Int, found: String) throws {
    let tabbed = text.replacing("1 a _ X _ _ 0 _ _ _", with: "1\ta\t_\tX\t_\t_\t0\t_\t_\t_")
    let error = #expect(throws: RNNError.self) { try read(tabbed, name: "a.conllu") }
    #expect(error?.kind == kind && error?.found == found, "\(error as Any)")
    #expect(error?.argument.hasSuffix("a.conllu, line \(line)") == true, "\(error as Any)")
  }

  @Test("Ten columns without numbers of words are no CoNLL-U")
  func tenColumns() throws {
    let text = "one\ta\tb\tc\td\te\tf\tg\th\tO\n1\ta\tb\tc\td\te\tf\tg\th\tO\n"
    #expect(try read(text).words == [["one", "1"]])
    #expect(try read("1\ta\tb\tc\td\te\tf\tg\th\tO\n").words == [["1"]])
  }

  @Test("A sentence with a line that cannot be read is marked, and reading goes on behind it")
  func marked() throws {
    func reading(
      _ text: String, name: String = "a.txt", _ change: (inout DataOptions) -> Void = { _ in }
    ) throws -> Reading {
      // A byte that is no UTF-8.
      let bytes = text.utf8.map { $0 == UInt8(ascii: "?") ? 0xE9 : $0 }
      return try read(bytes: bytes, name: name, marksErrors: true, change)
    }
    let text = "a N O\n\nb N O\n?\nc N O\n\nd N O\n-DOCSTART- X\ne\n? O\n\n\nf N O\n"
    let latin = try reading(text)
    #expect(latin.sentences.map { $0.error?.kind } == [nil, .format, nil, .format, nil])
    #expect(latin.sentences[1].error?.argument.hasSuffix("line 4") == true)
    let marked = latin.sentences[1].lines(marked: "E")
    #expect(marked.count == 4 && marked[0] == "b N E" && marked[2...] == ["c N E", ""])
    #expect(marked[1].hasPrefix("E\t") && marked[1].contains("line 4"))
    let second = latin.sentences[3].lines(marked: "E")
    #expect(second.count == 4 && second[..<2] == ["-DOCSTART- X", "e\tE"])
    // A column that is missing, and a word.
    let missing = try reading("1 a O\nb\n\n2 \t\tO\n\n3 c O\n") { $0.tokenColumn = 2 }
    #expect(missing.sentences.map { $0.error?.kind } == [.shape, .empty, nil])
    #expect(missing.sentences[0].lines(marked: "E") == ["1 a E", "b\tE", ""])
    #expect(missing.sentences[1].lines(marked: "E") == ["2 \t\tE", ""])
    let numbers = try reading(Self.universal.replacing("\n4\t", with: "\nx\t"), name: "a.conllu")
    #expect(numbers.sentences.map { $0.error?.found } == ["'x'", nil])
    let lines = numbers.sentences[0].lines(marked: "E")
    #expect(lines.count == 9 && lines[3] == "2-3\tdel\t_\t_\t_\t_\t_\t_\t_\t_")
    #expect(lines[7] == "x\tmar\tmar\tE\t_\t_\t1\tobl\t_\tB-LOC")
    #expect(throws: RNNError.self) { try read("a N\nb O\n") { $0.tokenColumn = 3 } }
  }

  @Test("Columns are numbers or names", arguments: ["1", "-2", "form", "UPOS"])
  func columns(text: String) throws {
    let column = try DataColumn(text)
    #expect(column.description == text.lowercased())
    let data = try JSONEncoder().encode(column)
    #expect(String(decoding: data, as: UTF8.self) == (column.isField ? "\"\(column)\"" : text))
    #expect(try JSONDecoder().decode(DataColumn.self, from: data) == column)
    for bad in ["0", "", "word", "1.5"] {
      #expect(throws: RNNError.self) { try DataColumn(bad) }
    }
  }
}
