import RNNCore

/// What one model does to gradients, as its parameters stand: the profile of a batch, and Jacobians
/// along its longest sequence.
struct Snapshot {
  let profile: GradientProfile
  let verdicts: [GradientVerdict]
  /// One a layer and direction, like the profile's layers.
  let spectra: [LayerSpectrum.Outcome]

  /// - Parameter context: what the verdicts are to know; the exponents are added.
  init(
    _ model: SequenceModel, _ batch: SequenceBatch, probing: ProfiledLoss,
    _ context: VerdictContext
  ) throws {
    let pass = model.makePass()
    // Before BPTT writes over the tape.
    spectra = try LayerSpectrum.all(of: model, batch, pass: pass)
    profile = try model.profile(for: batch, probing: probing, pass: pass)
    var context = context
    for (layer, outcome) in zip(profile.layers, spectra) {
      context.lyapunov[layer.name] = outcome.spectrum?.lyapunov.exponents.first
    }
    verdicts = profile.verdicts(context)
  }
}

/// The Jacobians of one layer and direction along one sequence.
struct LayerSpectrum {
  /// Singular values of the product of the last `steps` Jacobians.
  struct Window {
    var steps: Int
    /// log₁₀, largest first, as far as Double resolves them.
    var logSingularValues: [Double]
  }

  enum Outcome {
    case measured(LayerSpectrum)
    /// With the reason.
    case missing(String)

    var spectrum: LayerSpectrum? {
      if case .measured(let spectrum) = self { spectrum } else { nil }
    }

    var reason: String? {
      if case .missing(let reason) = self { reason } else { nil }
    }
  }

  let bounds: RecurrentBounds
  let lyapunov: LyapunovSpectrum
  let windows: [Window]

  /// The widest state whose Jacobians are multiplied: products cost its third power a step.
  static let widest = 512
  private static let windows = [1, 10, 50]

  /// Runs the model over the batch, and takes its longest sequence.
  static func all(
    of model: SequenceModel, _ batch: SequenceBatch, pass: ModelPass
  ) throws -> [Outcome] {
    var state = model.zeroState(sequences: batch.layout.sequenceCount)
    _ = try model.outputs(for: batch, state: &state, pass: pass, recording: true)
    guard let network = model.network, let tape = pass.tape else { return [] }
    let directions = network.configuration.directions.count
    return (0..<network.configuration.layers * directions).map { index in
      measure(
        network, tape, parameters: model.parameters, sequence: batch.layout.order[0],
        layer: index / directions, direction: index % directions == 0 ? .forward : .reverse)
    }
  }

  private static func measure(
    _ network: RecurrentNetwork, _ tape: RecurrentTape, parameters: ParameterStore, sequence: Int,
    layer: Int, direction: Direction
  ) -> Outcome {
    do {
      let map = try StateMap(network, layer: layer, direction: direction, parameters: parameters)
      guard map.stateSize <= widest else {
        return .missing("A state of \(map.stateSize) numbers is too wide to multiply Jacobians.")
      }
      let bounds = try RecurrentBounds(
        network, layer: layer, direction: direction, parameters: parameters)
      let trajectory = try network.trajectory(
        of: tape, sequence: sequence, layer: layer, direction: direction)
      return .measured(try LayerSpectrum(map, trajectory, bounds: bounds))
    } catch {
      return .missing("\(error)".asSentence)
    }
  }

  private init(_ map: StateMap, _ trajectory: StateTrajectory, bounds: RecurrentBounds) throws {
    self.bounds = bounds
    lyapunov = try .driven(along: trajectory, map: map)
    let steps = trajectory.stepCount
    windows = try (Self.windows.filter { $0 < steps } + [steps]).map { count in
      let product = try map.jacobianProduct(along: trajectory, steps: steps - count..<steps)
      let values = try product.log10SingularValues()
      let floor = (values.first ?? 0) + product.resolution
      return Window(steps: count, logSingularValues: values.filter { $0 > floor })
    }
  }
}
