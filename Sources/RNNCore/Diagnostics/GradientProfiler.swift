/// Takes a ``GradientProfile`` of every n-th training step.
///
/// ```swift
/// let profiler = try GradientProfiler(every: 50)
/// let trainer = try Trainer(model, rate: 1e-3, clipping: .globalNorm(1), profiler: profiler)
/// …
/// for profile in profiler.history {
///   print(profile.step, profile.layers[0].memory.horizon() ?? "far")
/// }
/// ```
///
/// It changes no bit of training. A step between two profiles costs nothing. A profiled one reads
/// the carried gradients, up to 256 tokens' gates and states, and the parameters: 45 to 60 % longer
/// for taggers, classifiers and encoder-decoders of H 100 to 128 and 16 to 64 short sequences, less
/// for larger networks. Every 50th step, the default, that is about 1 %; with a probe of single
/// answers, which costs passes of its own, 3 to 5 % (medians of 5 to 9 runs in turn, an AMD EPYC).
/// One profiler belongs to one trainer or engine.
public final class GradientProfiler {
  /// Steps from one profile to the next.
  public let every: Int
  /// The losses whose gradient is followed through the layers. Norms of parameters are those of
  /// training's gradient whatever is probed.
  public let probing: ProfiledLoss
  /// The profiles taken, oldest first: some 24 bytes a layer and time step each, 48 for an LSTM.
  public private(set) var history: [GradientProfile] = []

  private var steps: Int
  let probe: PassProbe
  private var watched: Pass?
  private var before: ParameterStore?

  /// Throws `.range` unless `every` is at least 1, and for a negative `stepsBefore`.
  ///
  /// - Parameters:
  ///   - every: steps from one profile to the next.
  ///   - probing: the losses whose gradient is followed. All answers are what training has anyway;
  ///     each other choice costs a profile of its own, such as
  ///     ``SequenceModel/profile(for:probing:pass:reduction:)``, of sequences that begin at zero,
  ///     without dropout, and with a decoder or Jordan layer that is fed what the profile of one
  ///     batch feeds it. A batch in which no sequence has an answer at the probed step gives a
  ///     profile without layers; where a model has no such answers to choose from, its training
  ///     step throws `.unsupported`.
  ///   - stepsBefore: steps that a run which goes on has made: profiles are taken and counted as if
  ///     it had not stopped.
  public init(
    every: Int = 50, probing: ProfiledLoss = .allAnswers, stepsBefore: Int = 0
  ) throws(RNNError) {
    try requirePositive(every, "steps from profile to profile")
    guard stepsBefore >= 0 else {
      throw RNNError(.range, "steps before", expected: "0 or more", found: "\(stepsBefore)")
    }
    (self.every, self.probing, steps) = (every, probing, stepsBefore)
    probe = PassProbe(keepsBits: true, seesParametersAlone: probing != .allAnswers)
  }

  /// Forgets the profiles taken; steps are counted on.
  public func clear() { history = [] }

  // MARK: One step

  /// Whether this step is to be profiled. To be asked once a step, first.
  ///
  /// - Parameter shares: how many threads may divide the units of a row.
  func beginStep(shares: Int) -> Bool {
    // An engine's pass that did not go back left its probes behind.
    endStep()
    defer { steps += 1 }
    guard steps % every == 0 else { return false }
    probe.begin(shares: shares)
    return true
  }

  /// Watches a pass until ``endStep()``.
  func watch(_ pass: Pass?) {
    pass?.watcher = probe
    watched = pass
  }

  func endStep() {
    watched?.watcher = nil
    watched = nil
    probe.detach()
  }

  /// Keeps what was seen of the step, after BPTT.
  func readBackward(loss: Double?) {
    history.append(probe.profile(step: max(0, steps - 1), loss: loss))
  }

  /// The last profile is of a batch without an answer at the step that is probed.
  func dropLosses() {
    let last = history.count - 1
    (history[last].probe, history[last].hasSeveralLosses) = (probing, false)
  }

  /// Puts layers and ways of another profile of the same batch in the place of those of the last
  /// one taken.
  func replaceLayers(by profile: GradientProfile) {
    let last = history.count - 1
    (history[last].layers, history[last].paths) = (profile.layers, profile.paths)
    (history[last].probe, history[last].hasSeveralLosses) = (
      profile.probe, profile.hasSeveralLosses
    )
  }

  /// Before the update.
  func readWeights(_ weights: ParameterStore) throws(RNNError) {
    let copy = before ?? ParameterStore(layout: weights.layout)
    try copy.copy(from: weights)
    before = copy
  }

  /// After the update.
  func readUpdate(_ weights: ParameterStore, clip: ClipRecord?) {
    guard let before, !history.isEmpty else { return }
    let last = history.count - 1
    history[last].clip = clip
    for (index, slice) in weights.layout.slices.enumerated() {
      let norm = history[last].parameters[index].weightNorm
      guard norm > 0 else { continue }
      let (old, new) = (before.vector(slice), weights.vector(slice))
      for element in 0..<slice.count { old[element] = new[element] - old[element] }
      let change = kernels.sum_of_squares(slice.count, old).squareRoot()
      history[last].parameters[index].updateRatio = change / norm
    }
  }
}
