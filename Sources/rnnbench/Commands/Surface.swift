import ArgumentParser
import CLibrary
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// Error surfaces with a cliff, and what clipping does on them.
struct Surface: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw an error surface with descents, clipped and not.",
    discussion: """
      rnnbench surface --report surface.html
      rnnbench surface --kind linear
      rnnbench surface --kind model --task temporal-order --cells irnn --updates 100
      rnnbench surface --kind model --plane 'weight_hh_l0[0],bias_hh_l0[0]' --x-range -2:2
      """)

  @OptionGroup var options: SurfaceOptions
  @OptionGroup var task: TaskOptionGroup
  @OptionGroup var training: TrainingOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let files = try output.files.open()
    try training.refuseManyRuns("surface")
    try options.checkUse()
    if options.kind != .model { try output.refuseSeed("--kind model, which is trained") }
    if options.kind != .model,
      let name = SurfaceOptions.modelOptions(task, training).first
    {
      throw RNNError(
        .unsupported, name, expected: "--kind model with it",
        found: "--kind \(options.kind.rawValue)")
    }
    switch options.kind {
    case .pascanu: try runPascanu(files)
    case .linear: try runLinear(files)
    case .model: try runModel(files)
    }
  }

  private func runPascanu(_ files: OutputFiles) throws {
    let surface = try OneUnitSurface(
      steps: SurfaceOptions.steps(task.length, standard: 50))
    let axes = (
      x: try options.axis(options.xRange, "--x-range", standard: 3...7),
      y: try options.axis(options.yRange, "--y-range", standard: -4...(-1))
    )
    let rules = try options.rules(rate: 0.3, steps: 60, thresholds: "none,1")
    let study = try SurfaceStudy(
      surface, subject: "one unit over \(surface.steps) steps", names: ("w", "b"), axes: axes,
      start: options.startPoint(standard: (5.5, -2.5)), rules: rules, progress: ProgressReporter())
    try show(
      study, configuration: [("steps", JSONValue(surface.steps))] + common(axes, rules),
      machine: MachineRecord(team: try output.makeTeam()), files)
  }

  private func runModel(_ files: OutputFiles) throws {
    let made = try task.make(.temporalOrder)
    let model = try ModelSurface(training, task: made, seed: output.seed)
    let standard = options.plane == "random" ? -1.0...1 : -2.0...2
    let axes = (
      x: try options.axis(options.xRange, "--x-range", standard: standard),
      y: try options.axis(options.yRange, "--y-range", standard: standard)
    )
    let corner = (
      u: axes.x.range.lowerBound + 0.75 * (axes.x.range.upperBound - axes.x.range.lowerBound),
      v: axes.y.range.lowerBound + 0.75 * (axes.y.range.upperBound - axes.y.range.lowerBound)
    )
    let start = try options.startPoint(standard: corner)
    // What is wrong with them shows before the training; what suits the surface is known after it.
    _ = try options.rules(rate: 1, steps: 30, thresholds: "none,1")
    let team = try output.makeTeam()
    let progress = ProgressReporter()
    let (surface, names) = try model.slice(
      plane: options.plane, team: team, progress: progress)
    let rules = try rules(
      norm: surface.point(start.u, start.v).gradientNorm,
      extent: axes.x.range.upperBound - axes.x.range.lowerBound)
    let study = try SurfaceStudy(
      surface, subject: model.subject, names: names, axes: axes, start: start, rules: rules,
      progress: progress)
    var plan = model.plan
    plan.budget.updates = model.updates
    let more = [
      ("plane", JSONValue(options.plane)), ("cell", JSONValue(model.choice.name)),
    ]
    try show(
      study, configuration: [("model", plan.json(more))] + common(axes, rules),
      machine: MachineRecord(team: team), files)
  }

  /// Descents that suit a gradient of this norm at the start: the first step crosses a twentieth of the range.
  private func rules(norm: Double, extent: Double) throws -> [DescentRule] {
    guard norm > 0, norm.isFinite, let half = Double((norm / 2).scientific(decimals: 0)) else {
      return try options.rules(rate: 1, steps: 30, thresholds: "none,1")
    }
    return try options.rules(
      rate: extent / (20 * norm), steps: 30, thresholds: "none,\(half)")
  }

  private func runLinear(_ files: OutputFiles) throws {
    let study = try LinearStudy(
      steps: SurfaceOptions.steps(task.length, standard: 1000), weights: options.weightList())
    let terminal = Terminal.standardOutput
    print(
      TextTable(study.table).rendered(width: terminal.width, style: terminal.style))
    Terminal.print(study.sentence)
    let machine = MachineRecord(team: try output.makeTeam())
    let json = document(
      machine,
      [("steps", JSONValue(study.chain.steps)), ("weights", try JSONValue(options.weightList()))],
      study.json)
    try files.write(
      json: json, csv: study.csv,
      report: HTMLReport(
        title: "Vanishing and exploding in one number", subtitle: study.table.title,
        generator: MachineRecord.generator,
        sections: [study.section, machine.section(configuration: json)]))
  }

  private func show(
    _ study: SurfaceStudy, configuration: [(key: String, value: JSONValue)],
    machine: MachineRecord, _ files: OutputFiles
  ) throws {
    let terminal = Terminal.standardOutput
    print(TerminalHeatMap(study.map).rendered(width: terminal.width, style: terminal.style))
    for sentence in study.sentences { Terminal.print(sentence) }
    let json = document(machine, configuration, study.json)
    try files.write(
      json: json, csv: study.csv,
      report: HTMLReport(
        title: "An error surface, and what clipping does on it", subtitle: study.subject,
        generator: MachineRecord.generator,
        sections: [study.section, machine.section(configuration: json)]))
  }

  private func document(
    _ machine: MachineRecord, _ configuration: [(key: String, value: JSONValue)],
    _ results: [(key: String, value: JSONValue)]
  ) -> JSONValue {
    .object(
      [
        ("schema", "rnnbench/surface/1"), ("machine", machine.json),
        (
          "configuration",
          .object(
            [("kind", JSONValue(options.kind.rawValue)), ("seed", JSONValue(output.seed))]
              + configuration)
        ),
      ] + results)
  }

  private func common(
    _ axes: (x: SurfaceAxis, y: SurfaceAxis), _ rules: [DescentRule]
  ) -> [(key: String, value: JSONValue)] {
    [
      ("grid", JSONValue(axes.x.count)),
      ("xRange", JSONValue([axes.x.range.lowerBound, axes.x.range.upperBound])),
      ("yRange", JSONValue([axes.y.range.lowerBound, axes.y.range.upperBound])),
      ("pathRate", JSONValue(rules[0].rate)), ("pathSteps", JSONValue(rules[0].steps)),
      ("thresholds", .array(rules.map { JSONValue($0.threshold) })),
    ]
  }
}
