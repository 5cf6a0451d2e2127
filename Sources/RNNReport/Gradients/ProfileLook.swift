import RNNCore

/// A look at one layer of one model, as tables, figures and files show it.
package struct ProfileLook {
  package var cell: String
  /// What its time is called, such as `start`, `trained` or `step 50`.
  package var when: String
  /// What figures and tables call it: `elman`, or `elman l1` where there are several layers.
  package var name: String
  package var layer: GradientProfile.Layer
  /// Nil for a profile of all answers.
  package var verdict: GradientVerdict?
  package var loss: Double?
  /// The steps over which the layer has to remember.
  package var memoryNeeded: Int
  /// Nil where none were taken.
  package var jacobians: LayerSpectrum.Outcome?

  package var spectrum: LayerSpectrum? { jacobians?.spectrum }

  package init(
    cell: String, when: String, name: String, layer: GradientProfile.Layer,
    verdict: GradientVerdict?, loss: Double?, memoryNeeded: Int,
    jacobians: LayerSpectrum.Outcome? = nil
  ) {
    (self.cell, self.when, self.name, self.layer) = (cell, when, name, layer)
    (self.verdict, self.loss, self.memoryNeeded) = (verdict, loss, memoryNeeded)
    self.jacobians = jacobians
  }
}

// MARK: - Table

extension ProfileLook {
  package static func number(_ value: Double?) -> String {
    value.map { NumberFormat.significant($0, digits: 3) } ?? "-"
  }

  package var horizonCell: Table.Cell {
    let memory = layer.memory
    return .init(
      memory.horizon().map { "\($0) steps" } ?? (memory.share(at: 0) == nil ? "-" : "never"))
  }

  package var shareCell: Table.Cell { .init(Self.number(layer.memory.share(at: memoryNeeded))) }
  package var rateCell: Table.Cell {
    .init(Self.number(layer.memory.decayRate(upTo: memoryNeeded)))
  }

  /// The mean share of the state that a gate keeps.
  package var gateCell: Table.Cell { .init(Self.number(layer.kept)) }

  package var saturatedCell: Table.Cell {
    .init(NumberFormat.percent(layer.states.saturated, decimals: 0))
  }

  package var deadCell: Table.Cell { .init("\(layer.deadUnits) of \(layer.units)") }
}

// MARK: - Files

extension ProfileLook {
  package var json: JSONValue {
    let memory = layer.memory
    return [
      "cell": JSONValue(cell), "when": JSONValue(when),
      "layer": JSONValue(layer.name), "verdict": JSONValue(verdict?.kind.rawValue),
      "sentence": JSONValue(verdict?.sentence), "loss": JSONValue(loss),
      "horizon": memory.horizon().map { JSONValue($0) } ?? .null,
      "shareAtMemoryNeeded": JSONValue(memory.share(at: memoryNeeded)),
      "decayRate": JSONValue(memory.decayRate(upTo: memoryNeeded)),
      "hiddenNorms": layer.hidden.json, "cellNorms": layer.cell?.json ?? .null,
      "states": Self.json(layer.states), "deadUnits": JSONValue(layer.deadUnits),
      "gates": .object(layer.gates.map { ($0.gate.rawValue, Self.json($0.values)) }),
      "jacobians": spectrum.map(Self.json) ?? .null,
    ]
  }

  private static func json(_ values: ValueStatistics) -> JSONValue {
    [
      "mean": JSONValue(values.mean), "deviation": JSONValue(values.deviation),
      "low": JSONValue(values.low), "high": JSONValue(values.high),
      "from": JSONValue(values.range.lowerBound), "to": JSONValue(values.range.upperBound),
      "histogram": .array(values.histogram.map { JSONValue($0) }),
    ]
  }

  private static func json(_ spectrum: LayerSpectrum) -> JSONValue {
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
}

extension GradientProfile.Series {
  package var json: JSONValue {
    [
      "byStep": .array(byStep.map { JSONValue($0) }),
      "byDistance": .array(byDistance.map { JSONValue($0) }),
      "reference": .array(reference.map { JSONValue($0) }),
    ]
  }
}
