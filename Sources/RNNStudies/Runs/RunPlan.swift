import RNNCore
import RNNTasks

/// Everything that runs of one command have in common, resolved from options and the task's
/// defaults.
package struct RunPlan: Sendable {
  package var taskName: TaskName
  package var task: any SequenceTask
  /// Of generated held-out data; nil for data from files.
  package var dataSeed: UInt64?
  package var model: ModelSettings
  package var optimizer: OptimizerName
  package var momentum: Float
  package var rate: Float
  package var weightDecay: Float
  package var batch: Int
  package var budget: Budget
  package var seeds: [UInt64]
  package var targetLoss: Double
  package var success: Double

  package init(
    taskName: TaskName, task: any SequenceTask, dataSeed: UInt64? = nil, model: ModelSettings,
    optimizer: OptimizerName, momentum: Float, rate: Float, weightDecay: Float, batch: Int,
    budget: Budget, seeds: [UInt64], targetLoss: Double, success: Double
  ) {
    self.taskName = taskName
    self.task = task
    self.dataSeed = dataSeed
    self.model = model
    self.optimizer = optimizer
    self.momentum = momentum
    self.rate = rate
    self.weightDecay = weightDecay
    self.batch = batch
    self.budget = budget
    self.seeds = seeds
    self.targetLoss = targetLoss
    self.success = success
  }

  /// When a run ends: at whatever comes first.
  package struct Budget: Sendable {
    package var updates: Int?
    package var epochs: Int?
    package var seconds: Double?

    package init(
      updates: Int? = nil, epochs: Int? = nil, seconds: Double? = nil
    ) {
      self.updates = updates
      self.epochs = epochs
      self.seconds = seconds
    }
  }

  /// The model of one row, checked.
  package func configuration(_ choice: CellChoice, hidden: Int) throws -> ModelConfiguration {
    var model = model
    model.hidden = hidden
    return try model.configuration(choice, for: task.shape, task: taskName.rawValue)
  }

  /// The same as it starts.
  func makeModel(
    _ choice: CellChoice, hidden: Int, seed: UInt64, team: ThreadTeam
  ) throws -> SequenceModel {
    try model.makeModel(configuration(choice, hidden: hidden), seed: seed, team: team)
  }
}

package func require(_ holds: Bool, _ name: String, _ expected: String, _ found: String) throws {
  if !holds { throw RNNError(.range, name, expected: expected, found: found) }
}
