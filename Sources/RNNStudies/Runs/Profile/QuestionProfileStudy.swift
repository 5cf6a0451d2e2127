import RNNCore
import RNNTasks

/// A saved model of questions about images, looked at on the longest validation questions (on
/// training questions where there are no others).
package struct QuestionProfileStudy {
  let base: SavedProfile
  /// The rows and columns of regions; nil for a model that knows the question alone.
  package let grid: (rows: Int, columns: Int)?

  /// - Parameter batch: the most questions to look at.
  package init(
    _ saved: ProfiledModel, _ task: VisualQuestionTask, batch: Int, team: ThreadTeam
  ) throws {
    let model = try VisualQuestionModel(saved.file, team: team)
    let known = task.validation.isEmpty ? task.training : task.validation
    let items = known.longest(batch) { task.length(of: $0) }
    base = SavedProfile(
      saved, probing: .lastAnswer, problem: task.summary, items: ("questions", items.count),
      cell: model.configuration.cell,
      profile: try model.profile(for: task.batch(items, for: model)))
    grid = model.configuration.image.map { ($0.rows, $0.columns) }
  }

  /// The ways by which the gradient comes to the question's state, and to the regions of the image.
  var state: Double? { base.profile.path("question.state")?.norm }
  var product: Double? { base.profile.path("question.product")?.norm }
  var scores: Double? { base.profile.path("attention.query")?.norm }
  /// Its steps are the regions, row by row of the grid; nil without an image.
  var image: PairProfileStudy.Attention? {
    base.profile.path("attention").flatMap(PairProfileStudy.Attention.init)
  }
}
