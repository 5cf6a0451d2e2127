import ArgumentParser
import Foundation
import RNNCore
import RNNTasks

/// Text from a saved language model.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a language model that was saved by train.",
    discussion: """
      The same seed gives the same text.

      rnnbench generate --model shakespeare.safetensors --prompt "ROMEO:" --length 500
      rnnbench generate --model shakespeare.safetensors --temperature 0.7 --top-p 0.95 --seed 3
      """)

  @Option(parsing: .unconditional, help: ArgumentHelp("The model's file.", valueName: "file"))
  var model: String
  @Option(
    parsing: .unconditional, help: ArgumentHelp("What the text begins with.", valueName: "text"))
  var prompt = "\n"
  @Option(parsing: .unconditional, help: "Characters or words to write.") var length = 500
  @Option(
    parsing: .unconditional,
    help: "Below 1 bolder choices are rarer, above 1 more frequent; 0 takes the likeliest.")
  var temperature: Float = 1
  @Option(parsing: .unconditional, help: "Choose among the likeliest only.") var topK: Int?
  @Option(
    parsing: .unconditional,
    help: "Choose among the likeliest that together have this probability.")
  var topP: Float?
  @Option(parsing: .unconditional, help: "Seed of the choices.") var seed: UInt64 = 1
  @Option(parsing: .unconditional, help: "Threads (default: 1; one step has little to share).")
  var threads = 1

  func run() throws {
    try require(length >= 0, "--length", "0 or more", "\(length)")
    let sampler = try TokenSampler(temperature: temperature, topK: topK, topP: topP)
    let saved = try SavedRun(reading: model)
    guard case .lm(let encoding) = saved.encoding else {
      throw RNNError(
        .unsupported, model.printable, expected: "a language model (train lm)",
        found: "a model of kind \(saved.settings.kind.rawValue)")
    }
    let network = try SequenceModel(saved.file, team: ThreadTeam(count: threads))
    let ids = encoding.encode(prompt)
    guard !ids.isEmpty else {
      throw RNNError(.empty, "--prompt", expected: "some text to begin with", found: "none")
    }
    let generator = try SequenceGenerator(network, sampler: sampler, seed: seed)
    var writer = TextWriter(encoding)
    if prompt != Self.noPrompt { writer.write(ids) }
    try generator.prime(with: ids)
    for _ in 0..<length { writer.write([try generator.next()]) }
    writer.finish()
  }

  /// A line end begins a text and is not to be seen.
  private static let noPrompt = "\n"
}

/// Writes tokens to standard output as they come.
private struct TextWriter {
  private let encoding: TextEncoding
  private var last = ""

  init(_ encoding: TextEncoding) { self.encoding = encoding }

  mutating func write(_ ids: [Int32]) {
    var text = encoding.decode(ids)
    if encoding.unit == .word, !last.isEmpty, !last.hasSuffix("\n"), text != "\n" {
      text = " " + text
    }
    emit(text)
  }

  mutating func finish() { if !last.hasSuffix("\n") { emit("\n") } }

  private mutating func emit(_ text: String) {
    guard !text.isEmpty else { return }
    print(text, terminator: "")
    fflush(nil)
    last = text
  }
}
