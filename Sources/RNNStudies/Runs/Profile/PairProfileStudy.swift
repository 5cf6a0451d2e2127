import RNNCore
import RNNTasks

/// A saved model of pairs, looked at on the validation pairs with the longest sources (on training pairs where there
/// are no others): what `profile` measures of an encoder-decoder.
package struct PairProfileStudy {
  let base: SavedProfile

  /// - Parameter batch: the most pairs to look at.
  package init(
    _ saved: SavedRun, _ task: PairTask, probing: ProfiledLoss, batch: Int, team: ThreadTeam
  ) throws {
    let model = try EncoderDecoder(saved.file, team: team)
    let known = task.validation.isEmpty ? task.training : task.validation
    let items = known.longest(batch) { $0.source.count }
    base = SavedProfile(
      saved, probing: probing, problem: task.summary, items: ("pairs", items.count),
      cell: model.configuration.cell,
      profile: try model.profile(of: task.batch(items, for: model), probing: probing))
  }

  package var attention: GradientProfile.AttentionPath? { base.profile.encoderPaths?.attention }
  /// What comes to the encoder through its final states.
  var bridge: Double { base.profile.encoderPaths?.bridge ?? 0 }
}

extension Array {
  /// The longest elements, longest first; of equal ones those that come first.
  func longest(_ count: Int, by length: (Element) -> Int) -> [Element] {
    enumerated()
      .sorted { (length($1.element), $0.offset) < (length($0.element), $1.offset) }
      .prefix(count).map(\.element)
  }
}
