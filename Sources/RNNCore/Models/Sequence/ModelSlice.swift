/// A plane through a model's parameters θ: E(u, v) is the loss of a batch at θ + u·a + v·b.
///
/// Every evaluation puts the parameters back exactly as they were when the slice was made, also
/// when it throws. The slopes are those of the plane: ∂E/∂u = ∇E · a, ∂E/∂v = ∇E · b; there is no
/// dropout in them, and a teacher-forced cell is fed the targets, as in training.
///
/// Cost: a forward pass a value, three a point, and the packing of all weights.
public final class ModelSlice: LossSurface2D {
  /// The model whose parameters are moved; they are put back after each value.
  public let model: SequenceModel
  /// a and b.
  public let first: ParameterStore
  /// b, the direction of v; with the layout of the model's parameters.
  public let second: ParameterStore

  private let batch: SequenceBatch
  private let reduction: Loss.Reduction
  private let pass: ModelPass
  private let origin: ParameterStore
  private let gradients: ParameterStore

  /// Throws `.shape` for a direction with another layout or a batch that does not fit the model,
  /// and `.range` for a direction of zeros or two that are parallel.
  ///
  /// - Parameters:
  ///   - model: its present parameters are the plane's origin.
  ///   - batch: sequences with targets, whose states start from zero.
  ///   - first: a, of ``SequenceModel/randomDirection(using:)`` or
  ///     ``SequenceModel/direction(of:element:)``.
  ///   - second: b.
  ///   - reduction: how the losses of single answers are added up.
  public init(
    _ model: SequenceModel, batch: SequenceBatch, first: ParameterStore, second: ParameterStore,
    reduction: Loss.Reduction = .mean
  ) throws(RNNError) {
    self.model = model
    self.batch = batch
    self.first = first
    self.second = second
    self.reduction = reduction
    pass = model.makePass()
    origin = ParameterStore(layout: model.parameters.layout)
    gradients = ParameterStore(layout: model.parameters.layout)
    try origin.copy(from: model.parameters)
    for direction in [first, second] where direction.layout != model.parameters.layout {
      throw RNNError(
        .shape, "direction", expected: "the layout of the model", found: "another layout")
    }
    let (aa, bb, ab) = (first.dot(first), second.dot(second), first.dot(second))
    guard aa > 0, bb > 0, (aa * bb).isFinite else {
      throw RNNError(
        .range, "direction", expected: "finite and not all zeros", found: "\(aa), \(bb)")
    }
    // The squared sine of the angle between them; Float elements leave 1e-7 of rounding in it.
    guard 1 - ab * ab / (aa * bb) > 1e-6 else {
      throw RNNError(
        .range, "directions", expected: "two that span a plane", found: "parallel ones")
    }
    try model.check(batch, state: model.zeroState(sequences: batch.layout.sequenceCount))
  }

  public func value(_ u: Double, _ v: Double) throws(RNNError) -> Double {
    move(u, v)
    defer { restore() }
    var state = model.zeroState(sequences: batch.layout.sequenceCount)
    return try model.loss(
      for: batch, state: &state, pass: pass, reduction: reduction, asInTraining: true
    ).value
  }

  public func point(_ u: Double, _ v: Double) throws(RNNError) -> SurfacePoint {
    move(u, v)
    defer { restore() }
    var state = model.zeroState(sequences: batch.layout.sequenceCount)
    gradients.setToZero()
    let loss = try model.addGradient(
      for: batch, state: &state, pass: pass, reduction: reduction, to: gradients)
    return SurfacePoint(
      u: u, v: v, value: loss.value, slopeU: gradients.dot(first), slopeV: gradients.dot(second))
  }

  private func move(_ u: Double, _ v: Double) {
    let (a, b, base) = (first.storage.pointer, second.storage.pointer, origin.storage.pointer)
    model.parameters.withUnsafeMutableValues { values in
      for index in values.indices {
        values[index] = Float(Double(base[index]) + u * Double(a[index]) + v * Double(b[index]))
      }
    }
  }

  private func restore() {
    let base = origin.storage.pointer
    model.parameters.withUnsafeMutableValues { values in
      for index in values.indices { values[index] = base[index] }
    }
  }
}

extension SequenceModel {
  /// A random direction in the space of the parameters, normalised by filter (Li, Xu, Taylor,
  /// Studer and Goldstein 2018): every row of a weight matrix (the weights of one unit and gate),
  /// of an embedding or of peepholes is drawn from a normal distribution and scaled to the norm of
  /// the model's own row. Biases are left out (zeros), as in the paper.
  ///
  /// One step along it so changes every unit by as much as its weights are large, whatever their
  /// scale.
  public func randomDirection(using generator: inout RandomGenerator) -> ParameterStore {
    let direction = ParameterStore(layout: parameters.layout)
    for slice in parameters.layout.slices where !slice.role.isBias {
      let (own, drawn) = (parameters.matrix(slice), direction.matrix(slice))
      for row in 0..<slice.rows {
        let values = drawn.row(row)
        for column in values.indices { values[column] = generator.normal() }
        let scale = norm(own.row(row)) / max(norm(values), .leastNormalMagnitude)
        for column in values.indices { values[column] = Float(Double(values[column]) * scale) }
      }
    }
    direction.markChanged()
    return direction
  }

  /// The direction of one element: 1 at the element, 0 elsewhere.
  ///
  /// Throws `.format` for an unknown name, `.range` for an element that the parameter has not.
  ///
  /// - Parameters:
  ///   - name: a parameter, as in ``ParameterLayout``.
  ///   - element: its index in the row-major values.
  public func direction(of name: String, element: Int) throws(RNNError) -> ParameterStore {
    let slice = try parameters.layout.slice(named: name)
    guard (0..<slice.count).contains(element) else {
      throw RNNError(
        .range, "\(name)[\(element)]", expected: "an element from 0 to \(slice.count - 1)",
        found: "\(element)")
    }
    let direction = ParameterStore(layout: parameters.layout)
    direction.vector(slice)[element] = 1
    direction.markChanged()
    return direction
  }
}

private func norm(_ values: UnsafeMutableBufferPointer<Float>) -> Double {
  values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

extension ParameterLayout.Role {
  fileprivate var isBias: Bool {
    switch self {
    case .bias, .recurrence, .denseBias, .transitionBias: true
    case .inputWeight, .recurrentWeight, .peephole, .emissionWeight, .denseWeight, .embedding,
      .transitionWeight:
      false
    }
  }
}

extension ParameterStore {
  /// The sum of products of all elements, in Double.
  fileprivate func dot(_ other: ParameterStore) -> Double {
    let (a, b) = (storage.pointer, other.storage.pointer)
    return (0..<layout.storageCount).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
  }
}
