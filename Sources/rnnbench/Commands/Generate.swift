import ArgumentParser
import CLibrary
import FoundationEssentials
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// What a saved model writes.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a model that was saved by train.",
    discussion: """
      A language model writes on from the prompt; the same seed gives the same text. Models of \
      pairs write a target for the prompt, or for each line of standard input: a translation, \
      brackets over the words, the text again. A model of images answers the prompt about an image \
      of the test part.

      rnnbench generate --model FILE --prompt "ROMEO:" --length 500
      rnnbench generate --model FILE --temperature 0.7 --top-p 0.95 --seed 3
      rnnbench generate --model FILE --prompt "ein haus" --attention map.svg
      rnnbench generate --model FILE < sentences.txt
      rnnbench generate --model FILE --data DIR --image 7 --prompt "which shape?"
      rnnbench generate --model FILE --prompt "a dull film" --neighbors 5 --data DIR
      """)

  @Option(parsing: .unconditional, help: ArgumentHelp("The model's file.", valueName: "file"))
  var model: InputPath
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What the text begins with, - for standard input; the source (pairs) or question (vqa) \
      (default: lm: nothing; pairs: a line each of standard input).
      """,
      valueName: "text"))
  var prompt: String?
  @OptionGroup var text: TextOptions
  @OptionGroup var pairs: PairOptions
  @Option(
    parsing: .unconditional, help: "Threads (default: 1 for a language model, else all cores).")
  var threads: Int?

  func run() throws {
    let sampler = try text.sampler()
    let files = try CommandFiles(of: self)
    let saved = try SavedRun(reading: model.path)
    switch saved.encoding {
    case .lm(let encoding):
      try refuse(pairs.given, of: saved)
      try text.write(
        saved, encoding, sampler: sampler, prompt: promptText(),
        team: ThreadTeam(count: threads ?? 1))
    case .pairs(let encoding):
      try refuse(text.given, of: saved)
      let team = try threads.map { try ThreadTeam(count: $0) } ?? .shared
      try pairs.write(
        saved, encoding, prompt: prompt == "-" ? nil : prompt, map: files[pairs.attention],
        team: team)
    case .vqa(let encoding):
      try refuse(text.given + pairs.given.filter { !PairOptions.ofImages.contains($0) }, of: saved)
      let team = try threads.map { try ThreadTeam(count: $0) } ?? .shared
      try pairs.answer(
        saved, encoding, question: promptText(), map: files[pairs.attention], team: team)
    default:
      throw RNNError(
        .unsupported, model.path.printable,
        expected: "a language model, a model of pairs or one of images",
        found: "a model of kind \(saved.settings.kind.rawValue)")
    }
  }

  /// The prompt, from standard input if that was asked for.
  private func promptText() throws -> String? {
    guard prompt == "-" else { return prompt }
    var lines = LineReader(standardInput: "standard input")
    var text = ""
    while let line = try lines.next() { text += line.content + line.ending }
    // The last line's end is the shell's, not the text's.
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  private func refuse(_ given: [String], of saved: SavedRun) throws(RNNError) {
    guard let name = given.first else { return }
    throw RNNError(
      .unsupported, name, expected: "a model of another kind",
      found: "one of kind \(saved.settings.kind.rawValue)")
  }
}

/// How a language model chooses.
struct TextOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Characters or words to write (default: 500; lm).")
  var length: Int?
  @Option(
    parsing: .unconditional,
    help:
      """
      Below 1 bolder choices are rarer, above 1 more frequent; 0 takes the likeliest (default: 1; \
      lm).
      """
  )
  var temperature: Float?
  @Option(
    parsing: .unconditional, help: "Choose among that many of the likeliest (default: all; lm).")
  var topK: Int?
  @Option(
    parsing: .unconditional,
    help: "Choose among the likeliest that together have this probability (default: 1; lm).")
  var topP: Float?
  @Option(parsing: .unconditional, help: "Seed of the choices (default: 1; lm).") var seed: UInt64?

  /// The options that were given, by name.
  var given: [String] {
    let options: [(String, Bool)] = [
      ("--length", length != nil), ("--temperature", temperature != nil), ("--top-k", topK != nil),
      ("--top-p", topP != nil), ("--seed", seed != nil),
    ]
    return options.filter(\.1).map(\.0)
  }

  /// Throws for choices that there are none of, and for a negative length.
  func sampler() throws -> TokenSampler {
    if let length { try require(length >= 0, "--length", "0 or more", "\(length)") }
    return try TokenSampler(temperature: temperature ?? 1, topK: topK, topP: topP)
  }

  func write(
    _ saved: SavedRun, _ encoding: TextEncoding, sampler: TokenSampler, prompt: String?,
    team: ThreadTeam
  ) throws {
    let network = try SequenceModel(saved.file, team: team)
    // A line end begins a text and is not to be seen.
    let ids = encoding.encode(prompt ?? "\n")
    guard !ids.isEmpty else {
      throw RNNError(.empty, "--prompt", expected: "some text to begin with", found: "none")
    }
    var sampler = sampler
    sampler.excluded = encoding.untrainedIDs
    let generator = try SequenceGenerator(network, sampler: sampler, seed: seed ?? 1)
    var writer = TextWriter(encoding)
    if let prompt {
      warnOfUnknown(encoding.unknownSymbols(in: prompt), unit: encoding.unit)
      try writer.write(prompt: prompt)
    }
    try generator.prime(with: ids)
    for _ in 0..<(length ?? 500) { try writer.write([try generator.next()]) }
    try writer.finish()
  }
}

/// How a target is searched for, and what is shown of it.
struct PairOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Beginnings that the search keeps (default: as in training; pairs).")
  var beam: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Draw which source tokens, or what of the image, each answer was made from (default: no \
      figure; pairs with attention, vqa; one prompt).
      """,
      valueName: "file.svg"))
  var attention: OutputPath?
  @Option(
    parsing: .unconditional,
    help:
      """
      Show the texts of --data whose vectors are nearest to the prompt's (default: none; \
      autoencode).
      """
  )
  var neighbors: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where neighbors are looked for (autoencode); where the images are (vqa).", valueName: "path")
  )
  var data: InputPath?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Which image of the test part, from 0 (default: none; vqa).", valueName: "index"))
  var image: Int?

  /// The options that a model of images uses.
  static let ofImages: Set = ["--attention", "--data", "--image"]

  /// The options that were given, by name.
  var given: [String] {
    let options: [(String, Bool)] = [
      ("--beam", beam != nil), ("--attention", attention != nil),
      ("--neighbors", neighbors != nil), ("--data", data != nil),
      ("--image", image != nil),
    ]
    return options.filter(\.1).map(\.0)
  }

  func write(
    _ saved: SavedRun, _ encoding: PairEncoding, prompt: String?, map: OutputFile?,
    team: ThreadTeam
  ) throws {
    try check(encoding, hasPrompt: prompt != nil)
    let writer = try PairWriter(
      saved, encoding, beam: beam ?? saved.settings.data.beam, team: team)
    guard let prompt else {
      var run = PredictionRun(
        writer.predictor, try PredictionSource(options: saved.settings.data).lines(),
        answers: AnswerText(saved.settings.kind), marksErrors: false)
      _ = try run.run(write: Terminal.write(data:))
      return
    }
    warnOfUnknown(encoding.unknownSymbols(in: prompt), unit: encoding.source.unit)
    let answer = try writer.answer(to: prompt)
    try Terminal.write(data: answer.text + "\n")
    if let map { try write(map, try writer.alignment(of: answer).svg) }
    if let neighbors, let data {
      let found = try writer.neighbors(
        of: prompt, most: neighbors, in: saved.task(at: URL(place: data.path)))
      for neighbor in found {
        let similarity = NumberFormat.fixed(Double(neighbor.similarity), decimals: 3)
        try Terminal.write(data: "\(similarity)  \(neighbor.text)\n")
      }
    }
  }

  func answer(
    _ saved: SavedRun, _ encoding: VisualQuestionEncoding, question: String?, map: OutputFile?,
    team: ThreadTeam
  ) throws {
    guard let question, let data, let image else {
      let missing = question == nil ? "--prompt" : data == nil ? "--data" : "--image"
      throw RNNError(
        .unsupported, missing, expected: "a question, images and which one", found: "none")
    }
    let answerer = try ImageAnswerer(
      saved, encoding, data: URL(place: data.path), team: team)
    warnOfUnknown(encoding.unknownWords(in: question), unit: .word)
    let item = try answerer.item(question, image: image)
    let answer = try answerer.answer(item)
    for line in answerer.lines(answer) { try Terminal.write(data: line + "\n") }
    if let map { try write(map, try answerer.map(answer, of: item).svg) }
  }

  /// Writes a figure and says so, where answers do not go.
  private func write(_ map: OutputFile, _ svg: String) throws {
    try map.write(svg)
    if !map.isStream { Terminal.warn("Wrote \(map.path.printable).") }
  }

  private func check(_ encoding: PairEncoding, hasPrompt: Bool) throws {
    for (name, isGiven) in [("--attention", attention != nil), ("--neighbors", neighbors != nil)]
    where isGiven && !hasPrompt {
      throw RNNError(.unsupported, name, expected: "one --prompt", found: "standard input")
    }
    if let neighbors {
      try require(neighbors >= 1, "--neighbors", "1 or more", "\(neighbors)")
      guard encoding.kind == .autoencode else {
        throw RNNError(
          .unsupported, "--neighbors", expected: "an auto-encoder", found: encoding.kind.rawValue)
      }
    }
    if image != nil {
      throw RNNError(
        .unsupported, "--image", expected: "a model of images", found: encoding.kind.rawValue)
    }
    guard (neighbors == nil) == (data == nil) else {
      throw RNNError(
        .unsupported, neighbors == nil ? "--data" : "--neighbors",
        expected: neighbors == nil ? "--neighbors as well" : "--data as well", found: "none")
    }
  }
}

