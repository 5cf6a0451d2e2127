import RNNCore
import RNNReport
import RNNTasks

extension PascanuStudy: ReproducedExperiment {
  package var heading: (title: String, subtitle: String) {
    ("On the difficulty of training recurrent networks, reproduced", title)
  }
  package var lines: [String] { [Self.published, ours] }

  /// What the paper says of its regularised runs; nothing else of it is quoted.
  package static let published =
    "Published (Pascanu, Mikolov and Bengio 2013): trained on lengths 50-200, 5 of 5 runs solve "
    + "the task, one of them without error up to length 5000; 50 units, rate 0.01, batch 20, clip "
    + "1, weight 4, up to 5,000,000 updates, success under 1 % error on 10,000 sequences."

  /// The same of the runs at hand.
  var ours: String {
    let parts = plan.methods.map { method in
      let solved = Proportion(
        runs.count { $0.setting.method == method && $0.isSolved },
        of: runs.count { $0.setting.method == method })
      return "\(method.name) \(solved.label)"
    }
    let lengths = plan.lengths.map(\.text).joined(separator: ", ")
    return
      "Here: lengths \(lengths), up to \(plan.updates) updates, \(plan.heldOut) held-out "
      + "sequences: "
      + parts.joined(separator: ", ") + " runs solve the task"
      + (runs.compactMap(\.reach).max().map { ", one without error up to length \($0)" } ?? "")
      + "; \(NumberFormat.duration(seconds)) in all."
  }

  private var title: String {
    "temporal order, Elman H \(PascanuPlan.hidden), sgd \(PascanuPlan.rate), batch "
      + "\(PascanuPlan.batch), clip \(PascanuPlan.threshold), Ω weight \(PascanuPlan.weight) "
      + "(\(plan.form.rawValue)), at most \(plan.updates) updates"
  }

  /// Successes by start and length, a column for each method.
  package var table: Table {
    var table = Table(
      title: title,
      columns: [.text("start"), .text("length")] + plan.methods.map { .number($0.name) }
        + plan.methods.map { .number("\($0.name) error", .detail) }
        + plan.methods.map { .number("\($0.name) updates", .useful) })
    for (start, lengths) in conditions {
      let cells = plan.methods.map { cell(start, lengths, $0) }
      table.append(
        [.init(start.rawValue), .init(lengths.text)]
          + cells.map { .init($0.success.label, value: $0.success.share) }
          + cells.map { .init(error($0)) }
          + cells.map { .init($0.updatesToSolve.map(String.init) ?? "-") })
    }
    return table
  }

  /// The mean over runs at their end.
  private func error(_ cell: Cell) -> String {
    NumberFormat.percent(Interval(cell.runs.map(\.error)).mean)
  }

  private var conditions: [(PascanuPlan.Start, ClosedRange<Int>)] {
    plan.starts.flatMap { start in plan.lengths.map { (start, $0) } }
  }

  /// A row for each start, length and method, with everything that was measured.
  private var details: Table {
    var table = Table(
      title: title,
      columns: [
        .text("start"), .text("length"), .text("method"), .number("success"), .number("95 %"),
        .number("updates to solve"), .number("error-free to"), .number("error"),
        .number("diverged"), .number("clipped"),
        .number("median norm"), .number("Ω"),
      ])
    for (start, lengths) in conditions {
      for method in plan.methods {
        let cell = cell(start, lengths, method)
        table.append([.init(start.rawValue), .init(lengths.text), .init(method.name)] + row(cell))
      }
    }
    return table
  }

  private func row(_ cell: Cell) -> [Table.Cell] {
    let interval = cell.success.interval
    let norms = cell.runs.compactMap { $0.clips.normQuantiles([0.5])?.first }
    let omegas = cell.runs.compactMap(\.omega)
    return [
      .init(cell.success.label),
      .init(
        NumberFormat.percent(interval.lowerBound, decimals: 0) + " to "
          + NumberFormat.percent(interval.upperBound, decimals: 0)),
      .init(cell.updatesToSolve.map(String.init) ?? "-"),
      .init(cell.reach.map(String.init) ?? "-"), .init(error(cell)),
      .init(Proportion(cell.runs.count(where: \.diverged), of: cell.runs.count).label),
      .init(
        cell.method == .sgd
          ? "-" : NumberFormat.percent(Interval(cell.runs.map(\.clips.clippedShare)).mean)),
      .init(NumberFormat.significant(norms.median ?? .nan, digits: 3)),
      .init(NumberFormat.significant(Interval(omegas).mean, digits: 3)),
    ]
  }

