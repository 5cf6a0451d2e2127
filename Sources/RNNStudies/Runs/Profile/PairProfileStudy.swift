import RNNCore
import RNNTasks

/// A saved model of pairs, looked at on the validation pairs with the longest sources (on training
/// pairs where there are no others): what `profile` measures of an encoder-decoder.
package struct PairProfileStudy {
  let base: SavedProfile

  /// - Parameter batch: the most pairs to look at.
  package init(
    _ saved: ProfiledModel, _ task: PairTask, probing: ProfiledLoss, batch: Int, team: ThreadTeam
  ) throws {
    let model = try EncoderDecoder(saved.file, team: team)
    let known = task.validation.isEmpty ? task.training : task.validation
    let items = known.longest(batch) { $0.source.count }
    base = SavedProfile(
      saved, probing: probing, problem: task.summary, items: ("pairs", items.count),
      cell: model.configuration.cell,
      profile: try model.profile(for: task.batch(items, for: model), probing: probing))
  }

  /// What comes to the encoder through attention; nil for a model without.
  package var attention: Attention? { base.profile.path("attention").flatMap(Attention.init) }
  /// What comes to the encoder through its final states.
  var bridge: Double { base.profile.path("decoder.start")?.norm ?? 0 }
}

extension PairProfileStudy {
  /// The way of the gradient through attention.
  package struct Attention {
    let norm: Double
    /// By the steps, or regions, that are looked at.
    let gradient: GradientProfile.Series
    let focus: GradientProfile.AttentionFocus

    init?(_ path: GradientProfile.Path) {
      guard let steps = path.steps, let focus = path.focus else { return nil }
      (norm, gradient, self.focus) = (path.norm, steps, focus)
    }
  }
}

extension Sequence {
  /// The longest elements, longest first; of equal ones those that come first.
  func longest(_ count: Int, by length: (Element) -> Int) -> [Element] {
    enumerated()
      .sorted { (length($1.element), $0.offset) < (length($0.element), $1.offset) }
      .prefix(count).map(\.element)
  }
}
