import ArgumentParser
import CLibrary
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// A saved model on data without answers.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer new data with a model that was saved by train.",
    discussion: """
      One answer for each input, in order, as they come: tags (tag), a class (classify), a \
      translation, tree or text (pairs), the perplexity of each line (lm), the notes expected \
      (music), an answer (vqa). Without --data it reads standard input.

      echo "flights from boston to denver" | rnnbench predict --model FILE
      rnnbench predict --model FILE --data new.conllu --output tagged.conllu
      rnnbench predict --model FILE --data new.txt --format json --probabilities --top 3
      """)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The model's file", valueName: "file"),
    completion: .file())
  var model: InputPath
  @OptionGroup var options: SettingOptions<PredictSource>
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write the answers there (default: standard output)", valueName: "file"),
    completion: .file())
  var output: OutputPath?

  func run() throws {
    let saved = try AnsweringFile(reading: model.path)
    let settings = try options.resolve { _ in PredictionSettings(saved.settings) }
    try options.printIfAsked(settings)
    let files = try CommandFiles(of: self, reading: options.inputs(settings))
    let output = files[output]
    let source = try settings.source.open(for: saved.encoding)
    var reading = settings.settings.data
    reading.scheme = source.scheme
    let predictor = try Predictor(
      saved.file, textGoesOn: settings.goesOn, options: reading,
      team: ThreadTeam.of(settings.threads))
    let reader = source.reader
    try settings.check(predictor.encoding, columns: reader.hasColumns)
    var run = PredictionRun(
      predictor, reader, answers: settings.answers, marksErrors: settings.onError == .mark)
    var summary = PredictionRun.Summary()
    if let output {
      try output.write { write in summary = try run.run(write: write) }
      if !output.isStream { Terminal.warn("Wrote \(output.path.printable).") }
    } else {
      summary = try run.run(write: Terminal.write(data:))
    }
    Terminal.warn(summary.sentence(token: predictor.encoding.tokenName))
  }
}

enum PredictSource: SettingSource {
  static var command: String { "predict" }
  static var standard: PredictionSettings {
    PredictionSettings(.standard(for: .tag, unit: nil, threads: ThreadTeam.shared.count))
  }
  static var settings: [Setting<PredictionSettings>] { PredictionSettings.declared }
  static var kind: TaskName? { nil }
}
