import RNNCore
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite struct ShapeFileTests {
  private static func shapes(_ text: String) throws -> [BenchmarkShape] {
    try ShapeFile(text: text, path: "shapes.csv").shapes
  }

  @Test func `the required columns are enough, in any order`() throws {
    let shapes = try Self.shapes("layers,hidden,input,steps,batch\n1,5,4,3,2\n7,11,10,9,8\n")
    #expect(
      shapes == [
        BenchmarkShape(batch: 2, steps: 3, input: 4, hidden: 5),
        BenchmarkShape(batch: 8, steps: 9, input: 10, hidden: 11, layers: 7),
      ])
    #expect(shapes.map(\.name) == ["B2 T3 I4 H5", "B8 T9 I10 H11×7"])
    #expect(shapes.allSatisfy { $0.cell == nil })
  }

  @Test func `cell, directions and lengths are read`() throws {
    let shapes = try Self.shapes(
      """
      batch,steps,input,hidden,layers,cell,bidirectional,lengths
      2,9,4,4,1,gru,true,3-9
      2,,4,4,1,lstm:peephole,0,3-8
      2,9,4,4,2,,1,
      2,9,4,4,1,elman:relu,false,
      """)
    #expect(shapes.map(\.cell) == [.gru(), .lstm(peephole: true), nil, .elman(.relu)])
    #expect(shapes.map(\.isBidirectional) == [true, false, true, false])
    #expect(shapes.map(\.lengths) == [3...9, 3...8, nil, nil])
    #expect(shapes.map(\.steps) == [9, 8, 9, 9])
    #expect(shapes[0].name == "B2 T3-9 H4 bi")
  }

  @Test func `line ends, blanks, blank lines and a byte order mark do not matter`() throws {
    let text = "\u{FEFF}batch, steps ,input,hidden,layers\r\n\r\n 2,3,4 ,5,1\r\n   \r\n"
    #expect(try Self.shapes(text) == [BenchmarkShape(batch: 2, steps: 3, input: 4, hidden: 5)])
  }

  private static let header = "batch,steps,input,hidden,layers,cell,bidirectional,lengths\n"

  /// A bad line below the full header, with the words the complaint has to have.
  private static let badLines = [
    ("0,3,4,5,1,,,", "batch"), ("2,-3,4,5,1,,,", "steps"), ("2,3,4.5,5,1,,,", "'4.5'"),
    ("2,3,4,many,1,,,", "'many'"), ("2,3,4,5,,,,", "layers"), ("2,,4,5,1,,,", "steps"),
    ("2,3,4,99999999999999999999,1,,,", "hidden"), ("2,3,4,5,1,,", "8 fields"),
    ("2,3,4,5,1,,,,", "8 fields"), ("2,3,4,5,1,cnn,,", "'cnn'"),
    ("2,3,4,5,1,jordan,,", "jordan"), ("2,3,4,5,1,,yes,", "'yes'"),
    ("2,9,4,5,1,,,9-3", "LO-HI"), ("2,9,4,5,1,,,3", "LO-HI"), ("2,9,4,5,1,,,0-3", "LO-HI"),
    ("2,9,4,5,1,,,3-", "LO-HI"), ("2,8,4,5,1,,,3-9", "at least 9"),
  ]

  @Test(arguments: badLines)
  func `a bad line is named with the file`(line: String, word: String) {
    let text = Self.header + "2,3,4,5,1,,,\n\n" + line
    let error = #expect(throws: RNNError.self) { try Self.shapes(text) }
    let message = error?.description ?? ""
    #expect(message.contains("shapes.csv, line 4") && message.contains(word), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test(arguments: [
    ("", "empty"), ("\n \n", "empty"), ("batch,steps,input,hidden,layers\n", "shapes after"),
    ("batch,steps,input,hidden\n1,1,1,1", "'layers'"),
    ("batch,steps,input,hidden,layers,colour\n1,1,1,1,1,1", "'colour'"),
    ("batch,steps,input,hidden,layers,batch\n1,1,1,1,1,1", "once"), ("1,1,1,1,1", "'1'"),
  ])
  func `a bad header is named with the file`(text: String, word: String) {
    let error = #expect(throws: RNNError.self) { try Self.shapes(text) }
    let message = error?.description ?? ""
    #expect(message.contains("shapes.csv") && message.contains(word), "\(message)")
  }
}
