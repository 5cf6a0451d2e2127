import RNNCore
import RNNTasks

/// What an experiment on the adding problem trains, and when a run is a success.
package struct AddingPlan: Sendable {
  /// What ends a run before its last update.
  enum Success: Sendable {
    /// The last `count` training sequences were answered with an error below
    /// ``AddingTask/tolerance``, each before the update that it was part of.
    case recentSequences(Int)
    /// The error on the validation data is below that number.
    case validationError(Double)
  }

  struct Row: Sendable {
    var name: String
    var cell: CellKind
  }

  /// On the command line.
  package var name: String
  package var title: String
  var rows: [Row]
  package var target: AddingTarget
  /// T of each condition, and how the lengths of its sequences follow from it.
  package var lengths: [Int]
  package var range: @Sendable (_ length: Int) -> ClosedRange<Int>
  var success: Success
  package var hidden: Int
  package var batch: Int
  package var rate: Float
  package var clip: Float
  package var seeds: [UInt64] = []
  /// Of the held-out data, the same for all runs.
  package var dataSeed = NamedTask.standardSeed
  /// Updates at most.
  package var updates: Int
  package var heldOut: HeldOutSizes
  /// What the published numbers are from, and in what these runs differ, each a full sentence.
  package var notes: [String]

  /// Updates between two looks at the validation data.
  var interval: Int { max(1, min(100, updates / 4)) }

  func configuration(_ cell: CellKind) -> ModelConfiguration {
    ModelConfiguration(
      input: .features(width: 2), body: .recurrent(cell), hiddenSize: hidden, outputs: 1,
      loss: .meanSquaredError, answer: .atEnd)
  }

  func makeTrainer(
    _ cell: CellKind, seed: UInt64, team: ThreadTeam
  ) throws -> Trainer<SequenceModel> {
    let configuration = configuration(cell)
    let model = try SequenceModel(
      configuration, initialization: configuration.standardInitialization, seed: seed,
      team: team)
    return try Trainer(
      model, rule: .adam(), rate: rate, clipping: .globalNorm(clip), nonFinite: .skip, seed: seed)
  }
}
