import RNNCore
import RNNTasks

/// A published experiment on data files: models with their settings, and what is known of them.
package struct DataExperiment: Sendable {
  /// A number by which a run is compared.
  package enum Measure: Hashable, Sendable {
    /// A score of the best model on the test data, by its name.
    case test(String)
    /// The main score of the best model on the validation data.
    case bestValidation
    /// The validation loss in nats after that many epochs.
    case validationLoss(epoch: Int)
    case lowestValidationLoss
  }

  package struct Comparison: Sendable {
    package var measure: Measure
    /// Nil where nobody reports it.
    var published: Published?

    init(
      measure: Measure, published: Published? = nil
    ) {
      self.measure = measure
      self.published = published
    }
  }

  struct Row: Sendable {
    var name: String
    /// Seed and threads are those of the study.
    var settings: TrainSettings
    /// Of the model of pairs whose encoder this one begins with; nil for random weights.
    var pretraining: TrainSettings?
    var comparisons: [Comparison]
  }

  /// What the figure shows over the epochs.
  enum Curve: Sendable { case loss, score }

  /// On the command line.
  package var name: String
  package var title: String
  var rows: [Row]
  /// Of the main score and the test scores: whether they are shares of right answers.
  var isShare: Bool
  /// The main score by its name.
  package var score: String
  var curve: Curve
  /// Whether every seed takes validation and test texts of its own out of data that have no such
  /// parts, so that the runs differ in what is measured as well. All models of a seed have the same
  /// ones.
  var splitsBySeed = false
  /// What the published numbers are from, and in what these runs differ, each a full sentence.
  package var notes: [String]

  /// All measures of all rows, each once.
  var measures: [Measure] {
    rows.flatMap(\.comparisons).map(\.measure).reduce(into: []) { all, measure in
      if !all.contains(measure) { all.append(measure) }
    }
  }

  /// Makes it shorter.
  package mutating func limit(epochs: Int?) {
    guard let epochs else { return }
    for index in rows.indices {
      rows[index].settings.epochs = epochs
      rows[index].pretraining?.epochs = epochs
    }
  }
}
