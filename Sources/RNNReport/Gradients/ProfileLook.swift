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
