import RNNCore

extension ProfileStudy {
  var configuration: JSONValue {
    plan.json([
      ("cells", .array(rows.map { JSONValue($0.choice.name) })),
      ("probe", JSONValue(probing.rawValue)), ("memoryNeeded", JSONValue(memoryNeeded)),
      ("trained", JSONValue(updates)), ("model", JSONValue(saved?.path)),
      ("clipMode", JSONValue(clipping.mode.rawValue)),
      ("clip", JSONValue(clipping.threshold.map(decimal))),
    ])
  }

  func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": "rnnbench/profile/1", "machine": machine.json, "configuration": configuration,
      "results": .array(looks.map(json)),
      "training": .array(rows.filter { !$0.history.isEmpty }.map(training)),
    ]
  }

  private func json(_ look: Look) -> JSONValue {
    let (layer, memory) = (look.layer, look.layer.memory)
    return [
      "cell": JSONValue(look.row.choice.name), "when": JSONValue(look.when),
      "layer": JSONValue(layer.name), "verdict": JSONValue(look.verdict?.kind.rawValue),
      "sentence": JSONValue(look.verdict?.sentence), "loss": JSONValue(look.snapshot.profile.loss),
      "horizon": memory.horizon().map { JSONValue($0) } ?? .null,
      "shareAtMemoryNeeded": JSONValue(memory.share(at: memoryNeeded)),
      "decayRate": JSONValue(memory.decayRate(upTo: memoryNeeded)),
      "hiddenNorms": series(layer.hidden), "cellNorms": layer.cell.map(series) ?? .null,
      "states": statistics(layer.states), "deadUnits": JSONValue(layer.deadUnits),
      "gates": .object(layer.gates.map { ($0.gate.rawValue, statistics($0.values)) }),
      "jacobians": look.spectrum.map(json) ?? .null,
    ]
  }

  private func series(_ series: GradientProfile.Series) -> JSONValue {
    [
      "byStep": .array(series.byStep.map { JSONValue($0) }),
      "byDistance": .array(series.byDistance.map { JSONValue($0) }),
      "reference": .array(series.reference.map { JSONValue($0) }),
    ]
  }

  private func statistics(_ values: ValueStatistics) -> JSONValue {
    [
      "mean": JSONValue(values.mean), "deviation": JSONValue(values.deviation),
      "low": JSONValue(values.low), "high": JSONValue(values.high),
      "from": JSONValue(values.range.lowerBound), "to": JSONValue(values.range.upperBound),
      "histogram": .array(values.histogram.map { JSONValue($0) }),
    ]
  }

  private func json(_ spectrum: LayerSpectrum) -> JSONValue {
    [
      "lyapunov": .array(spectrum.lyapunov.exponents.map { JSONValue($0) }),
      "log10SingularValues": .object(
        spectrum.windows.map { window in
          ("\(window.steps)", .array(window.logSingularValues.map { JSONValue($0) }))
        }),
      "blocks": .object(
        spectrum.bounds.blocks.map { block in
          (
            block.gate.rawValue,
            [
              "largestSingularValue": JSONValue(block.largestSingularValue),
              "spectralRadius": JSONValue(block.spectralRadius), "bound": JSONValue(block.bound),
            ]
          )
        }),
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
            "parameters": .object(
              profile.parameters.map { parameter in
                (
                  parameter.name,
                  [
                    "gradientNorm": JSONValue(parameter.gradientNorm),
                    "weightNorm": JSONValue(parameter.weightNorm),
                    "updateRatio": JSONValue(parameter.updateRatio),
                    "gates": .object(
                      parameter.gates.map { ($0.gate.rawValue, JSONValue($0.norm)) }),
                  ]
                )
              }),
          ]
        }),
    ]
  }

  /// One line a cell, look, layer and distance.
  var csv: String {
    ResultRows.csv(
      looks.flatMap { look in
        look.layer.hidden.byDistance.indices.map { distance -> [ResultRows.Field] in
          [
            ("cell", JSONValue(look.row.choice.name)), ("when", JSONValue(look.when)),
            ("layer", JSONValue(look.layer.name)), ("distance", JSONValue(distance)),
            ("hiddenNorm", JSONValue(look.layer.hidden.byDistance[distance])),
            ("cellNorm", JSONValue(look.layer.cell?.byDistance[distance])),
            ("share", JSONValue(look.layer.memory.share(at: distance))),
          ]
        }
      })
  }
}