  package var section: ReportSection {
    ReportSection(
      "Who still learns when the sequences grow", answer: [ours],
      [
        .paragraph(
          "Two symbols have to be remembered in their order over ever more steps. Without clipping "
            + "one step over a cliff can undo a run; clipping keeps it on its way; Ω keeps "
            + "gradients from fading before they arrive."),
        .paragraph(Self.published),
      ] + plan.starts.map { .figure(figure($0)) } + [
        .table(details),
        .paragraph(
          "The interval is Wilson's for the probability of success. Updates to solve are the "
            + "median of the runs that succeed. Error-free to is the longest length, doubled up to "
            + "\(PascanuPlan.farthest), at which the best run answers "
            + "\(PascanuPlan.reachSequences) sequences rightly. Error and Ω are those at the end "
            + "of a run, norms and the share of clipped steps those of all its updates."),
      ])
  }

  private func figure(_ start: PascanuPlan.Start) -> ReportFigure {
    ReportFigure(
      chart: LineChart(
        title: "Success by length, \(start.rawValue)",
        description:
          "Share of runs that solve each length with each method, start \(start.rawValue).",
        xAxis: ChartAxis(title: "steps of a sequence", isWhole: true),
        yAxis: ChartAxis(title: "runs that succeed", range: 0...1),
        series: plan.methods.map { method in
          LineChart.Series(
            name: method.name,
            points: plan.lengths.sorted { $0.upperBound < $1.upperBound }.map { lengths in
              let success = cell(start, lengths, method).success
              return LineChart.Point(
                x: Double(lengths.upperBound), y: success.share,
                low: success.interval.lowerBound, high: success.interval.upperBound)
            }, hasMarkers: true)
        }),
      caption: "Share of \(plan.seeds.count) runs that succeed, from the start \(start.rawValue).",
      howToRead:
        "A curve that falls late is a method that carries far. The bands are 95 % intervals; few "
        + "runs leave them wide. A mixture of lengths stands at its longest.")
  }
}

// MARK: - Files

extension PascanuStudy {
  package func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": "rnnbench/reproduce-pascanu/1", "machine": machine.json,
      "configuration": configuration, "published": JSONValue(Self.published),
      "seconds": JSONValue(seconds), "summary": .array(summary),
      "results": .array(rows.map { .object($0) }),
    ]
  }

  package var csv: String { ResultRows.csv(rows) }

  private var configuration: JSONValue {
    [
      "task": "temporal-order", "hidden": JSONValue(PascanuPlan.hidden),
      "rate": JSONValue(PascanuPlan.rate), "batch": JSONValue(PascanuPlan.batch),
      "clip": JSONValue(PascanuPlan.threshold), "omegaWeight": JSONValue(PascanuPlan.weight),
      "omega": JSONValue(plan.form.rawValue), "updates": JSONValue(plan.updates),
      "heldOut": JSONValue(plan.heldOut), "allowedError": JSONValue(PascanuPlan.allowedError),
      "lengths": .array(plan.lengths.map { JSONValue($0.text) }),
      "init": .array(plan.starts.map { JSONValue($0.rawValue) }),
      "methods": .array(plan.methods.map { JSONValue($0.rawValue) }),
      "seeds": .array(plan.seeds.map { JSONValue($0) }), "dataSeed": JSONValue(plan.dataSeed),
    ]
  }

  private var summary: [JSONValue] {
    conditions.flatMap { start, lengths in
      plan.methods.map { method in
        let cell = cell(start, lengths, method)
        return [
          "init": JSONValue(start.rawValue), "length": JSONValue(lengths.text),
          "method": JSONValue(method.rawValue), "solved": JSONValue(cell.success.successes),
          "runs": JSONValue(cell.success.trials),
          "low95": JSONValue(cell.success.interval.lowerBound),
          "high95": JSONValue(cell.success.interval.upperBound),
          "updatesToSolve": cell.updatesToSolve.map { JSONValue($0) } ?? .null,
        ]
      }
    }
  }

  /// One run a row.
  private var rows: [[ResultRows.Field]] {
    runs.map { run in
      [
        ("init", JSONValue(run.setting.start.rawValue)),
        ("length", JSONValue(run.setting.lengths.text)),
        ("method", JSONValue(run.setting.method.rawValue)),
        ("seed", JSONValue(run.setting.seed)), ("solved", JSONValue(run.isSolved)),
        ("error", JSONValue(run.error)), ("updates", JSONValue(run.updates)),
        ("errorFreeTo", run.reach.map { JSONValue($0) } ?? .null),
        ("diverged", JSONValue(run.diverged)), ("seconds", JSONValue(run.seconds)),
        ("clippedShare", JSONValue(run.clips.clippedShare)),
        ("medianNorm", JSONValue(run.clips.normQuantiles([0.5])?.first)),
        ("nonFiniteSteps", JSONValue(run.clips.nonFiniteSteps)), ("omega", JSONValue(run.omega)),
      ]
    }
  }
}
