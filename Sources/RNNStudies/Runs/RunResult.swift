import RNNCore
import RNNTasks

/// What one run of one row with one seed gave.
package struct RunResult: Codable, Sendable {
  var cell: String
  var seed: UInt64
  var hidden: Int
  var parameters: Int
  var updates = 0
  /// Training time alone, without evaluation.
  var seconds = 0.0
  /// Mean over the updates since the last look.
  var trainLoss = Double.nan
  /// Of the parameters that are judged: those with the best validation metric (`compare`), or the
  /// last ones (`clip`).
  var validLoss = Double.nan
  /// On the test data, with the same parameters.
  var metric = Double.nan
  var metricName = ""
  var higherIsBetter = true
  var tokensPerSecond = 0.0
  /// Three times the forward products' floating-point operations, over the training time.
  var gflops = 0.0
  var peakShare = 0.0
  var secondsToTarget: Double?
  var diverged = false
  var curve: [Course.Look] = []
  var clipping = Clipping.none
  var clips = ClipStatistics()
  var norms = NormHistory()

  /// The quantiles that reports show.
  static let quantileLevels = [0.1, 0.5, 0.9, 0.99]

  func succeeds(at success: Double) -> Bool {
    !diverged && metric.isFinite && (higherIsBetter ? metric >= success : metric <= success)
  }

  /// Takes over what a training run has counted.
  mutating func add(_ course: Course) {
    updates = course.updates
    seconds = course.seconds
    curve = course.looks
    trainLoss = course.looks.last { !$0.trainLoss.isNaN }?.trainLoss ?? .nan
    diverged = course.nonFiniteSteps > 0
  }
}
