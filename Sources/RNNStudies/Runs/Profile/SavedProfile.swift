import RNNCore

/// The gradient profile of a saved model on data of its task, with what all such models share.
struct SavedProfile {
  let saved: ProfiledModel
  let probing: ProfiledLoss
  /// What the task is, in words.
  let problem: String
  /// What the batch holds: `pairs`, `questions` or `sequences`.
  let items: (name: String, count: Int)
  let profile: GradientProfile
  /// The steps over which the task asks to remember; nil for those of the longest sequence.
  let memoryNeeded: Int?
  /// One a layer.
  let verdicts: [GradientVerdict]

  init(
    _ saved: ProfiledModel, probing: ProfiledLoss, problem: String,
    items: (name: String, count: Int),
    cell: CellKind, memoryNeeded: Int? = nil, profile: GradientProfile
  ) {
    (self.saved, self.probing, self.problem, self.items) = (saved, probing, problem, items)
    (self.profile, self.memoryNeeded) = (profile, memoryNeeded)
    verdicts = profile.verdicts(VerdictContext(cell: cell, memoryNeeded: memoryNeeded))
  }

  /// One way of the gradient that is no layer.
  struct Path {
    var name: String
    var norm: Double
    /// The farthest step, and what arrives there; nil for what does not go by steps.
    var farthest: (steps: Int, share: Double?)?
  }
}
