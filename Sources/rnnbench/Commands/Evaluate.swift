import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// A saved model on data.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model that was saved by train.",
    discussion: """
      Chunk F1 by type or accuracy of labels, and of intents (tag), perplexity and bits per \
      character (lm), accuracy with the confusions (classify), negative log-likelihood per step \
      (music), BLEU (translate, autoencode), bracket F1 (parse), exact matches (transduce), \
      accuracy by what is asked for (vqa).

      All of a file is scored, and of a folder the part that --part names.

      rnnbench evaluate --model tagger.safetensors --data DIR
      rnnbench evaluate --model shakespeare.safetensors --data new.txt --predictions answers.tsv
      """)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The model's file", valueName: "file"),
    completion: .file())
  var model: InputPath
  @OptionGroup var options: SettingOptions<EvaluationSource>
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write each answer beside its reference (default: none)", valueName: "file"),
    completion: .file())
  var predictions: OutputPath?
  @OptionGroup var files: FileOptions

  func run() throws {
    let saved = try AnsweringFile(reading: model.path)
    let request = try options.resolve { _ in EvaluationRequest(saved.settings) }
    try options.printIfAsked(request)
    let files = try CommandFiles(of: self, reading: options.inputs(request))
    let answers = files[predictions]
    let (part, url) = (request.part, request.url)
    try DataPlace.check(url, for: saved.settings.kind)
    try DataPlace.checkColumns(options.given.names, in: url)
    var settings = request.settings
    let team = try ThreadTeam.of(request.threads)
    settings.threads = team.count
    let evaluation = try Evaluation(
      saved, at: url, part: part, settings.data, keepsPredictions: answers != nil, team: team)
    let (loss, score) = (evaluation.loss, evaluation.score)
    let warning = evaluation.warning
    if let warning { Terminal.warn(warning) }
    for table in score.tables(part: part.rawValue, loss: loss) { Terminal.show(table) }
    Terminal.print(evaluation.scope)
    // Nothing here is a matter of speed: the peak is not measured.
    let machine = MachineRecord(threads: team.count, peak: .nan)
    let json: JSONValue = [
      "schema": "rnnbench/evaluate/1", "machine": machine.json,
      "configuration": settings.configuration(),
      "part": JSONValue(part.rawValue), "examples": JSONValue(evaluation.examples),
      "scope": JSONValue(evaluation.scope),
      "score": score.json(loss: loss), "warning": JSONValue(warning),
    ]
    try files.results.write(
      beside: answers.map { [($0, evaluation.predictions)] } ?? [],
      json: json, csv: score.csv(loss: loss),
      report: HTMLReport(
        title: "A saved model on \(part.rawValue) data", subtitle: evaluation.scope,
        generator: MachineRecord.generator,
        sections: [
          score.section(part: part.rawValue, loss: loss), machine.section(configuration: json),
        ]))
  }
}

enum EvaluationSource: SettingSource {
  static var command: String { "evaluate" }
  static var standard: EvaluationRequest {
    EvaluationRequest(.standard(for: .tag, unit: nil, threads: ThreadTeam.shared.count))
  }
  static var settings: [Setting<EvaluationRequest>] { EvaluationRequest.declared }
  static var kind: TaskName? { nil }
}
