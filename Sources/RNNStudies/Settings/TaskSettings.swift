import RNNCore
import RNNTasks

/// What suits a task when nothing else is asked for.
package struct TaskSettings: Sendable {
  package var model = ModelSettings()
  package var batch = 32
  package var updates: Int? = 600
  package var epochs: Int?
  package var rate: Float = 2e-3
  package var cells: String
  /// Validation loss whose first crossing is "time to target".
  package var targetLoss: Double
  /// The metric from which a run counts as a success.
  package var success: Double

  /// - Precondition: `task` is one of ``TaskName/compared``.
  package static func standard(for task: TaskName, guessLoss: Double?) -> TaskSettings {
    switch task {
    case .slots:
      TaskSettings(
        cells: "feedforward,elman,jordan,irnn,gru,lstm", targetLoss: 0.1, success: 0.99)
    case .adding:
      TaskSettings(
        model: ModelSettings(hidden: 100), batch: 50, updates: 2000, rate: 1e-3,
        cells: "feedforward,elman,irnn,gru,lstm:forget-bias=1", targetLoss: 0.01, success: 0.95)
    case .temporalOrder:
      TaskSettings(
        model: ModelSettings(embedding: 6, hidden: 100), batch: 50, updates: 800, rate: 1e-3,
        cells: "elman,gru,lstm:forget-bias=1", targetLoss: 0.1, success: 0.99)
    case .copy:
      TaskSettings(
        model: ModelSettings(embedding: 10, hidden: 128), batch: 50, updates: 1500, rate: 2e-3,
        cells: "elman,irnn,gru,lstm:forget-bias=1", targetLoss: (guessLoss ?? 1) / 10,
        success: 0.99)
    case .spelledDigits:
      TaskSettings(
        model: ModelSettings(embedding: 16), updates: 1000, rate: 3e-3,
        cells: "feedforward,elman,gru,lstm,bi-gru,bi-lstm", targetLoss: 0.1, success: 0.95)
    case .lm:
      TaskSettings(
        model: ModelSettings(embedding: 64, hidden: 128), batch: 50, updates: 300,
        cells: "feedforward,elman,jordan,irnn,gru,lstm", targetLoss: 2, success: 3)
    case .tag:
      TaskSettings(
        model: ModelSettings(embedding: 100, hidden: 128, dropout: 0.5), batch: 16, updates: nil,
        epochs: 20, rate: 1e-3,
        cells: "feedforward,elman,jordan,gru,lstm,bi-lstm", targetLoss: 0.2, success: 0.9)
    case .classify, .music, .translate, .autoencode, .parse, .transduce, .vqa:
      preconditionFailure("no task to compare cells on")
    }
  }
}
