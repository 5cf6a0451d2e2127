import RNNCore

/// What one model does to gradients, as its parameters stand: the profile of a batch, and Jacobians along its
/// longest sequence.
struct Snapshot {
  let profile: GradientProfile
  let verdicts: [GradientVerdict]
  /// One a layer and direction, like the profile's layers; nil where they would take too long.
  let spectra: [LayerSpectrum?]

  /// - Parameter context: what the verdicts are to know; the exponents are added.
  init(
    _ model: SequenceModel, _ batch: SequenceBatch, probing: ProfiledLoss,
    _ context: VerdictContext
  ) throws {
    let pass = model.makePass()
    let profile = try model.profile(of: batch, probing: probing, pass: pass)
    self.profile = profile
    guard let network = model.network, let tape = pass.tape else {
      (verdicts, spectra) = ([], [])
      return
    }
    let longest = batch.layout.order[0]
    let directions = network.configuration.directions.count
    spectra = try profile.layers.indices.map { index in
      try LayerSpectrum(
        network, tape, parameters: model.parameters, sequence: longest,
        layer: index / directions, direction: index % directions == 0 ? .forward : .reverse)
    }
    var context = context
    for (layer, spectrum) in zip(profile.layers, spectra) {
      context.lyapunov[layer.name] = spectrum?.lyapunov.exponents.first
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

  let bounds: RecurrentBounds
  let lyapunov: LyapunovSpectrum
  let windows: [Window]

  /// The widest state whose Jacobians are multiplied: products cost its third power a step.
  static let widest = 512
  private static let windows = [1, 10, 50]

  /// Nil for a state that is wider than `widest`, and for numbers that are not finite.
  init?(
    _ network: RecurrentNetwork, _ tape: RecurrentTape, parameters: ParameterStore, sequence: Int,
    layer: Int, direction: Direction
  ) throws {
    let map = try StateMap(network, layer: layer, direction: direction, parameters: parameters)
    guard map.stateSize <= Self.widest else { return nil }
    let trajectory = try network.trajectory(
      of: tape, sequence: sequence, layer: layer, direction: direction)
    do {
      bounds = try RecurrentBounds(
        network, layer: layer, direction: direction, parameters: parameters)
      lyapunov = try .driven(along: trajectory, map: map)
      let steps = trajectory.stepCount
      windows = try (Self.windows.filter { $0 < steps } + [steps]).map { count in
        let product = try map.jacobianProduct(along: trajectory, steps: steps - count..<steps)
        let values = try product.log10SingularValues()
        let floor = (values.first ?? 0) + product.resolution
        return Window(steps: count, logSingularValues: values.filter { $0 > floor })
      }
    } catch let error as RNNError where error.kind == .nonFinite {
      return nil
    }
  }
}
