import RNNCore
import RNNReport

extension CellTrace {
  /// Whole numbers as such, others with four digits.
  package static func text(of value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6
      ? NumberFormat.fixed(value, decimals: 0) : NumberFormat.significant(value)
  }

  /// Units that get a table of their own; the files hold all.
  static let mostUnits = 8
  /// Inputs that get a column.
  private static let mostInputs = 6

  /// The steps of one unit. Terminals that are narrow lose the preactivations first.
  package func table(unit: Int, title: String) -> Table {
    let inputNames = inputs[0].indices.prefix(Self.mostInputs).map { "x\($0 + 1)" }
    let shown = quantities.filter { unit < $0.values[0].count }
    var table = Table(
      title: title,
      columns: [.text("step")] + inputNames.map { .number($0, .useful) }
        + shown.map { .number($0.symbol, $0.symbol.hasPrefix("a_") ? .detail : .essential) })
    table.isSeries = true
    for step in inputs.indices {
      table.append(
        [.init("\(step + 1)")]
          + inputNames.indices.map { .init(Self.text(of: inputs[step][$0])) }
          + shown.map { .init(Self.text(of: $0.values[step][unit]), value: $0.values[step][unit]) })
    }
    return table
  }

  /// What is between 0 and 1, or the states of many units, as colours.
  package var map: HeatMap {
    let steps = (1...stepCount).map { "\($0)" }
    let gates = quantities.filter { "iforz".contains($0.symbol) }
    if unitCount == 1, !gates.isEmpty {
      return HeatMap(
        title: "Gates", description: "The value of each gate at each step.",
        x: .labels("step", steps), y: .labels("gate", gates.map(\.symbol)),
        values: gates.map { $0.values.map { $0[0] } },
        colors: .init(title: "gate: 0 shut, 1 open", range: 0...1))
    }
    let states = self[cell.stateSymbol] ?? []
    let width = states.first?.count ?? 0
    return HeatMap(
      title: "States", description: "The state of each unit at each step.",
      x: .labels("step", steps), y: .labels("unit", (1...max(1, width)).map { "\($0)" }),
      values: (0..<width).map { unit in states.map { $0[unit] } },
      colors: .init(title: "state \(cell.stateSymbol)"))
  }
}

extension WorkedExample {
  package var tables: [Table] {
    let count = trace.unitCount
    return (0..<min(count, CellTrace.mostUnits)).map { unit in
      trace.table(unit: unit, title: count == 1 ? "Step by step" : "Unit \(unit + 1) of \(count)")
    }
  }

  private var remarks: [String] { sentences + [omission, conclusion].compactMap { $0 } }

  /// Said where not all units have a table.
  private var omission: String? {
    trace.unitCount > CellTrace.mostUnits
      ? "The tables show \(CellTrace.mostUnits) of \(trace.unitCount) units; JSON and CSV hold all."
      : nil
  }

  package var section: ReportSection {
    let figure = ReportFigure(
      chart: trace.map, caption: "\(trace.map.description)",
      howToRead: "Each column is a step; the lighter a cell, the larger the value.")
    return ReportSection(
      title, answer: [conclusion].compactMap { $0 },
      introduction.map { .paragraph($0) } + tables.map { .table($0) }
        + (sentences + [omission].compactMap { $0 }).map { .paragraph($0) } + [.figure(figure)])
  }

  package func text(for terminal: Terminal) -> String {
    let style = terminal.style
    func lines(_ sentences: [String]) -> String {
      sentences.map { terminal.fitted($0) + "\n" }.joined()
    }
    var blocks = [style.bold(terminal.fitted(title.printable)) + "\n" + lines(introduction)]
    blocks += tables.map { TextTable($0).rendered(width: terminal.width, style: style) }
    if !remarks.isEmpty { blocks.append(lines(remarks)) }
    return blocks.joined(separator: "\n")
  }

  package var json: JSONValue {
    func rows(_ values: [[Double]]) -> JSONValue { .array(values.map { JSONValue($0) }) }
    return [
      "example": JSONValue(name), "cell": JSONValue(trace.cell.description),
      "inputs": rows(trace.inputs),
      "weights": .object(
        trace.weights.map { weight in
          (weight.name, .array(weight.values.map { JSONValue($0) }))
        }),
      "values": .object(trace.quantities.map { ($0.symbol, rows($0.values)) }),
      "sentences": .array((sentences + [conclusion].compactMap { $0 }).map { .string($0) }),
    ]
  }

  /// One line a number.
  package static func csv(_ examples: [WorkedExample]) -> String {
    var csv = CSVWriter(columns: ["example", "step", "quantity", "unit", "value"])
    for example in examples {
      let inputs = CellTrace.Quantity(symbol: "x", values: example.trace.inputs)
      for quantity in [inputs] + example.trace.quantities {
        for (step, values) in quantity.values.enumerated() {
          for (unit, value) in values.enumerated() {
            csv.append([
              example.name, "\(step + 1)", quantity.symbol, "\(unit + 1)", CSVWriter.field(value),
            ])
          }
        }
      }
    }
    return csv.text
  }
}
