import Foundation
import Testing

@Suite("The example programs run")
struct ExampleTests {
  private func output(_ name: String, _ arguments: [String]) throws -> String {
    let line = try CommandLine(name)
    defer { line.remove() }
    let outcome = try line.run(arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return outcome.output
  }

  @Test("Slot filling tags the same sentence with and without memory")
  func slotFilling() throws {
    let text = try output("slot-filling", ["250"])
    #expect(text.contains("leave taipei on november 2nd"))
    let tags = text.split(separator: "\n").filter { $0.contains("recurrent:") }
      .map { $0.split(separator: ":")[1] }
    #expect(tags.count == 2 && tags[0] != tags[1])
    // Without memory the same words get the same tags, whatever the verb was.
    let blind = text.split(separator: "\n").filter { $0.contains("feed-forward:") }
      .map { $0.split(separator: " ").dropFirst(2) }
    #expect(blind.count == 2 && blind[0] == blind[1])
  }

  @Test("The character model learns a text, saves itself and writes on")
  func characterModel() throws {
    let line = try CommandLine("character-model")
    defer { line.remove() }
    try line.write(
      (0..<80).map { "line \($0 % 7) says \($0 % 5).\n" }.joined(), to: "text.txt")
    let outcome = try line.run(["text.txt", "2", "line"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("epoch 2: ") && outcome.output.contains("\nline"))
    #expect(line.contents.contains("character-model.safetensors"))
  }

  @Test("The gradient profile has a verdict for each cell")
  func gradientProfile() throws {
    let text = try output("gradient-profile", ["60", "40"])
    #expect(text.split(separator: "\n").count { $0.contains("l0 ") } == 3)
    #expect(text.contains("elman: squared error") && text.contains("vanishing"))
  }

  @Test("A loop of one's own learns")
  func customLoop() throws {
    let text = try output("custom-loop", ["300"])
    let losses = text.split(separator: "\n").compactMap { line -> Double? in
      line.hasPrefix("update ") ? Double(line.split(separator: " ").last ?? "") : nil
    }
    #expect(losses.count == 3 && losses[2] < losses[0])
    #expect(text.contains("november: mean update gate"))
  }

  @Test("The layers alone learn to add two numbers of ragged sequences")
  func backend() throws {
    let text = try output("backend", ["600"])
    let errors = text.split(separator: "\n").compactMap { line in
      line.split(separator: " ").dropFirst(4).first.flatMap { Double($0.dropLast()) }
    }
    // Guessing the mean of the sums leaves 1/6.
    #expect(errors.count == 2 && errors[1] < 0.1 && errors[1] < errors[0])
  }

  @Test("Sequences into sequences: both networks are measured by length, and have an example")
  func transduction() throws {
    let text = try output("transduction", ["sort", "40"])
    let scores = text.split(separator: "\n").filter { $0.hasPrefix("sort, ") }
    #expect(scores.count == 2)
    #expect(scores[0].contains("general attention") && scores[1].contains("no attention"))
    #expect(text.split(separator: "\n").count { $0.contains("sources of") } == 10)
    #expect(text.split(separator: "\n").count { $0.contains(" -> ") } == 2)
  }

  @Test("The translation learns a tiny language and is scored on each test")
  func translation() throws {
    let line = try CommandLine("translation")
    defer { line.remove() }
    let words = ["eins", "zwei", "drei", "vier", "fünf"]
    let pairs = (0..<320).map { index in
      let numbers = (0..<(1 + index % 4)).map { (index / 4 + $0 * (1 + index % 3)) % 5 }
      return (numbers.map { words[$0] }, numbers.map { "n\($0)" })
    }
    for (part, range) in [("train", 0..<256), ("val", 256..<288), ("test", 288..<320)] {
      for (language, side) in [("de", 0), ("en", 1)] {
        let lines = pairs[range].map { (side == 0 ? $0.0 : $0.1).joined(separator: " ") }
        try line.write(lines.joined(separator: "\n") + "\n", to: "\(part).\(language)")
      }
    }
    let outcome = try line.run([".", "de", "en", "8"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("epoch 8: loss "))
    let score = outcome.output.split(separator: "\n").first { $0.hasPrefix("test: BLEU ") }
    let value = score.flatMap { Double($0.split(separator: " ")[2]) } ?? 0
    #expect(value > 50, "\(outcome.output)")
    #expect(try line.run(["."]).code == 64)
  }
}
