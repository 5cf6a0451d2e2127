internal import CLibrary

/// The exponential moving average of parameters over updates (Polyak and Juditsky 1992), corrected
/// for its start at zero (Kingma and Ba 2015, section 7.2).
///
///     a_t = β a_{t−1} + (1 − β) θ_t,   a_0 = 0;   the corrected average is ā_t = a_t / (1 − βᵗ)
///
/// Kept is ā alone, which obeys ā_t = ā_{t−1} + (1 − β) / (1 − βᵗ) · (θ_t − ā_{t−1}): ā_1 is θ_1.
/// Costs one pass over parameters and average an update, and P floats.
final class ParameterAverage {
  /// β.
  let decay: Float
  /// ā; zeros before the first update.
  let store: ParameterStore
  /// t.
  private(set) var updates = 0

  /// Throws `.range` for a decay outside (0, 1).
  init(decay: Float, layout: ParameterLayout) throws(RNNError) {
    guard decay > 0, decay < 1 else {
      throw RNNError(.range, "averaging", expected: "above 0 and below 1", found: "\(decay)")
    }
    self.decay = decay
    store = ParameterStore(layout: layout)
  }

  /// Takes in the parameters after an update.
  func add(_ parameters: ParameterStore, team: ThreadTeam) {
    updates += 1
    let weight = weight
    team.split(store.layout.storageCount, grain: 4096) { range in
      kernels.average(
        range.count, weight, parameters.storage.pointer + range.lowerBound,
        store.storage.pointer + range.lowerBound)
    }
    store.markChanged()
  }

  /// Goes on from an average that was kept. Throws `.shape` for one of another layout, `.range` for
  /// a negative number of updates.
  func restore(_ average: ParameterStore, updates: Int) throws(RNNError) {
    guard updates >= 0 else {
      throw RNNError(.range, "averaged updates", expected: "0 or more", found: "\(updates)")
    }
    try store.copy(from: average)
    self.updates = updates
  }

  /// (1 − β) / (1 − βᵗ), in `Double`: in `Float` 1 − βᵗ loses half its digits for β near 1.
  private var weight: Float {
    let decay = Double(decay)
    return Float((1 - decay) / (1 - pow(decay, Double(updates))))
  }
}
