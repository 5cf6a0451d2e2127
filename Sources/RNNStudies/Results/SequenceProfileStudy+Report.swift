import RNNCore
import RNNReport

extension SequenceProfileStudy: ProfileResults {
  package var sentences: [String] { base.sentences() }

  package var table: Table {
    base.table(base.summary("gradient of \(base.probing.words)"), paths: [])
  }

  private static let guide =
    "A verdict compares what arrives of the gradient over the steps that the task asks to remember "
    + "(those of the longest sequence where it names none) with what it was at the probed answer: "
    + "under 1 % is vanishing, over 10 times is exploding. \"norm\" is that of dE/dh of all steps."

  private var rows: [GradientFigures.Row] { base.looks.map { ($0.name, $0.layer.memory) } }

  package var maps: [HeatMap] {
    [
      GradientFigures.map(
        "Gradient that arrives, saved",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each "
          + "step, over that at the step of the probed answer.",
        steps: "steps before the probed answer", rows: rows)
    ]
  }

  package var sections: [ReportSection] {
    [
      base.overview(sentences, table, guide: Self.guide),
      ReportSection(
        "How far back it reaches",
        [
          GradientFigures.figure(of: maps[0]),
          base.decay("network", rows, steps: "steps before the probed answer"),
          .table(base.parameterTable("Parameters", prefix: "")),
        ]), GradientFigures.gates(base.looks),
    ]
  }

  // MARK: - Files

  package var configuration: JSONValue { base.configuration }
  package func json(_ machine: MachineRecord) -> JSONValue { base.json(machine) }

  /// One line a layer and distance.
  package var csv: String { ResultRows.csv(base.looks.flatMap(\.fields)) }
}
