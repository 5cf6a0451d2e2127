import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// What a clipping threshold does to training.
struct Clip: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compare clipping thresholds: loss, success, diverged runs, gradient norms over time.",
    discussion: """
      Without --cells, --optimizer and a start it uses the setting in which clipping decides: an Elman \
      network with orthogonal start, trained by SGD with momentum.

      rnnbench clip --task temporal-order
      rnnbench clip --task adding --cells elman,lstm --thresholds none,0.1,1,10 --optimizer sgd --rate 0.05
      """)

  @OptionGroup var task: TaskOptionGroup
  @OptionGroup var training: TrainingOptions
  @OptionGroup var output: OutputOptions

  @Option(parsing: .unconditional, help: "Thresholds joined by commas; none is no clipping.")
  var thresholds = "none,0.1,1,10"

  @Option(parsing: .unconditional, help: "value, norm, layer-norm or norm-over-batch.")
  var mode: Clipping.Mode = .globalNorm

  func run() throws {
    let files = try output.files.open()
    let made = try task.make(.temporalOrder)
    let plan = try ClipStudy.plan(training, task: made, firstSeed: output.seed)
    var study = try ClipStudy(
      plan, cells: CellChoice.list(training.cells ?? "elman"), mode: mode,
      thresholds: ClipStudy.thresholds(thresholds, mode: mode))
    let team = try output.makeTeam()
    let machine = MachineRecord(team: team)
    try study.run(
      Runner(plan, team: team, peak: machine.peak, keepsBest: false), progress: ProgressReporter())

    let terminal = Terminal.standardOutput
    print(
      TextTable(study.table).rendered(width: terminal.width, style: terminal.style))
    for sentence in study.sentences { Terminal.print(sentence) }
    let json = study.json(machine)
    try files.write(
      json: json, csv: ResultRows.csv(study.results, clip: true),
      report: HTMLReport(
        title: "Clipping thresholds compared",
        subtitle: "\(plan.taskName.rawValue): \(plan.summary)",
        generator: MachineRecord.generator,
        sections: [study.section, machine.section(configuration: json)]))
  }
}

extension ClipStudy {
  /// What `clip` uses where the options are silent.
  static func plan(
    _ training: TrainingOptions, task: NamedTask, firstSeed: UInt64
  ) throws -> RunPlan {
    var settings = TaskSettings.standard(for: task.name, guessLoss: task.task.guessLoss)
    var training = training
    if training.step.optimizer == nil {
      settings.rate = 0.01
      training.step.optimizer = .momentum
    }
    var plan = try RunPlan(training, task: task, firstSeed: firstSeed, settings: settings)
    if training.model.initialization == nil, training.model.uniformStart == nil {
      plan.model.initialization = .orthogonal(gain: 1)
    }
    return plan
  }

  /// Reads "none,0.1,1"; every threshold is checked.
  static func thresholds(_ text: String, mode: Clipping.Mode) throws -> [Float?] {
    if mode == .none {
      throw RNNError(
        .unsupported, "--mode",
        expected: "a mode that clips: value, norm, layer-norm or norm-over-batch",
        found: "none")
    }
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let name = part.trimmingPrefix(while: \.isWhitespace)
      if name == "none" { return nil }
      guard let value = Float(name) else {
        throw RNNError(
          .format, "--thresholds", expected: "numbers or none, joined by commas", found: "'\(name)'"
        )
      }
      _ = try Clipping(mode, threshold: value)
      return value
    }
  }

  func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": "rnnbench/clip/1", "machine": machine.json, "configuration": configuration,
      "results": .array(results.map { ResultRows.json($0, clip: true) }),
      "suggestions": suggestions,
    ]
  }

  var configuration: JSONValue {
    let thresholds = choices.first.map { rows(of: $0).map(\.clipping.label) } ?? []
    return plan.json([
      ("cells", .array(choices.map { JSONValue($0.name) })),
      ("clipMode", JSONValue(mode.rawValue)),
      ("thresholds", .array(thresholds.map { .string($0) })),
    ])
  }

  var suggestions: JSONValue {
    .array(
      choices.map { choice in
        let suggestion = suggestion(for: choice)
        return [
          "cell": JSONValue(suggestion.cell), "threshold": JSONValue(suggestion.threshold),
          "reason": JSONValue(suggestion.reason), "norms": normAdvice(for: choice)?.json ?? .null,
        ]
      })
  }
}

extension NormAdvice {
  var json: JSONValue {
    [
      "threshold": JSONValue(threshold), "quantile90": JSONValue(quantile),
      "average": JSONValue(average), "low": JSONValue(band.lowerBound),
      "high": JSONValue(band.upperBound), "from": JSONValue(source),
    ]
  }
}
