import RNNCore
import RNNTasks

/// A saved tagger, language model, classifier or model of music, looked at on the longest
/// validation sequences (on test sequences where there are no others), with words and classes
/// numbered as they were in training.
package struct SequenceProfileStudy {
  let base: SavedProfile

  /// Throws for a model without recurrence, and what
  /// ``SequenceModel/profile(for:probing:pass:reduction:)`` throws.
  ///
  /// - Parameter batch: the most sequences to look at.
  package init(
    _ saved: ProfiledModel, _ task: any SequenceDataTask, probing: ProfiledLoss, batch: Int,
    team: ThreadTeam
  ) throws {
    let model = try SequenceModel(saved.file, team: team)
    guard let cell = model.configuration.cell else {
      throw RNNError(
        .unsupported, saved.file.path.printable, expected: "a recurrent model",
        found: "a feed-forward one")
    }
    let known = task.validation.isEmpty ? task.test : task.validation
    let items = known.longest(batch) { $0.length }
    base = SavedProfile(
      saved, probing: probing, problem: task.summary, items: ("sequences", items.count), cell: cell,
      memoryNeeded: task.memoryNeeded,
      profile: try model.profile(for: SequenceBatch(items), probing: probing))
  }
}
