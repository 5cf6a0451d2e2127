import RNNCore
import RNNTasks

/// All that decides what a training run does, beside the data themselves. Saved with the model.
package struct TrainSettings: Codable, Hashable, Sendable {
  package var kind: TaskName
  package var data: DataOptions
  package var cell: String
  package var model: ModelSettings
  package var optimizer = OptimizerName.adam
  package var momentum = OptimizerName.standardMomentum
  package var rate: Float = 1e-3
  package var schedule = LearningSchedule.constant
  /// The epochs that the schedule is planned for; nil for ``epochs``.
  package var scheduleEpochs: Int?
  package var weightDecay: Float = 0
  package var clipMode = Clipping.Mode.globalNorm
  package var clip: Float = 5
  /// How the losses of single answers are added up.
  var reduction = Loss.Reduction.mean
  /// Whether embeddings are brought to length 1 after each update.
  var normalizesEmbedding = false
  /// Of the moving average of the parameters; 0 for none.
  package var averaging: Float = 0
  package var batch = 32
  /// Batches whose gradients make one update; nil for 1.
  package var accumulate: Int?
  package var epochs: Int
  /// Epochs without a better validation score after which a run ends; 0 for never.
  package var patience = 0
  package var seed: UInt64 = 1
  /// Parts of a batch whose gradients are added up in a fixed order; nil for 1.
  package var shards: Int?
  /// Which steps BPTT makes anew; nil to keep all of them in memory.
  package var checkpointing: GradientCheckpointing?
  /// In which order processes add gradients up; nil for ``GradientOrder/fixed``.
  package var gradientOrder: GradientOrder?
  package var threads: Int
  /// The file whose encoder the model began with; nil for random weights.
  package var start: String?

  /// Examples that an update learns from.
  package var examplesPerUpdate: Int { batch * (accumulate ?? 1) }

  /// Parts that the examples of an update are cut into: those of each batch.
  ///
  /// - Parameter ranks: how many processes there are.
  package func shardsPerUpdate(ranks: Int) -> Int {
    (gradientOrder == .fast ? ranks : shards ?? 1) * (accumulate ?? 1)
  }

  /// Throws for whatever a run would stumble over, before the data are read.
  package func check() throws {
    _ = try CellChoice(cell)
    _ = try Clipping(clipMode, threshold: clip)
    _ = try Optimizer(
      optimizer.rule(momentum: momentum), rate: rate, weightDecay: weightDecay,
      for: ParameterLayout())
    // Settings of a file have not come through options: each value has to be one that its option
    // takes.
    for setting in TrainSettings.declared {
      if let text = setting.text(in: self), setting.name != "cell" {
        var copy = self
        try setting.put(text, into: &copy)
      }
    }
  }

  /// The settings that differ, by the names of their options, when a run goes on. How long it is to
  /// be, what it is given to read and what it runs on are free to change.
  package func differences(from saved: TrainSettings) -> [String] {
    var rest = self
    (rest.epochs, rest.patience, rest.threads) = (saved.epochs, saved.patience, saved.threads)
    rest.checkpointing = saved.checkpointing
    rest.scheduleEpochs = saved.scheduleEpochs
    return TrainSettings.declared.filter { $0.text(in: rest) != $0.text(in: saved) }.map(\.option)
  }
}

/// In which order several processes add up their gradients.
package enum GradientOrder: String, CaseIterable, Codable, Sendable {
  /// In that of the batch's shards: the same bits for any number of processes.
  case fixed
  /// In that of the processes, each with one shard: fewer, larger shards, and bits that depend on
  /// the number of processes.
  case fast
}

// MARK: - As text

extension TrainSettings {
  package var json: String { jsonLine }

  package init(json: String, name: String) throws(RNNError) {
    let expected = "the settings of a training run"
    try self.init(jsonLine: json, name: name, expected: expected)
    do {
      try check()
    } catch {
      throw RNNError(.format, name, expected: expected, found: "\(error)")
    }
  }
}
