import Foundation
import RNNCore
import Testing

@testable import RNNTasks

/// What readers of sentences, trees and series say of a pipe that is written to bit by bit.
@Suite("Whole inputs that wait in a pipe")
struct WaitingTests {
  /// A pipe with a name, of which one end writes.
  private final class Pipe {
    private let directory: TemporaryDirectory
    private let writer: Int32
    let url: URL

    init() throws {
      directory = try TemporaryDirectory()
      url = directory.url.appendingPathComponent("pipe")
      try #require(mkfifo(url.path, 0o600) == 0)
      // Open for both, so that neither side waits for the other.
      writer = open(url.path, O_RDWR)
      try #require(writer >= 0)
    }

    func send(_ text: String) { #expect(write(writer, text, text.utf8.count) == text.utf8.count) }
    func end() { close(writer) }
  }

  private func waits(_ reader: inout any PredictionReader) -> Bool { reader.hasMoreWaiting }

  private func inputs(_ format: PredictionFormat, _ pipe: Pipe) throws -> any PredictionReader {
    let lines = try LineReader(reading: pipe.url, mayBeEmpty: true)
    return switch format {
    case .columns:
      ColumnInputs(ColumnReader(lines, try ColumnFormat(DataOptions()), needsTags: false))
    case .trees: TreeInputs(TreeReader(lines))
    default: SeriesInputs(SeriesReader(lines, needsClasses: false))
    }
  }

  @Test(
    "An input waits once all of it has come, and not before",
    arguments: [
      // What is sent; behind a + it completes an input, which is taken.
      (.columns, ["play X O\n", "jazz X", " O\n", "+\n", "+now X O\n\nand", " X O\n", "+\n"]),
      (.columns, ["#one O\n", "+\n#two O\n\n", "+", "# three\n", "four O\n", "+\n"]),
      (.columns, ["# one\n", "\n", "+a O\n", "b O\n", "+\n"]),
      (.columns, ["-DOCSTART- O\na O\n", "b O\n", "+-DOCSTART- O\n", "c O\n", "+\n"]),
      (.trees, ["(S (NP a)\n", "  (VP b)", "+)\n(S", "\n", "+ (NP c)) (S (NP d))\n", "+", "\n"]),
      (.series, ["@classLabel false\n@data\n", "# c\n\n", "+1,2\n", "\n", "+3,4\n5,6\n", "+"]),
    ] as [(PredictionFormat, [String])])
  func waiting(format: PredictionFormat, steps: [String]) throws {
    let pipe = try Pipe()
    var reader = try inputs(format, pipe)
    for (index, step) in steps.enumerated() {
      let completes = step.hasPrefix("+")
      pipe.send(String(step.drop { $0 == "+" }))
      #expect(waits(&reader) == completes, "\(index) \(step)")
      if completes {
        let request = try #require(try reader.next())
        _ = try request.input.get()
      }
    }
    pipe.end()
  }

  @Test("What is at the end, and what is wrong, waits too")
  func ends() throws {
    let pipe = try Pipe()
    var reader = try inputs(.columns, pipe)
    pipe.send("a O\n")
    #expect(!waits(&reader))
    pipe.end()
    #expect(waits(&reader))
    #expect(try reader.next() != nil)
    #expect(waits(&reader))
    #expect(try reader.next() == nil)
    let other = try Pipe()
    var trees = try inputs(.trees, other)
    other.send("(S (NP a)))\n")
    #expect(waits(&trees))
    #expect(try trees.next() != nil)
    #expect(waits(&trees))
    #expect(throws: RNNError.self) { try trees.next() }
    other.end()
  }

  @Test("A packed file that is cut off ends all reading, also where errors are marked")
  func damage() throws {
    let directory = try TemporaryDirectory()
    // A gzip header and nothing behind it.
    let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    for format in PredictionFormat.allCases where format != .questions && format != .notes {
      let file = try directory.write(head, to: "cut")
      let lines = try LineReader(reading: file, mayBeEmpty: true)
      var reader: any PredictionReader =
        switch format {
        case .columns:
          ColumnInputs(ColumnReader(lines, try ColumnFormat(DataOptions()), needsTags: false))
        case .trees: TreeInputs(TreeReader(lines))
        case .series: SeriesInputs(SeriesReader(lines, needsClasses: false))
        default:
          LineInputs(
            lines, form: .text, rows: format == .tsv ? .classes : .none, skipsHeader: false)
        }
      for _ in 0..<2 {
        let error = #expect(throws: RNNError.self, "\(format)") { try reader.next() }
        #expect(error?.expected == "whole data in gzip", "\(format)")
      }
    }
  }
}
