import Foundation
import Testing

@testable import RNNStudies

@Suite("reproduce repeats an experiment")
struct ReproduceCommandTests {
  @Test("pascanu writes a row for each run, and sets the published result beside its own")
  func pascanu() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "reproduce", "pascanu", "--lengths", "10,12-14,10", "--init", "smart-tanh,sigmoid",
      "--methods",
      "sgd,msgd-cr", "--seeds", "2", "--seed", "5", "--updates", "3", "--held-out", "20",
      "--threads",
      "2", "--json", "r.json", "--csv", "r.csv", "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["MSGD-CR", "0 of 2", "12-14", "5 of 5", "Here: lengths 10, 12-14"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("r.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? String == "rnnbench/reproduce-pascanu/1")
    #expect(object["machine"] != nil && object["configuration"] != nil)
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.count == 2 * 2 * 2 * 2)
    #expect(Set(results.map { $0["seed"] as? Int }) == [5, 6])
    for result in results {
      #expect(result["updates"] as? Int == 3 && result["solved"] as? Bool == false)
      #expect((0...1).contains(try #require(result["error"] as? Double)))
      let omega = result["omega"] as? Double
      #expect((omega != nil) == (result["method"] as? String == "msgd-cr"))
    }
    let summary = try #require(object["summary"] as? [[String: Any]])
    #expect(summary.count == 2 * 2 * 2)
    #expect(summary.allSatisfy { $0["solved"] as? Int == 0 && $0["runs"] as? Int == 2 })
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 17)
    let html = try line.report("r.html")
    #expect(html.contains("<svg") && html.contains("runs that succeed"))
  }
}
