import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

extension HeldOutPart: ExpressibleByArgument {}

/// A saved model on data.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model that was saved by train.",
    discussion: """
      Chunk F1 by type (tag), perplexity and bits per character (lm), accuracy with the confusions (classify), \
      negative log-likelihood per step (music), BLEU (translate, autoencode), bracket F1 (parse), exact matches \
      (transduce), accuracy by what is asked for (vqa).

      rnnbench evaluate --model tagger.safetensors --data DIR
      rnnbench evaluate --model shakespeare.safetensors --data TEXT --part validation
      """)

  @Option(parsing: .unconditional, help: ArgumentHelp("The model's file.", valueName: "file"))
  var model: String
  @OptionGroup var data: DataPlaceOptions
  @Option(parsing: .unconditional, help: "validation or test.") var part: HeldOutPart = .test
  @OptionGroup var output: OutputOptions

  func run() throws {
    let files = try output.files.open(beside: [("--model", model)] + data.place)
    try output.refuseSeed("none: a saved model's scores draw nothing")
    let saved = try SavedRun(reading: model)
    try data.checkUse(for: saved.settings.kind)
    var settings = saved.settings
    try data.apply(to: &settings.data)
    let task = try saved.task(at: data.url, settings.data)
    settings.threads = try output.makeTeam().count
    let learner = try settings.makeRun(task: task, team: output.makeTeam()).learner
    try learner.model.load(saved.file)
    guard let (loss, score) = try learner.score(part) else {
      throw RNNError(
        .empty, "--part", expected: "a part that the data have", found: part.rawValue)
    }
    let warning = try saved.lookAheadWarning(for: task)
    if let warning { Terminal.warn(warning) }
    let terminal = Terminal.standardOutput
    for table in score.tables(part: part.rawValue, loss: loss) {
      print(
        TextTable(table).rendered(width: terminal.width, style: terminal.style), terminator: "")
    }
    // Nothing here is a matter of speed: the peak is not measured.
    let machine = MachineRecord(threads: try output.makeTeam().count, peak: .nan)
    let json: JSONValue = [
      "schema": "rnnbench/evaluate/1", "machine": machine.json,
      "configuration": .object(settings.facts.map { ($0.name, JSONValue($0.value)) }),
      "part": JSONValue(part.rawValue), "examples": JSONValue(learner.count(of: part)),
      "score": score.json(loss: loss), "warning": JSONValue(warning),
    ]
    try files.write(
      json: json, csv: score.csv(loss: loss),
      report: HTMLReport(
        title: "A saved model on \(part.rawValue) data", subtitle: task.summary,
        generator: MachineRecord.generator,
        sections: [
          score.section(part: part.rawValue, loss: loss), machine.section(configuration: json),
        ]))
  }
}