/// One line that names symbols of a prompt without an id of their own, the first of them.
private func warnOfUnknown(_ symbols: [String], unit: TextUnit) {
  guard !symbols.isEmpty else { return }
  let shown = 8
  let names = symbols.prefix(shown).map(\.visible).joined(separator: ", ")
  let rest = symbols.count > shown ? " and \(symbols.count - shown) more" : ""
  Terminal.warn("--prompt: the model does not know the \(unit.rawValue)s \(names)\(rest)")
}

/// Writes tokens to standard output as they come.
private struct TextWriter {
  private let encoding: TextEncoding
  private var last = ""

  init(_ encoding: TextEncoding) { self.encoding = encoding }

  /// What a text begins with, as it was given.
  mutating func write(prompt: String) throws { try emit(prompt) }

  mutating func write(_ ids: [Int32]) throws {
    var text = encoding.decode(ids)
    if encoding.unit == .word, let end = last.utf8.last, !Self.space.contains(end), text != "\n" {
      text = " " + text
    }
    try emit(text)
  }

  mutating func finish() throws { if last.utf8.last != UInt8(ascii: "\n") { try emit("\n") } }

  /// What words need no blank after.
  private static let space = " \t\n\r".utf8

  private mutating func emit(_ text: String) throws {
    guard !text.isEmpty else { return }
    try Terminal.write(data: text)
    last = text
  }
}
