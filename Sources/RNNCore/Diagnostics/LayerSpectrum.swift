/// The Jacobians of one layer and direction along one sequence: how fast small differences grow,
/// and what the last steps together do to a gradient.
package struct LayerSpectrum: Sendable {
  /// Singular values of the product of the last `steps` Jacobians.
  package struct Window: Sendable {
    package var steps: Int
    /// log₁₀, largest first, as far as Double resolves them.
    package var logSingularValues: [Double]
  }

  package enum Outcome: Sendable {
    case measured(LayerSpectrum)
    /// With the reason.
    case missing(String)

    package var spectrum: LayerSpectrum? {
      if case .measured(let spectrum) = self { spectrum } else { nil }
    }

    package var reason: String? {
      if case .missing(let reason) = self { reason } else { nil }
    }
  }

  package let bounds: RecurrentBounds
  package let lyapunov: LyapunovSpectrum
  package let windows: [Window]

  /// The widest state whose Jacobians are multiplied: products cost its third power a step.
  package static let widest = 512
  private static let windowLengths = [1, 10, 50]

  fileprivate init(_ map: StateMap, _ trajectory: StateTrajectory, bounds: RecurrentBounds)
    throws(RNNError)
  {
    self.bounds = bounds
    lyapunov = try .driven(along: trajectory, map: map)
    let steps = trajectory.stepCount
    windows = try (Self.windowLengths.filter { $0 < steps } + [steps]).map {
      (count: Int) throws(RNNError) in
      let product = try map.jacobianProduct(along: trajectory, steps: steps - count..<steps)
      let values = try product.log10SingularValues()
      let floor = (values.first ?? 0) + product.resolution
      return Window(steps: count, logSingularValues: values.filter { $0 > floor })
    }
  }
}

extension RecurrentNetwork {
  /// The Jacobians of each layer and direction along one sequence of a recorded forward pass, whose
  /// inputs are where it has read them.
  ///
  /// Costs about 30 n³ operations a step and layer, for a state of n numbers.
  func spectra(
    of tape: RecurrentTape, parameters: ParameterStore, sequence: Int
  ) -> [LayerSpectrum.Outcome] {
    let directions = configuration.directions.count
    return (0..<configuration.layers * directions).map { index in
      spectrum(
        of: tape, parameters: parameters, sequence: sequence, layer: index / directions,
        direction: index % directions == 0 ? .forward : .reverse)
    }
  }

  private func spectrum(
    of tape: RecurrentTape, parameters: ParameterStore, sequence: Int, layer: Int,
    direction: Direction
  ) -> LayerSpectrum.Outcome {
    do throws(RNNError) {
      let map = try StateMap(self, layer: layer, direction: direction, parameters: parameters)
      guard map.stateSize <= LayerSpectrum.widest else {
        return .missing("a state of \(map.stateSize) numbers is too wide to multiply Jacobians")
      }
      let bounds = try RecurrentBounds(
        self, layer: layer, direction: direction, parameters: parameters)
      let trajectory = try recordedTrajectory(
        of: tape, sequence: sequence, layer: layer, direction: direction)
      return .measured(try LayerSpectrum(map, trajectory, bounds: bounds))
    } catch {
      return .missing("\(error)")
    }
  }
}
