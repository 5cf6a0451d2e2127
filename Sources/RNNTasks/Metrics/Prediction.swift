/// What a network answered for one example.
public enum Prediction: Hashable, Sendable {
  /// The likeliest class: one a step, or a single one for an answer at the end.
  case classes([Int32])
  /// The likeliest class of each step, and of the whole sentence.
  case classesAndLabel([Int32], label: Int32)
  /// The network's outputs, row-major.
  case values([Float])
  /// Labels without their places, as many as the network found.
  case labelling([Int32])
}
