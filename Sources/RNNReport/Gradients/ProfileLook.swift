import RNNCore
import RNNReport

/// A look at one layer of one model, as tables, figures and files show it.
struct ProfileLook {
  var cell: String
  /// `start`, `trained` or `saved`.
  var when: String
  /// What figures and tables call it: `elman`, or `elman l1` where there are several layers.
  var name: String
  var layer: GradientProfile.Layer
  /// Nil for a profile of all answers.
  var verdict: GradientVerdict?
  var loss: Double?
  /// The steps over which the layer has to remember.
  var memoryNeeded: Int
  /// Nil where none were taken.
  var jacobians: LayerSpectrum.Outcome?

  var spectrum: LayerSpectrum? { jacobians?.spectrum }
}

// MARK: - Table

extension ProfileLook {
  package static func number(_ value: Double?) -> String {
    value.map { NumberFormat.significant($0, digits: 3) } ?? "-"
  }

  var horizonCell: Table.Cell {
    let memory = layer.memory
    return .init(
      memory.horizon().map { "\($0) steps" } ?? (memory.share(at: 0) == nil ? "-" : "never"))
  }

  var shareCell: Table.Cell { .init(Self.number(layer.memory.share(at: memoryNeeded))) }
  var rateCell: Table.Cell { .init(Self.number(layer.memory.decayRate(upTo: memoryNeeded))) }

  /// The mean share of the state that a gate keeps.
  var gateCell: Table.Cell { .init(Self.number(layer.kept)) }

  var saturatedCell: Table.Cell {
    .init(NumberFormat.percent(layer.states.saturated, decimals: 0))
  }

  var deadCell: Table.Cell { .init("\(layer.deadUnits) of \(layer.units)") }
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

  /// One line a distance.
  var fields: [[ResultRows.Field]] {
    layer.hidden.byDistance.indices.map { distance in
      Self.fields(
        cell: cell, when: when, layer: layer.name, distance: distance,
        hidden: layer.hidden.byDistance[distance], cellNorm: layer.cell?.byDistance[distance],
        share: layer.memory.share(at: distance))
    }
  }

  static func fields(
    cell: String, when: String, layer: String, distance: Int, hidden: Double, cellNorm: Double?,
    share: Double?
  ) -> [ResultRows.Field] {
    [
      ("cell", JSONValue(cell)), ("when", JSONValue(when)), ("layer", JSONValue(layer)),
      ("distance", JSONValue(distance)), ("hiddenNorm", JSONValue(hidden)),
      ("cellNorm", JSONValue(cellNorm)), ("share", JSONValue(share)),
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
