import RNNCore
import RNNReport
import RNNTasks

extension AddingStudy: ReproducedExperiment {
  package var heading: (title: String, subtitle: String) { (plan.title, settings) }

  private var settings: String {
    "H \(plan.hidden), adam \(plan.rate), batch \(plan.batch), clip \(plan.clip), at most "
      + "\(plan.updates) updates, \(seedText)"
  }

  private var seedText: String { "\(plan.seeds.count) seed\(plan.seeds.count == 1 ? "" : "s")" }

  private var countsSequences: Bool {
    if case .recentSequences = plan.success { true } else { false }
  }

  private var conditions: [(row: Int, length: Int)] {
    plan.lengths.flatMap { length in plan.rows.indices.map { (row: $0, length: length) } }
  }

  package var table: Table { countsSequences ? sequencesTable : errorTable }

  /// How long it took, and how well it was learned.
  private var sequencesTable: Table {
    var table = Table(
      title: "\(plan.title): \(settings)",
      columns: [
        .text("network"), .number("T"), .number("success"), .number("sequences, published"),
        .number("sequences, here"), .number("wrong of 2560, published"), .number("wrong, here"),
        .number("time a run", .useful),
      ])
    for (row, length) in conditions {
      let runs = runs(row: row, length: length)
      let solved = runs.filter(\.isSolved)
      let published = plan.published(length: length)
      table.append([
        .init(plan.rows[row].name), .init("\(length)"),
        .init(Proportion(solved.count, of: runs.count).label),
        .init(published.map { "\($0.sequences)" } ?? "-"),
        .init(Self.text(solved.map { Double($0.sequences) })),
        .init(published.map { "\($0.wrong)" } ?? "-"),
        .init(Self.text(runs.map { Double($0.wrong) })), time(runs),
      ])
    }
    return table
  }

  /// How far below the best blind guess each gets.
  private var errorTable: Table {
    var table = Table(
      title: "\(plan.title): \(settings)",
      columns: [
        .text("network"), .number("T"), .number("mean's error, published"),
        .number("test error, here"), .number("below half of it"), .number("solved"),
        .number("updates to solve", .useful), .number("time a run", .useful),
      ])
    for (row, length) in conditions {
      let runs = runs(row: row, length: length)
      let solved = runs.filter(\.isSolved)
      table.append([
        .init(plan.rows[row].name), .init("\(length)"), .init("\(AddingPlan.baseline) ?"),
        .init(Interval(runs.map(\.testError)).text(isShare: false)),
        .init(Proportion(runs.count(where: Self.isBelowHalf), of: runs.count).label),
        .init(Proportion(solved.count, of: runs.count).label),
        .init(Self.text(solved.map { Double($0.updates) })), time(runs),
      ])
    }
    return table
  }

  private static func isBelowHalf(_ run: AddingRun) -> Bool {
    run.testError < AddingPlan.baseline / 2
  }

  /// Whole numbers; a dash for none.
  private static func text(_ counts: [Double]) -> String {
    let interval = Interval(counts)
    guard interval.mean.isFinite else { return "-" }
    func number(_ count: Double) -> String { NumberFormat.fixed(count, decimals: 0) }
    return number(interval.mean) + (interval.halfWidth.map { " ± " + number($0) } ?? "")
      + NumberFormat.range(interval, number)
  }

  private func time(_ runs: [AddingRun]) -> Table.Cell {
    .init(NumberFormat.duration(Interval(runs.map(\.seconds)).mean))
  }

  package var lines: [String] {
    plan.notes + (countsSequences ? [] : [Published.legend]) + [
      "Here: means of \(seedText)\(Interval.legend(plan.seeds.count)); sequences and updates of "
        + "the runs that succeed; \(NumberFormat.duration(seconds)) in all."
    ]
  }

  // MARK: - Report

  package var section: ReportSection {
    ReportSection(
      "Published and here", answer: sentences,
      [.table(table)] + lines.map { .paragraph($0) } + plan.lengths.map { .figure(figure($0)) })
  }

  /// What each network solves.
  private var sentences: [String] {
    conditions.map { row, length in
      let runs = runs(row: row, length: length)
      let solved = runs.filter(\.isSolved)
      return
        "\(plan.rows[row].name), T \(length): "
        + (countsSequences
          ? "" : "test error \(Interval(runs.map(\.testError)).text(isShare: false)); ")
        + "\(solved.count) of \(runs.count) runs solve it"
        + (solved.isEmpty
          ? "." : ", after \(Self.text(solved.map { Double($0.sequences) })) sequences.")
    }
  }

