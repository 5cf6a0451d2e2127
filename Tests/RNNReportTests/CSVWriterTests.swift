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
