/// What is timed as one pass.
package enum ThroughputPass: String, CaseIterable, Sendable {
  /// A recorded forward pass.
  case forward
  /// A training step without dE/dX: gradients set to zero, forward, backward; the weights count as
  /// changed, as an optimiser leaves them.
  case train
  /// A training step with dE/dX.
  case trainDX
  /// A forward pass without a record, the weights as they were.
  case inference
  /// Inference step by step: a call for each, the states carried on, as answers that cannot wait
  /// for the next step need it.
  case stream
  /// `train` with a gradient profile of each step, which training takes of every n-th: what
  /// profiling costs.
  case trainProfiled

  /// Those that are measured when nothing else is asked for.
  package static let standard: [ThroughputPass] = [.forward, .train, .trainDX, .inference]

  /// Whether the weights change before each pass and a backward pass follows.
  var isTraining: Bool { self == .train || self == .trainDX || self == .trainProfiled }
}
