import RNNCore
import Testing

@testable import RNNReport

@Suite struct CSVWriterTests {
  @Test func `fields are quoted only where RFC 4180 needs it`() {
    var writer = CSVWriter(columns: ["cell", "note"])
    writer.append(["LSTM", "plain ± text"])
    writer.append(["a,b", "say \"hi\""])
    writer.append(["two\r\nlines", " outer space"])
    writer.append(["", "two\nlines"])
    let rows = [
      "cell,note", "LSTM,plain ± text", "\"a,b\",\"say \"\"hi\"\"\"",
      "\"two\r\nlines\",\" outer space\"", ",\"two\nlines\"", "",
    ]
    #expect(writer.text == rows.joined(separator: "\r\n"))
  }

  @Test func `every field is read back as it was written`() throws {
    let texts =
      ["a", " a", "a\t", "\"", "\"\u{301}", " \u{301}", "\r\n", "a\nb", ",", "", "é"]
      // Formulas to a spreadsheet, tags and words to the programs that CSV is for.
      + ["=1+1", "+", "-LRB-", "@user", "-0.5", "=cmd|' /C calc'!A0", "\t=1", "'quoted"]
    var writer = CSVWriter(columns: ["first", "second"])
    for first in texts { for second in texts { writer.append([first, second]) } }
    var reader = CSVReader(parsing: Array(writer.text.utf8), name: "text")
    #expect(try reader.header() == ["first", "second"])
    for first in texts {
      for second in texts {
        #expect(try reader.next())
        let read = [try reader.text(0), try reader.text(1)]
        #expect(read.map { Array($0.utf8) } == [first, second].map { Array($0.utf8) })
      }
    }
    #expect(try !reader.next())
  }

  @Test(arguments: [0.1, 1.0 / 3, Double.leastNonzeroMagnitude, 1.7976931348623157e308, -0.0, 12])
  func `numbers read back as the same bits`(value: Double) {
    #expect(Double(CSVWriter.field(value))?.bitPattern == value.bitPattern)
  }

  @Test func `floats keep their own short text and non-finite numbers their names`() {
    #expect(CSVWriter.field(Float(0.1)) == "0.1")
    #expect(CSVWriter.field(Double.nan) == "nan")
    #expect(CSVWriter.field(-Double.infinity) == "-inf")
  }
}
