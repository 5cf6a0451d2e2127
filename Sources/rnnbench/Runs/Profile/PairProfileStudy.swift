import RNNCore
import RNNTasks

/// A saved model of pairs, looked at on the validation pairs with the longest sources (on training pairs where there
/// are no others): what `profile` measures of an encoder-decoder.
struct PairProfileStudy {
  let saved: SavedRun
  let probing: ProfiledLoss
  /// What the task is, in words.
  let problem: String
  /// The pairs of the batch.
  let pairCount: Int
  let profile: GradientProfile
  /// One a layer, each over all steps of the longest sequence; none for a profile of all answers.
  let verdicts: [GradientVerdict]

  /// - Parameter batch: the most pairs to look at.
  init(
    _ saved: SavedRun, _ task: PairTask, probing: ProfiledLoss, batch: Int, team: ThreadTeam
  ) throws {
    (self.saved, self.probing, problem) = (saved, probing, task.summary)
    let model = try EncoderDecoder(saved.file, team: team)
    let known = task.validation.isEmpty ? task.training : task.validation
    let items = known.enumerated()
      .sorted {
        ($1.element.source.count, $0.offset) < ($0.element.source.count, $1.offset)
      }
      .prefix(batch).map(\.element)
    pairCount = items.count
    profile = try model.profile(of: task.batch(items, for: model), probing: probing)
    verdicts =
      probing == .lastAnswer
      ? profile.verdicts(VerdictContext(cell: model.configuration.cell)) : []
  }

  var attention: GradientProfile.AttentionPath? { profile.encoderPaths?.attention }
  /// What comes to the encoder through its final states.
  var bridge: Double { profile.encoderPaths?.bridge ?? 0 }
}
