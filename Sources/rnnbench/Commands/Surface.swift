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
      rnnbench surface linear
      rnnbench surface temporal-order --cell irnn --updates 100
      rnnbench surface temporal-order --plane 'weight_hh_l0[0],bias_hh_l0[0]' --x-range -2:2
      """,
    subcommands: [DrawSurface<Pascanu>.self, DrawSurface<Linear>.self]
      + TaskKinds.compared.map { $0.surface },
    defaultSubcommand: DrawSurface<Pascanu>.self)
}

/// A surface as a type.
protocol SurfaceSubject {
  static var kind: SurfaceKind { get }
  static var abstract: String { get }
}

enum Pascanu: SurfaceSubject {
  static var kind: SurfaceKind { .pascanu }
  static var abstract: String { "Pascanu's network of one unit over (w, b)." }
}

enum Linear: SurfaceSubject {
  static var kind: SurfaceKind { .linear }
  static var abstract: String { "w^(T-1): the linear unit of a first lecture." }
}

enum ModelOf<Task: ComparedKind>: SurfaceSubject {
  static var kind: SurfaceKind { .model(Task.name) }
  static var abstract: String { "A model of the task: " + Task.name.abstract }
}

extension ComparedKind {
  static var surface: any ParsableCommand.Type { DrawSurface<ModelOf<Self>>.self }
}

enum SurfaceSource<Subject: SurfaceSubject>: SettingSource {
  static var command: String { "surface \(Subject.kind.commandName)" }
  static var standard: SurfaceSettings { .standard(Subject.kind) }
  static var settings: [Setting<SurfaceSettings>] { SurfaceSettings.settings(of: Subject.kind) }
}

extension SurfaceKind {
  /// Of its subcommand.
  var commandName: String { if case .model(let task) = self { task.rawValue } else { name } }
}

/// One surface.
struct DrawSurface<Subject: SurfaceSubject>: ParsableCommand {
  static var configuration: CommandConfiguration {
    let task: TaskName? = if case .model(let task) = Subject.kind { task } else { nil }
    return CommandConfiguration(
      commandName: Subject.kind.commandName, abstract: Subject.abstract,
      aliases: task?.aliases ?? [])
  }

  @OptionGroup var options: SettingOptions<SurfaceSource<Subject>>
  @OptionGroup var files: FileOptions

  func run() throws {
    let settings = try options.resolve()
    try options.printIfAsked(settings)
    let files = try CommandFiles(of: self, reading: options.inputs(settings)).results
    let drawing = SurfaceDrawing(settings: settings, files: files)
    switch Subject.kind {
    case .pascanu: try drawing.drawPascanu()
    case .linear: try drawing.drawLinear()
    case .model: try drawing.drawModel()
    }
  }
}

/// A surface that is made, shown and written.
private struct SurfaceDrawing {
  let settings: SurfaceSettings
  let files: OutputFiles
  /// Of what one thread draws, where nothing is a matter of speed.
  private static var machine: MachineRecord { MachineRecord(threads: 1, peak: .nan) }

  func drawPascanu() throws {
    let surface = try OneUnitSurface(steps: settings.steps)
    let axes = try settings.axes(x: 3...7, y: -4...(-1))
    let rules = try settings.rules(rate: 0.3, thresholds: "none,1")
    let study = try SurfaceStudy(
      surface, subject: "one unit over \(surface.steps) steps", names: ("w", "b"), axes: axes,
      start: settings.startPoint(standard: (5.5, -2.5)), rules: rules, progress: ProgressReporter())
    try show(study, axes, rules, machine: Self.machine)
  }

  func drawModel() throws {
    let model = try ModelSurface(RunPlan(settings.study))
    let standard = settings.plane == "random" ? -1.0...1 : -2.0...2
    let axes = try settings.axes(x: standard, y: standard)
    let corner = (
      u: axes.x.range.lowerBound + 0.75 * (axes.x.range.upperBound - axes.x.range.lowerBound),
      v: axes.y.range.lowerBound + 0.75 * (axes.y.range.upperBound - axes.y.range.lowerBound)
    )
    let start = try settings.startPoint(standard: corner)
    // What is wrong with them shows before the training; what suits the surface is known after it.
    _ = try settings.rules(rate: 1, thresholds: "none,1")
    let team = try ThreadTeam.of(settings.study.threads)
    let progress = ProgressReporter()
    let (surface, names) = try model.slice(
      plane: settings.plane, team: team, progress: progress)
    let rules = try rules(
      norm: surface.point(start.u, start.v).gradientNorm,
      extent: axes.x.range.upperBound - axes.x.range.lowerBound)
    let study = try SurfaceStudy(
      surface, subject: model.subject, names: names, axes: axes, start: start, rules: rules,
      progress: progress)
    try show(study, axes, rules, machine: MachineRecord(team: team))
  }

  /// Descents that suit a gradient of this norm at the start: the first step crosses a twentieth of
  /// the range.
  private func rules(norm: Double, extent: Double) throws -> [DescentRule] {
    guard norm > 0, norm.isFinite, let half = Double((norm / 2).scientific(decimals: 0)) else {
      return try settings.rules(rate: 1, thresholds: "none,1")
    }
    return try settings.rules(rate: extent / (20 * norm), thresholds: "none,\(half)")
  }

  func drawLinear() throws {
    let study = try LinearStudy(steps: settings.steps, weights: settings.weightList())
    Terminal.show(study.table, terminator: "\n")
    Terminal.print(study.sentence)
    let machine = Self.machine
    let json = document(machine, [], study.json)
    try files.write(
      json: json, csv: study.csv,
      report: HTMLReport(
        title: "Vanishing and exploding in one number", subtitle: study.table.title,
        generator: MachineRecord.generator,
        sections: [study.section, machine.section(configuration: json)]))
  }

  private func show(
    _ study: SurfaceStudy, _ axes: (x: SurfaceAxis, y: SurfaceAxis), _ rules: [DescentRule],
    machine: MachineRecord
  ) throws {
    Terminal.show(study.map)
    for sentence in study.sentences { Terminal.print(sentence) }
    let drawn: [(key: String, value: JSONValue)] = [
      ("xRange", JSONValue([axes.x.range.lowerBound, axes.x.range.upperBound])),
      ("yRange", JSONValue([axes.y.range.lowerBound, axes.y.range.upperBound])),
      ("pathRate", JSONValue(rules[0].rate)),
      ("thresholds", .array(rules.map { JSONValue($0.threshold) })),
    ]
    let json = document(machine, drawn, study.json)
    try files.write(
      json: json, csv: study.csv,
      report: HTMLReport(
        title: "An error surface, and what clipping does on it", subtitle: study.subject,
        generator: MachineRecord.generator,
        sections: [study.section, machine.section(configuration: json)]))
  }

  /// - Parameter drawn: what was drawn where the settings left it open.
  private func document(
    _ machine: MachineRecord, _ drawn: [(key: String, value: JSONValue)],
    _ results: [(key: String, value: JSONValue)]
  ) -> JSONValue {
    let names = Set(drawn.map(\.key))
    var configuration: [(key: String, value: JSONValue)] = [
      ("kind", JSONValue(settings.surface.name))
    ]
    if case .model(let task) = settings.surface {
      configuration.append(("task", .string(task.rawValue)))
    }
    configuration += SurfaceSettings.settings(of: settings.surface).json(of: settings)
      .filter { !names.contains($0.key) }
    return .object(
      [
        ("schema", "rnnbench/surface/1"), ("machine", machine.json),
        ("configuration", .object(configuration + drawn)),
      ] + results)
  }
}
