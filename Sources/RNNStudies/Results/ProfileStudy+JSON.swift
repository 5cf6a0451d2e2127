import RNNCore
import RNNReport

extension ProfileStudy {
  package var configuration: JSONValue {
    guard let saved else { return plan.json(["memoryNeeded": JSONValue(memoryNeeded)]) }
    return [
      "task": JSONValue(plan.taskName.rawValue), "model": JSONValue(saved.path),
      "cell": JSONValue(plan.settings.cells), "batch": JSONValue(plan.batch),
      "length": JSONValue(plan.lengths?.text),
      "dataSeed": JSONValue(plan.dataSeed.map(Double.init)),
      "probe": JSONValue(probing.description), "memoryNeeded": JSONValue(memoryNeeded),
    ]
  }

  package func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": "rnnbench/profile/1", "machine": machine.json, "configuration": configuration,
      "results": .array(looks.map(\.json)),
      "training": .array(rows.filter { !$0.history.isEmpty }.map(training)),
    ]
  }

  private func training(_ row: Row) -> JSONValue {
    [
      "cell": JSONValue(row.choice.name), "clippedShare": JSONValue(row.clips.clippedShare),
      "profiles": .array(
        row.history.map { profile in
          [
            "step": JSONValue(profile.step), "loss": JSONValue(profile.loss),
            "globalNorm": JSONValue(profile.globalNorm),
            "parameters": .object(profile.parameters.map { ($0.name, $0.json) }),
          ]
        }),
    ]
  }

  package var csv: String { ResultRows.csv(looks.flatMap(\.fields)) }
}
