import Foundation
import RNNCore
import Testing

@Suite("A minus stands for standard input or output")
struct StreamTests {
  @Test("A document goes to standard output alone; what is for people goes to standard error")
  func output() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let json = try line.run(["explain", "rnn", "--json", "-", "--csv", "e.csv"])
    #expect(json.code == 0)
    let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    #expect((document as? [String: Any])?["schema"] as? String == "rnnbench/explain/1")
    #expect(json.errors.contains("Wrote e.csv.") && line.contents == ["e.csv"])
    let csv = try line.run(["surface", "linear", "--csv", "-"])
    #expect(csv.output.hasPrefix("weight,") && csv.errors.contains("no learning rate"))
    let report = try line.run(["explain", "--report", "-"])
    #expect(report.output.hasPrefix("<!DOCTYPE html>") && !report.errors.contains("Wrote"))
    for arguments in [
      ["explain", "--json", "-", "--csv", "-"], ["doctor", "--csv", "-", "--report", "-"],
      ["explain", "--cell", "gru", "--input", "-", "--model", "-"],
      ["evaluate", "--model", "-", "--data", "x"], ["train", "lm", "--data", "x", "--model", "-"],
      ["profile", "--cells", "gru", "--save", "-"],
    ] {
      let outcome = try line.run(arguments)
      #expect(outcome.code != 0 && outcome.output.isEmpty, "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(arguments) \(outcome.errors)")
    }
    #expect(line.contents == ["e.csv"])
  }

  @Test("Steps, shapes, settings and prompts are read from standard input, as far as it is left")
  func input() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let steps = "1,0\n0.5,2\n"
    try line.write(steps, to: "s.csv")
    let explain = ["explain", "--cell", "gru", "--csv", "-", "--input"]
    let piped = try line.run(explain + ["-"], input: steps)
    #expect(piped.code == 0, "\(piped.errors)")
    #expect(try piped.output == line.run(explain + ["s.csv"]).output && !piped.output.isEmpty)
    let rest = try line.run(explain + ["-"], input: "no,steps,\n" + steps, taken: 10)
    #expect(rest.code == 0 && rest.output == piped.output, "\(rest.errors)")
    let broken = try line.run(explain + ["-"], input: "1,0\n2\n")
    #expect(broken.code == 1 && broken.errors.contains("standard input"), "\(broken.errors)")
    let shapes = try line.run(
      [
        "throughput", "--shapes", "-", "--cells", "gru", "--passes", "train", "--threads", "1",
        "--seconds", "0.001", "--peak", "5",
      ], input: "batch,steps,input,hidden,layers\n2,3,4,5,1\n")
    #expect(shapes.code == 0 && shapes.output.contains("B2 T3 I4 H5"), "\(shapes.errors)")
    try line.fillTinyData()
    let trained = try line.run([
      "train", "lm", "--data", "text", "--model", "m", "--hidden", "5", "--embedding", "3",
      "--epochs", "1",
    ])
    #expect(trained.code == 0, "\(trained.errors)")
    let generate = ["generate", "--model", "m", "--length", "20", "--prompt"]
    let asked = try line.run(generate + ["line 3"])
    #expect(asked.code == 0 && asked.output.count > 20, "\(asked.errors)")
    for prompt in ["line 3\n", "\u{FEFF}line 3\r\n", "line 3\r"] {
      #expect(try asked.output == line.run(generate + ["-"], input: prompt).output)
    }
    let marked = try line.run(explain + ["-"], input: "\u{FEFF}\u{A0}1,0\r0.5 ,2\r")
    #expect(marked.output == piped.output, "\(marked.errors)")
  }
}
