import RNNCore
import RNNTasks

extension AddingPlan {
  /// Throws ``RNNError/Kind/memory``, with the option that would help, for lengths that the process
  /// has no memory for.
  func checkMemory(threads: Int) throws {
    let lever = MemoryCheck<AddingPlan>.Lever("--lengths") {
      $0.lengths.max()
    } setting: { most, plan in
      var plan = plan
      plan.lengths = plan.lengths.map { max(2, min($0, most)) }
      return plan
    }
    try MemoryCheck([lever]) { try $0.memoryNeeded(threads: threads) }.check(self)
  }

  private func memoryNeeded(threads: Int) throws -> MemoryNeed {
    let steps = lengths.map { range($0).upperBound }
    let models = rows.map { configuration($0.cell) }
    return try .ofRuns(
      models, batch: batch, steps: steps, heldOut: heldOut, sideBySide: HeldOutData.standardBatch,
      runs: min(threads, lengths.count * rows.count * seeds.count))
  }
}

extension PascanuPlan {
  /// Throws ``RNNError/Kind/memory``, with the options that would help, for lengths and held-out
  /// sequences that the process has no memory for.
  func checkMemory(threads: Int) throws {
    let lever = MemoryCheck<PascanuPlan>.Lever("--lengths") {
      $0.lengths.map(\.upperBound).max()
    } setting: { most, plan in
      var plan = plan
      plan.lengths = plan.lengths.map { min($0.lowerBound, most)...min($0.upperBound, most) }
      return plan
    }
    try MemoryCheck([lever, .init("--held-out", \.heldOut)]) {
      try $0.memoryNeeded(threads: threads)
    }.check(self)
  }

  private func memoryNeeded(threads: Int) throws -> MemoryNeed {
    let runs = starts.count * lengths.count * methods.count * seeds.count
    return try .ofRuns(
      starts.map { configuration($0, outputs: TemporalOrderTask.classes.count) },
      batch: Self.batch, steps: lengths.map(\.upperBound),
      heldOut: HeldOutSizes(validation: watched, test: heldOut), sideBySide: PascanuData.sideBySide,
      runs: min(threads, runs))
  }
}

extension MemoryNeed {
  /// Of runs side by side, each on generated examples that are shared.
  ///
  /// - Parameters:
  ///   - models: of which the largest is reckoned with.
  ///   - batch: sequences of a training batch.
  ///   - steps: of the longest sequence of each condition.
  ///   - heldOut: examples of each condition.
  ///   - sideBySide: how many of them are measured at once.
  ///   - runs: how many there are at a time.
  fileprivate static func ofRuns(
    _ models: [ModelConfiguration], batch: Int, steps: [Int], heldOut: HeldOutSizes,
    sideBySide: Int, runs: Int
  ) throws(RNNError) -> MemoryNeed {
    var need = MemoryNeed()
    let count = Amount(heldOut.validation) + heldOut.test
    for length in steps { need.add("held-out examples", bytes: count * (Amount(length) * 8 + 200)) }
    var largest = MemoryNeed()
    let longest = steps.max() ?? 1
    for model in models {
      let run =
        try model.layout().trainingMemory(.adam(), averages: false, keepsBest: false)
        + model.passMemory(
          BatchExtent(sequences: batch, steps: longest), recording: true, threads: 1)
        + model.passMemory(
          BatchExtent(sequences: min(sideBySide, count.value), steps: longest), recording: false,
          threads: 1)
      if run.bytes > largest.bytes { largest = run }
    }
    for part in largest.parts { need.add(part.name, bytes: Amount(part.bytes) * runs) }
    return need
  }
}
