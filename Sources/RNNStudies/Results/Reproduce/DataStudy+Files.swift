import RNNCore
import RNNReport
import RNNTasks

extension DataStudy {
  package func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": JSONValue("rnnbench/reproduce-\(experiment.name)/1"), "machine": machine.json,
      "configuration": configuration, "notes": .array(experiment.notes.map { JSONValue($0) }),
      "seconds": JSONValue(seconds), "summary": .array(summary),
      "results": .array(
        runs.map { run in
          let byLength = run.byLength.isEmpty ? [] : [("byLength", run.byLength.json)]
          return .object(fields(of: run) + [("looks", run.course.looks.json)] + byLength)
        }),
    ]
  }

  /// A row for each run.
  package var csv: String { ResultRows.csv(runs.map(fields)) }

  private var configuration: JSONValue {
    [
      "seeds": .array(seeds.map { JSONValue($0) }),
      "models": .array(
        experiment.rows.map { row in
          .object(
            [("name", JSONValue(row.name))]
              + row.settings.facts.filter { $0.name != "seed" }.map {
                ($0.name, JSONValue($0.value))
              }
              + (row.pretraining.map {
                [("beginsWith", .object($0.facts.map { ($0.name, JSONValue($0.value)) }))]
              } ?? [])
          )
        }),
    ]
  }

  private var summary: [JSONValue] {
    experiment.rows.enumerated().flatMap { index, row in
      row.comparisons.map { comparison in
        [
          "model": JSONValue(row.name),
          "score": JSONValue(comparison.measure.text(score: experiment.score)),
          "published": Published.json(comparison.published),
          "here": JSONValue(interval(comparison.measure, row: index)),
        ]
      }
    }
  }

  private func fields(of run: DataRun) -> [ResultRows.Field] {
    let course = run.course
    return [
      ("model", JSONValue(experiment.rows[run.row].name)), ("seed", JSONValue(run.seed)),
      ("parameters", JSONValue(run.parameters)), ("epochs", JSONValue(course.epochs)),
      ("updates", JSONValue(course.updates)),
      ("bestEpoch", course.bestLook.map { JSONValue($0.epochs) } ?? .null),
      ("seconds", JSONValue(course.seconds)),
      ("tokensPerSecond", JSONValue(course.tokensPerSecond)),
      ("clippedSteps", JSONValue(course.clippedSteps)),
      ("nonFiniteSteps", JSONValue(course.nonFiniteSteps)), ("testLoss", JSONValue(run.testLoss)),
    ]
      + experiment.measures.map {
        ($0.text(score: experiment.score), JSONValue(run.value(of: $0)))
      }
  }
}
