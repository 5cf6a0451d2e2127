import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// How fast the engine is on a list of shapes, and how near the machine's peak.
struct Throughput: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the engine on shapes: seconds a pass, GFLOP/s, share of the sgemm peak.",
    discussion: """
      rnnbench throughput
      rnnbench throughput --preset published --cells lstm --passes train,inference --threads 1,2
      rnnbench throughput --products packed,openblas --passes train
      rnnbench throughput --shapes FILE.csv --csv results.csv
      rnnbench throughput --scaling --report scaling.html
      """)

  @OptionGroup var options: SettingOptions<ThroughputSource>
  @OptionGroup var files: FileOptions

  func run() throws {
    let settings = try options.resolve()
    try options.printIfAsked(settings)
    let files = try CommandFiles(of: self, reading: options.inputs(settings)).results
    try ThroughputMeasurement(settings: settings).run(files)
  }
}

enum ThroughputSource: SettingSource {
  static var command: String { "throughput" }
  static var standard: ThroughputSettings { ThroughputSettings() }
  static var settings: [Setting<ThroughputSettings>] { ThroughputSettings.settings }
  static var kind: TaskName? { nil }
}

/// What is measured, shown and written.
private struct ThroughputMeasurement {
  let settings: ThroughputSettings

  func run(_ files: OutputFiles) throws {
    let threads = try settings.threadCounts()
    let peaks = try settings.givenPeaks(threads: threads)
    var runner = ThroughputRunner(
      seconds: settings.seconds, seed: settings.seed, gap: settings.gap / 1e3, peaks: peaks)
    let outcome =
      try settings.scaling
      ? measureScaling(&runner, threads: threads) : measureList(&runner, threads: threads)

    let machine = MachineRecord(
      threads: outcome.threads, peak: try runner.peak(outcome.threads))
    let configuration = try configuration(outcome, runner: runner, given: peaks)
    let json: JSONValue = .object(
      [
        ("schema", "rnnbench/throughput/1"), ("machine", machine.json),
        ("configuration", configuration), ("rows", ThroughputRows.json(outcome.results)),
      ] + outcome.more)
    Terminal.show(outcome.table)
    try files.write(
      json: json, csv: ThroughputRows.csv(outcome.results),
      report: HTMLReport(
        title: settings.scaling ? "Scaling of the engine" : "Throughput of the engine",
        subtitle: outcome.table.title, generator: MachineRecord.generator,
        sections: [outcome.section, machine.section(configuration: json)]))
  }

  /// What a list and a scaling study have in common once they are measured.
  private struct Outcome {
    var source: String
    var cells: [CellKind]
    var passes: [ThroughputPass]
    /// Of the machine record: the most threads of any row that was asked for.
    var threads: Int
    var results: [ThroughputResult]
    var table: Table
    var section: ReportSection
    var more: [(key: String, value: JSONValue)] = []
  }

  private func measureList(
    _ runner: inout ThroughputRunner, threads: [Int]
  ) throws -> Outcome {
    let cells = try settings.cellKinds(default: [.lstm(), .gru(), .elman(.tanh)])
    let passes = try settings.passKinds(default: ThroughputPass.standard)
    let (source, shapes) = try shapes(cells)
    var study = try ThroughputStudy(
      source: source, shapes: shapes, cells: cells, passes: passes, threads: threads,
      products: settings.productBackends())
    try study.checkStreams()
    try study.checkMemory()
    for count in threads {
      for products in try settings.productBackends() { _ = try runner.team(count, products) }
    }
    try study.run(&runner, progress: ProgressReporter())
    return Outcome(
      source: source, cells: cells, passes: passes, threads: threads.max() ?? 1,
      results: study.results, table: study.terminalTable, section: study.section)
  }

  /// Of a preset with cells of its own only those of `--cells`, if that is given.
  private func shapes(_ cells: [CellKind]) throws -> (source: String, shapes: [BenchmarkShape]) {
    if let path = settings.shapes {
      let shapes = try ShapeFile(reading: path).shapes
      if settings.cells != nil, shapes.allSatisfy({ $0.cell != nil }) {
        throw RNNError(
          .unsupported, "--cells", expected: "shapes that name no cell", found: "cells of all")
      }
      return (path, shapes)
    }
    let preset = settings.preset
    let shapes = preset.shapes.filter { shape in
      settings.cells == nil || shape.cell.map(cells.contains) ?? true
    }
    guard !shapes.isEmpty else {
      throw RNNError(
        .empty, "--cells", expected: "a cell that preset \(preset.rawValue) has shapes for",
        found: cells.map(\.description).joined(separator: ","))
    }
    return ("preset \(preset.rawValue)", shapes)
  }

  private func measureScaling(
    _ runner: inout ThroughputRunner, threads: [Int]
  ) throws -> Outcome {
    guard threads.count == 1 else {
      throw RNNError(
        .unsupported, "--threads", expected: "one number with --scaling",
        found: "\(threads.count)")
    }
    let cells = try settings.cellKinds(default: [.lstm()])
    let passes = try settings.passKinds(default: [.train])
    var study = ScalingStudy(cells: cells, passes: passes, threads: threads[0])
    try study.run(
      &runner, cores: availableCores(), progress: ProgressReporter())
    return Outcome(
      source: "scaling", cells: cells, passes: passes, threads: threads[0],
      results: study.results, table: study.table, section: study.section,
      more: [("scaling", study.exponents)])
  }

  private func configuration(
    _ outcome: Outcome, runner: ThroughputRunner, given: [Int: Double]
  ) throws -> JSONValue {
    let peaks = runner.peaks.sorted { $0.key < $1.key }.map { threads, gflops -> JSONValue in
      [
        "threads": JSONValue(threads), "gflops": JSONValue(gflops),
        "isGiven": JSONValue(given[threads] != nil),
      ]
    }
    return [
      "source": JSONValue(outcome.source),
      "cells": .array(outcome.cells.map { JSONValue("\($0)") }),
      "passes": .array(outcome.passes.map { JSONValue($0.rawValue) }),
      "products": .array(try settings.productBackends().map { JSONValue($0.rawValue) }),
      "gap": JSONValue(settings.gap), "seconds": JSONValue(settings.seconds),
      "seed": JSONValue(settings.seed),
      "peaks": .array(peaks),
    ]
  }
}
