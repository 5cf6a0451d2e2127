import Foundation
import Testing

@testable import RNNStudies

@Suite("profile shows where gradients go")
struct ProfileCommandTests {
  private func run(_ arguments: String) throws -> (CommandLine, CommandLine.Outcome) {
    let line = try CommandLine()
    let outcome = try line.run(["profile"] + arguments.split(separator: " ").map(String.init))
    #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
    return (line, outcome)
  }

  private func results(_ line: CommandLine) throws -> [[String: Any]] {
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: line.path("r.json"))))
    let document = try #require(json as? [String: Any])
    #expect(document["schema"] as? String == "rnnbench/profile/1")
    return try #require(document["results"] as? [[String: Any]])
  }

  @Test("Cells, looks and layers have a row each, with verdict, norms, gates and Jacobians")
  func rows() throws {
    let (line, outcome) = try run(
      "--cells elman,lstm:peephole --layers 2 --hidden 5 --length 12 --batch 4 --updates 3 "
        + "--threads 2 --json r.json --csv r.csv --report r.html")
    defer { line.remove() }
    let results = try results(line)
    #expect(results.count == 8)
    #expect(Set(results.compactMap { $0["when"] as? String }) == ["start", "trained"])
    #expect(
      results.compactMap { $0["layer"] as? String } == [
        "l0", "l1", "l0", "l1", "l0", "l1", "l0", "l1",
      ])
    for result in results {
      let isLSTM = (result["cell"] as? String)?.hasPrefix("lstm") ?? false
      let norms = try #require(result["hiddenNorms"] as? [String: [Double]])
      #expect(norms["byDistance"]?.count == 12 && norms["byStep"]?.count == 12)
      #expect((result["cellNorms"] as? [String: Any] != nil) == isLSTM)
      #expect((result["gates"] as? [String: Any])?.count == (isLSTM ? 4 : 0))
      let jacobians = try #require(result["jacobians"] as? [String: Any])
      #expect((jacobians["lyapunov"] as? [Double])?.count == (isLSTM ? 10 : 5))
      #expect(["vanishing", "exploding", "holding"].contains(result["verdict"] as? String))
    }
    #expect(outcome.output.contains("elman l0") && outcome.output.contains("the task needs"))
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 1 + 8 * 12)
    let html = try line.report("r.html")
    #expect(html.contains("Lyapunov spectrum") && html.contains("image/png"))
  }

  @Test(
    "Odd sizes and networks are profiled like others",
    arguments: [
      "--length 2 --hidden 1 --batch 1 --updates 0",
      "--cells jordan,elman-jordan --layers 2 --hidden 4 --length 9 --updates 1 --batch 3",
      "slots --cells bi-lstm,gru --hidden 6 --updates 2 --batch 5",
      "chars --cells gru --hidden 6 --length 7 --updates 1 --batch 3",
      "copy --length 5 --cells elman --hidden 4 --updates 0 --probe all",
      "--length 5-9 --cells gru:reset-before --directions bidirectional --hidden 4 --updates 1",
    ])
  func odd(_ arguments: String) throws {
    let (line, outcome) = try run(arguments + " --json r.json --report r.html")
    defer { line.remove() }
    for result in try results(line) {
      // A gradient reaches every layer in both directions.
      #expect(result["verdict"] as? String != "silent", "\(outcome.output)")
    }
  }

  @Test("A network whose states overflow is told to be exploding")
  func overflow() throws {
    let (line, _) = try run(
      "--cells elman:identity --init normal=1 --hidden 60 --length 90 --updates 0 --json r.json")
    defer { line.remove() }
    #expect(try results(line)[0]["verdict"] as? String == "exploding")
  }

  @Test("throughput times profiled steps when asked to")
  func throughput() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write("batch,steps,input,hidden,layers\n2,3,4,5,1\n", to: "s.csv")
    let outcome = try line.run([
      "throughput", "--shapes", "s.csv", "--cells", "lstm", "--passes", "train,trainProfiled",
      "--threads", "1", "--seconds", "0.01", "--peak", "100",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("trainProfiled"))
  }
}