  private func figure(_ length: Int) -> ReportFigure {
    ReportFigure(
      chart: LineChart(
        title: "Validation error, T \(length)",
        description: "Mean squared error on the validation data by updates, T \(length).",
        xAxis: ChartAxis(title: "updates", isWhole: true),
        yAxis: ChartAxis(title: "mean squared error", scale: .log10),
        series: plan.rows.indices.map { row in curve(runs(row: row, length: length), row: row) },
        references: [guess]),
      caption: "Mean squared error on validation data, T \(length): the median of \(seedText).",
      howToRead:
        "The bands reach from the lowest to the highest run; a run that ended keeps its last "
        + "error. At the level line a network has learned nothing but the mean.")
  }

  private var guess: LineChart.Reference {
    countsSequences
      ? .init(
        direction: .horizontal, value: AddingTarget.hochreiter.variance,
        label: "variance of the target")
      : .init(direction: .horizontal, value: AddingPlan.baseline, label: "published baseline")
  }

  private func curve(_ runs: [AddingRun], row: Int) -> LineChart.Series {
    let updates = Set(runs.flatMap(\.looks).map(\.updates)).sorted()
    return LineChart.Series(
      name: plan.rows[row].name,
      points: updates.map { update in
        LineChart.Point(
          x: Double(update),
          median: runs.compactMap { run in
            (run.looks.last { $0.updates <= update } ?? run.looks.first)?.error
          })
      })
  }
}

// MARK: - Files

extension AddingStudy {
  package func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": JSONValue("rnnbench/reproduce-\(plan.name)/1"), "machine": machine.json,
      "configuration": configuration, "notes": .array(plan.notes.map { JSONValue($0) }),
      "seconds": JSONValue(seconds), "summary": .array(summary),
      "results": .array(
        runs.map { .object(fields(of: $0) + [("looks", .array($0.looks.map(Self.json)))]) }),
    ]
  }

  package var csv: String { ResultRows.csv(runs.map(fields)) }

  private var configuration: JSONValue {
    [
      "task": "adding", "target": JSONValue(plan.target.rawValue),
      "cells": .array(plan.rows.map { JSONValue($0.cell.description) }),
      "lengths": .array(plan.lengths.map { JSONValue(plan.range($0).text) }),
      "hidden": JSONValue(plan.hidden), "optimizer": "adam", "rate": JSONValue(plan.rate),
      "batch": JSONValue(plan.batch), "clip": JSONValue(plan.clip),
      "updates": JSONValue(plan.updates), "testSequences": JSONValue(plan.heldOut.test),
      "seeds": .array(plan.seeds.map { JSONValue($0) }), "dataSeed": JSONValue(plan.dataSeed),
    ]
  }

  private var summary: [JSONValue] {
    conditions.map { row, length in
      let runs = runs(row: row, length: length)
      let published = plan.published(length: length)
      let solved = runs.filter(\.isSolved)
      return [
        "network": JSONValue(plan.rows[row].name), "length": JSONValue(length),
        "solved": JSONValue(solved.count), "runs": JSONValue(runs.count),
        "sequences": JSONValue(Interval(solved.map { Double($0.sequences) })),
        "publishedSequences": published.map { JSONValue($0.sequences) } ?? .null,
        "wrong": JSONValue(Interval(runs.map { Double($0.wrong) })),
        "publishedWrong": published.map { JSONValue($0.wrong) } ?? .null,
        "testError": JSONValue(Interval(runs.map(\.testError))),
        "publishedBaseline": countsSequences ? .null : JSONValue(AddingPlan.baseline),
        "belowHalf": JSONValue(runs.count(where: Self.isBelowHalf)),
      ]
    }
  }

  private func fields(of run: AddingRun) -> [ResultRows.Field] {
    [
      ("network", JSONValue(plan.rows[run.setting.row].name)),
      ("length", JSONValue(run.setting.length)), ("seed", JSONValue(run.setting.seed)),
      ("solved", JSONValue(run.isSolved)), ("updates", JSONValue(run.updates)),
      ("sequences", JSONValue(run.sequences)), ("testError", JSONValue(run.testError)),
      ("wrong", JSONValue(run.wrong)), ("seconds", JSONValue(run.seconds)),
      ("nonFiniteSteps", JSONValue(run.nonFiniteSteps)),
    ]
  }

  private static func json(_ look: AddingRun.Look) -> JSONValue {
    ["updates": JSONValue(look.updates), "error": JSONValue(look.error)]
  }
}
