import RNNCore
import RNNReport

extension SurfaceStudy {
  package var map: HeatMap {
    HeatMap(
      title: "Error surface: \(subject)",
      description: "The error over \(xName) and \(yName), with a descent for each threshold.",
      x: .numbers(xName, grid.u.range), y: .numbers(yName, grid.v.range), values: grid.rows,
      colors: .init(title: "error", scale: isWide ? .log10 : .linear), paths: lines)
  }

  /// A loss that spans decades needs a logarithm; an error that touches zero must not have one.
  private var isWide: Bool {
    guard let range = grid.range, range.lowerBound > 0 else { return false }
    return range.upperBound > 100 * range.lowerBound && range.lowerBound > 1e-3
  }

  private var lines: [HeatMap.Path] {
    paths.map { path in
      HeatMap.Path(
        name: name(of: path), points: path.points.map { ($0.u, $0.v) },
        symbol: path.threshold == nil ? "o" : "+")
    }
  }

  package func name(of path: DescentPath) -> String {
    path.threshold.map { "clipped at \(short($0))" } ?? "not clipped"
  }

  // MARK: - Sentences

  /// The cliff, then what each path did.
  package var sentences: [String] { [cliffSentence].compactMap { $0 } + paths.map(sentence) }

  private var cliffSentence: String? {
    guard let cliff = grid.cliff, cliff.height > 0, let steepest else { return nil }
    return
      "The steepest place: from \(place(cliff.foot)) to its neighbour \(place(cliff.top)) the "
      + "error rises from \(number(cliff.low)) to \(number(cliff.high)); the largest gradient norm "
      + "found between them is \(number(steepest.gradientNorm))."
  }

  private func sentence(of path: DescentPath) -> String {
    let (first, last) = (path.points[0], path.points[path.points.count - 1])
    let head = name(of: path).asSentence.dropLast()
    let largest = path.points.dropLast().map(\.gradientNorm).max() ?? 0
    var text =
      "\(head): from error \(number(first.value)), the largest gradient norm was \(number(largest))"
    if let longest = path.longestStep {
      text += ", the longest step \(number(longest.length)) (step \(longest.index + 1))"
    }
    let clipped = path.wasClipped.count { $0 }
    if path.threshold != nil {
      text += ", \(clipped) of \(path.wasClipped.count) steps were clipped"
    }
    switch path.end {
    case .steps:
      return text
        + "; after \(path.wasClipped.count) steps it is at \(place((last.u, last.v))), error "
        + "\(number(last.value))."
    case .left:
      return text
        + "; step \(path.wasClipped.count) left the region for \(place((last.u, last.v)))."
    case .nonFinite:
      return text + "; step \(path.wasClipped.count) met an error that is not finite."
    }
  }

  private func place(_ point: (u: Double, v: Double)) -> String {
    "(\(number(point.u)), \(number(point.v)))"
  }

  private func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 3) }

  private func short(_ value: Double) -> String {
    if value >= 1e6 { return NumberFormat.significant(value, digits: 1) }
    return value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  // MARK: - Report and files

  package var section: ReportSection {
    let guide =
      "Light is a large error. Each dot is a step of gradient descent from the same start at the "
      + "same rate; the lines part where a gradient is clipped, and a long jump away from the edge "
      + "is what clipping prevents."
    return ReportSection(
      "Error surface: \(subject)", answer: sentences,
      [
        .figure(
          ReportFigure(
            chart: map, caption: "Error by \(xName) (across) and \(yName) (up), with descents.",
            howToRead: guide)),
        .figure(
          ReportFigure(
            chart: norms, caption: "The gradient's norm at each step of the descents.",
            howToRead:
              "A peak is a step on the cliff; where the curve ends early, the path left the region."
          )),
      ])
  }

  private var norms: LineChart {
    LineChart(
      title: "Gradient norm by step", description: "The norm of the gradient along each descent.",
      xAxis: ChartAxis(title: "step", isWhole: true),
      yAxis: ChartAxis(title: "gradient norm", scale: .log10),
      series: paths.map { path in
        LineChart.Series(
          name: name(of: path),
          points: path.points.enumerated().map { .init(x: Double($0), y: $1.gradientNorm) })
      })
  }

  package var json: [(key: String, value: JSONValue)] {
    [
      (
        "results",
        [
          "x": JSONValue(grid.u.values), "y": JSONValue(grid.v.values),
          "error": .array(grid.rows.map { JSONValue($0) }),
        ]
      ),
      ("cliff", cliffJSON), ("paths", .array(paths.map(json(of:)))),
      ("sentences", .array(sentences.map { .string($0) })),
    ]
  }

  private var cliffJSON: JSONValue {
    guard let cliff = grid.cliff else { return .null }
    return [
      "foot": JSONValue([cliff.foot.u, cliff.foot.v]),
      "top": JSONValue([cliff.top.u, cliff.top.v]),
      "low": JSONValue(cliff.low), "high": JSONValue(cliff.high),
      "steepest": JSONValue(steepest.map { [$0.u, $0.v] } ?? []),
      "gradientNorm": JSONValue(steepest?.gradientNorm),
    ]
  }

  private func json(of path: DescentPath) -> JSONValue {
    [
      "threshold": JSONValue(path.threshold), "end": JSONValue(path.end.rawValue),
      "x": JSONValue(path.points.map(\.u)), "y": JSONValue(path.points.map(\.v)),
      "error": JSONValue(path.points.map(\.value)),
      "gradientNorm": JSONValue(path.points.map(\.gradientNorm)),
      "wasClipped": .array(path.wasClipped.map { JSONValue($0) }),
    ]
  }

  /// One line a grid point, then one a step of each path.
  package var csv: String {
    var csv = CSVWriter(columns: ["series", "step", "x", "y", "error", "gradientNorm"])
    for (row, values) in grid.rows.enumerated() {
      for (column, value) in values.enumerated() {
        csv.append(
          ["grid", ""] + [grid.u[column], grid.v[row], value].map { CSVWriter.field($0) } + [""])
      }
    }
    for path in paths {
      for (step, point) in path.points.enumerated() {
        csv.append(
          [name(of: path), "\(step)"]
            + [point.u, point.v, point.value, point.gradientNorm].map { CSVWriter.field($0) })
      }
    }
    return csv.text
  }
}
