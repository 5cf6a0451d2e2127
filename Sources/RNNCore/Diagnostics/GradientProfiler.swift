/// Takes a ``GradientProfile`` of every n-th training step.
///
/// ```swift
/// let profiler = try GradientProfiler(every: 50)
/// let trainer = try Trainer(model, rate: 1e-3, clipping: .globalNorm(1), profiler: profiler)
/// …
/// for profile in profiler.history { print(profile.step, profile.layers[0].memory.horizon() ?? "far") }
/// ```
///
/// A step between two profiles costs nothing. A profiled one reads the carried gradients, up to 256 tokens' gates and
/// states, and the parameters: from 1 % longer (GRU, B 64, T 100, H 256) to 43 % longer (LSTM, B 16, T 200, H 64), the
/// more the smaller the network. Every 50th step, the default, that is under 1 %, every 10th under 5 %
/// (`rnnbench throughput --passes train,trainProfiled`; medians of three runs, 2 threads of an AMD EPYC).
/// One profiler belongs to one trainer or engine.
public final class GradientProfiler {
  /// Steps from one profile to the next.
  public let every: Int
  /// The losses whose gradient is followed through the layers. Norms of parameters are those of training's gradient
  /// whatever is probed.
  public let probing: ProfiledLoss
  /// The profiles taken, oldest first: some 24 bytes a layer and time step each, 48 for an LSTM.
  public private(set) var history: [GradientProfile] = []

  private var steps = 0
  private var reader: ProfileReader?
  private var probes: [GradientProbe] = []
  private var before: ParameterStore?

  /// Throws `.range` unless `every` is at least 1.
  ///
  /// - Parameters:
  ///   - every: steps from one profile to the next.
  ///   - probing: the losses whose gradient is followed. All answers are what training has anyway; each other choice
  ///     costs a ``SequenceModel/profile(for:probing:pass:reduction:)`` more, of sequences that begin at zero and without
  ///     dropout. A batch in which no sequence has an answer at the probed step gives a profile without layers; a model
  ///     that answers at the end has no steps to probe, and its training step throws `.unsupported`.
  public init(every: Int = 50, probing: ProfiledLoss = .allAnswers) throws(RNNError) {
    try requirePositive(every, "steps from profile to profile")
    (self.every, self.probing) = (every, probing)
  }

  /// Forgets the profiles taken; steps are counted on.
  public func clear() { history = [] }

  private func dropReader() {
    reader?.detach()
    reader = nil
  }

  // MARK: One step

  /// Whether this step is to be profiled. To be asked once a step, first.
  func beginStep() -> Bool {
    // A step that threw left its probes behind.
    dropReader()
    defer { steps += 1 }
    return steps % every == 0
  }

  /// After a recorded forward pass.
  func readForward(_ network: RecurrentNetwork?, _ tape: RecurrentTape?, team: ThreadTeam) {
    guard let network, let tape else { return }
    while probes.count < tape.layers.count { probes.append(GradientProbe()) }
    reader = ProfileReader(network, tape, probes: probes, shares: team.count)
  }

  /// After BPTT, before anything is done to the gradients.
  func readBackward(
    _ gradients: ParameterStore, weights: ParameterStore, network: RecurrentNetwork?, loss: Double?,
    probed: [Int?]? = nil, hasSeveralLosses: Bool
  ) {
    var profile = GradientProfile(
      step: max(0, steps - 1), loss: loss, layers: reader?.layers(probed: probed) ?? [],
      parameters: ProfileReader.parameters(
        gradients, weights: weights, layers: network?.layers ?? []))
    profile.hasSeveralLosses = hasSeveralLosses
    history.append(profile)
    dropReader()
  }

  /// The last profile is of a batch without an answer at the step that is probed.
  func dropLayers() {
    let last = history.count - 1
    (history[last].layers, history[last].probe) = ([], probing)
    history[last].hasSeveralLosses = false
  }

  /// What the last profile says of layers becomes that of another one of the same batch.
  func replaceLayers(by profile: GradientProfile) {
    let last = history.count - 1
    history[last].layers = profile.layers
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
