import Foundation
import TestSupport
import Testing

@testable import RNNStudies

@Suite("surface draws what it is asked to")
struct SurfaceCommandTests {
  @Test("The one-unit surface shows the cliff, and what the two descents did")
  func pascanu() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "surface", "--grid", "41", "--thresholds", "none,1,0.1", "--json", "r.json", "--csv", "r.csv",
      "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["steepest place", "Not clipped", "left the region", "Clipped at 1:", "█"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    let object = try Self.object(line)
    let results = try #require(object["results"] as? [String: Any])
    let rows = try #require(results["error"] as? [[Double]])
    #expect(rows.count == 41 && rows.allSatisfy { $0.count == 41 })
    let paths = try #require(object["paths"] as? [[String: Any]])
    #expect(paths.map { $0["end"] as? String } == ["left", "steps", "steps"])
    #expect(paths.map { $0["threshold"] as? Double } == [nil, 1, 0.1])
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count > 41 * 41 + 2 * 61)
    let html = try line.report("r.html")
    #expect(html.contains("data:image/png;base64,") && html.contains("not clipped"))
  }

  @Test("The linear unit gives the lecture's numbers")
  func linear() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "surface", "linear", "--json", "r.json", "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("w^999") && outcome.output.contains("20752"))
    let results = try #require(try Self.object(line)["results"] as? [[String: Any]])
    #expect(results.map { $0["weight"] as? Double } == [1, 1.01, 0.99, 0.01])
    #expect(results[0]["slope"] as? Double == 999)
  }

  @Test(
    "A model is cut along random directions and along two elements",
    arguments: ["random", "weight_hh_l0[1],bias_ih_l0[0]"])
  func model(_ plane: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcomes = try (0..<2).map { _ in
      let outcome = try line.run([
        "surface", "temporal-order", "--length", "20", "--cell", "gru",
        "--hidden", "5", "--updates", plane == "random" ? "3" : "0", "--batch", "8", "--plane",
        plane,
        "--grid", "5", "--path-steps", "4", "--json", "r.json", "--report", "r.html",
      ])
      #expect(outcome.code == 0, "\(outcome.errors)")
      let results = try #require(try Self.object(line)["results"] as? [String: Any])
      return try #require(results["error"] as? [[Double]])
    }
    #expect(outcomes[0] == outcomes[1], "the same seed gives the same surface")
    #expect(outcomes[0].count == 5 && Set(outcomes[0].joined()).count > 5)
  }

  private static func object(_ line: CommandLine) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("r.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? String == "rnnbench/surface/1")
    #expect(object["machine"] != nil && object["configuration"] != nil)
    return object
  }
}
