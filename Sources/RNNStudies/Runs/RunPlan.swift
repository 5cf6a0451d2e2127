import FoundationEssentials
import RNNCore
import RNNTasks

/// The runs of one command: settings, and the task that they are for.
@dynamicMemberLookup
package struct RunPlan: Sendable {
  package let settings: StudySettings
  package let task: any SequenceTask
  /// In the order of the rows.
  package let choices: [CellChoice]
  /// Validation loss whose first crossing is "time to target".
  package let targetLoss: Double
  /// Of generated held-out data; nil for data from files.
  package let dataSeed: UInt64?

  /// Throws for whatever a run would stumble over, before the first one begins.
  package init(_ settings: StudySettings) throws {
    let options = TaskOptions(
      seed: settings.dataSeed, lengths: settings.lengths, data: settings.data)
    try settings.checkMemory()
    try self.init(settings, task: NamedTask(settings.kind, options: options))
    try settings.checkMemory(for: task)
  }

  package init(_ settings: StudySettings, task made: NamedTask) throws {
    (self.settings, task, dataSeed) = (settings, made.task, made.dataSeed)
    choices = try CellChoice.list(settings.cells)
    targetLoss = settings.targetLoss ?? (made.task.guessLoss ?? 1) / 10
    // The library's own checks, with nothing to optimise.
    _ = try Optimizer(
      settings.rule, rate: settings.rate, weightDecay: settings.weightDecay, for: ParameterLayout())
  }

  package subscript<Value>(dynamicMember path: KeyPath<StudySettings, Value>) -> Value {
    settings[keyPath: path]
  }

  package var taskName: TaskName { settings.kind }
  /// Of the runs of a row.
  package var runSeeds: [UInt64] { (0..<settings.seeds).map { settings.seed &+ UInt64($0) } }

  /// The model of one row, checked.
  package func configuration(
    _ choice: CellChoice, hidden: Int? = nil
  ) throws -> ModelConfiguration {
    var model = settings.model
    model.hidden = hidden ?? model.hidden
    return try model.configuration(choice, for: task.shape, task: taskName.rawValue)
  }

  /// The same as it starts.
  func makeModel(
    _ choice: CellChoice, hidden: Int? = nil, seed: UInt64, team: ThreadTeam
  ) throws -> SequenceModel {
    try settings.model.makeModel(configuration(choice, hidden: hidden), seed: seed, team: team)
  }
}

extension StudySettings {
  var rule: OptimizerRule { optimizer.rule(momentum: momentum) }
}

extension TaskOptions {
  /// - Parameter data: a path.
  init(seed: UInt64, lengths: ClosedRange<Int>?, data: String?) {
    self.init(seed: seed, data: data.map { URL(place: $0) })
    self.lengths = lengths
  }
}

extension RNNError {
  /// The same error about an option.
  package func naming(_ option: String) -> RNNError {
    RNNError(kind, option, expected: expected, found: found)
  }
}

/// Runs what may throw an error of the library's, which then is about `option`.
package func naming<Result>(
  _ option: String, _ body: () throws(RNNError) -> Result
) throws(RNNError) -> Result {
  do throws(RNNError) { return try body() } catch { throw error.naming(option) }
}

package func require(_ holds: Bool, _ name: String, _ expected: String, _ found: String) throws {
  if !holds { throw RNNError(.range, name, expected: expected, found: found) }
}
