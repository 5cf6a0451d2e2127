import Foundation
import RNNCore
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite("throughput measures what it is asked to")
struct ThroughputCommandTests {
  private static let shapes = """
    batch,steps,input,hidden,layers,cell,bidirectional,lengths
    2,6,3,4,1,,,
    3,,5,4,2,gru:reset-before,true,2-7
    """

  @Test("Rows have all fields, and their numbers agree with each other")
  func writesRows() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write(Self.shapes, to: "shapes.csv")
    let outcome = try line.run([
      "throughput", "--shapes", "shapes.csv", "--cells", "lstm,elman:relu", "--threads", "1,2",
      "--seconds", "0.001", "--peak", "50,80", "--json", "r.json", "--csv", "r.csv", "--report",
      "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("elman:relu") && outcome.output.contains("B3 T2-7 I5 H4×2 bi"))
    let rows = try Self.rows(line)
    #expect(rows.count == (2 + 1) * 2 * 4)
    for row in rows { try expectConsistent(row) }
    // Of an LSTM, 2·16·(3 + 4) a token in the forward pass, 12 tokens.
    let first = try #require(rows.first)
    let flops = try Self.number(first, "gflops") * 1e9 * Self.number(first, "medianSeconds")
    #expect(abs(flops / 2688 - 1) < 1e-9)
    #expect(first["lengths"] is NSNull && first["bidirectional"] as? Bool == false)
    let last = try #require(rows.last)
    #expect(last["lengths"] as? String == "2-7" && last["steps"] as? Int == 7)
    #expect(last["bidirectional"] as? Bool == true && last["threads"] as? Int == 2)
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 1 + rows.count)
    let html = try line.report("r.html")
    #expect(html.contains("<svg") && html.contains("gru:reset-before"))
  }

  private func expectConsistent(_ row: [String: Any]) throws {
    let fields: Set = [
      "name", "cell", "pass", "batch", "steps", "input", "hidden", "layers", "bidirectional",
      "lengths", "threads", "products", "medianSeconds", "minSeconds", "spread", "passes", "gflops",
      "peakShare", "tokensPerSecond", "bytesAllocated",
    ]
    #expect(Set(row.keys) == fields)
    let median = try Self.number(row, "medianSeconds")
    #expect(median > 0)
    let minimum = try Self.number(row, "minSeconds")
    #expect(minimum > 0 && minimum <= median)
    #expect(try Self.number(row, "passes") >= 5)
    #expect(try Self.number(row, "spread") >= 0)
    #expect(try Self.number(row, "bytesAllocated") > 0)
    let peak = row["threads"] as? Int == 1 ? 50.0 : 80
    // Rounding of a product and a quotient.
    let share = try Self.number(row, "gflops") / peak
    #expect(try abs(Self.number(row, "peakShare") / share - 1) < 1e-12)
    let tokens = try Self.number(row, "tokensPerSecond") * median
    #expect(abs(tokens - tokens.rounded()) < 1e-6)
    #expect((6...21).contains(tokens))
  }

  @Test("What multiplies takes turns, each with rows of its own, streams and rests among them")
  func takesTurns() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write("batch,steps,input,hidden,layers\n2,6,3,4,1\n", to: "shapes.csv")
    let outcome = try line.run([
      "throughput", "--shapes", "shapes.csv", "--cells", "lstm", "--passes", "train,stream",
      "--products", "packed,openblas", "--gap", "1", "--threads", "1", "--seconds", "0.001",
      "--peak", "5", "--json", "r.json", "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = try Self.rows(line)
    #expect(
      rows.map { "\($0["pass"] ?? "") \($0["products"] ?? "")" } == [
        "train packed", "train openblas", "stream packed", "stream openblas",
      ])
    // A stream reads the tokens of the whole batch.
    for row in rows {
      let tokens = try Self.number(row, "tokensPerSecond") * Self.number(row, "medianSeconds")
      #expect(abs(tokens - 12) < 1e-6)
    }
    #expect(outcome.output.contains("openblas"))
    #expect(try line.report("r.html").contains("lstm, 1 thread, openblas"))
  }

  @Test("Lists are read once each, and without --peak one is measured")
  func measuresPeak() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write("batch,steps,input,hidden,layers\n1,1,1,1,1\n", to: "shapes.csv")
    let outcome = try line.run([
      "throughput", "--shapes", "shapes.csv", "--cells", "gru,gru", "--passes", "train,train",
      "--threads", "1", "--seconds", "0.001", "--json", "r.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = try Self.rows(line)
    #expect(rows.count == 1)
    #expect(rows.first?["pass"] as? String == "train")
    #expect(try Self.number(#require(rows.first), "peakShare") > 0)
  }

  /// In a process of its own: memory is counted for the whole process, and tests run side by side.
  @Test("Memory is counted, and the estimate of what a shape needs is near it")
  func countsMemory() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write("batch,steps,input,hidden,layers\n16,50,64,64,2\n", to: "shapes.csv")
    let outcome = try line.run([
      "throughput", "--shapes", "shapes.csv", "--passes", "trainDX,inference", "--threads", "1",
      "--seconds", "0.001", "--peak", "100", "--json", "r.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let shape = BenchmarkShape(batch: 16, steps: 50, input: 64, hidden: 64, layers: 2)
    let rows = try Self.rows(line)
    for (training, inference) in zip(rows, rows.dropFirst())
    where training["pass"] as? String == "trainDX" {
      let bytes = try Self.number(training, "bytesAllocated")
      #expect(try Self.number(inference, "bytesAllocated") < bytes)
      let cell = try CellKind(#require(training["cell"] as? String))
      let ratio = shape.estimatedBytes(cell) / bytes
      // The estimate only has to tell what fits from what does not; it is generous for small cells.
      #expect((0.7...1.6).contains(ratio), "\(cell): \(ratio)")
    }
  }

  private static func number(_ row: [String: Any], _ key: String) throws -> Double {
    try #require(row[key] as? NSNumber, "\(key)").doubleValue
  }

  private static func rows(_ line: CommandLine) throws -> [[String: Any]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("r.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? String == "rnnbench/throughput/1")
    #expect(object["machine"] != nil && object["configuration"] != nil)
    return try #require(object["rows"] as? [[String: Any]])
  }
}
