/// Y = f(X Wᵀ + b), row by row: a readout (f the identity), or the hidden layer of a feed-forward
/// network.
public struct Linear: Sendable {
  /// [O, I]
  let weight: ParameterLayout.Slice
  /// [O]; nil for a layer without
  let bias: ParameterLayout.Slice?
  private let activation: Activation

  /// Declares `name.weight` [O, I] and, where it has one, `name.bias` [O].
  ///
  /// - Parameters:
  ///   - name: of the layer.
  ///   - input: I, the width of the rows that it reads.
  ///   - output: O, the width of those that it gives.
  ///   - activation: f; nil for the identity.
  ///   - hasBias: whether there is a b.
  ///   - layout: gets the parameters.
  public init(
    _ name: String, input: Int, output: Int, activation: HiddenActivation? = nil,
    hasBias: Bool = true, declaringIn layout: inout ParameterLayout
  ) {
    weight = layout.add(
      "\(name).weight", layer: name, rows: output, columns: input, role: .denseWeight(fanIn: input))
    bias =
      hasBias
      ? layout.add("\(name).bias", layer: name, rows: output, role: .denseBias(fanIn: input)) : nil
    self.activation = activation?.function ?? .identity
  }

  /// A layer with a weight that another one has declared, [O, I], and a bias of its own.
  init(
    _ name: String, tiedTo weight: ParameterLayout.Slice, declaringIn layout: inout ParameterLayout
  ) {
    self.weight = weight
    bias = layout.add(
      "\(name).bias", layer: name, rows: weight.rows, role: .denseBias(fanIn: weight.columns))
    activation = .identity
  }

  /// I.
  public var inputSize: Int { weight.columns }
  /// O.
  public var outputSize: Int { weight.rows }

  /// [N, O] for rows [N, I]. Throws `.shape` for rows of another width. Costs 2·N·I·O operations,
  /// the way back twice that.
  public func callAsFunction(_ rows: Rows) throws(RNNError) -> Rows {
    try rows.check(width: inputSize, "input of a linear layer")
    let pass = rows.pass
    let record = pass.record(
      { $0.weights === pass.weights(of: weight) }, { LinearRecord(self, pass.weights(of: weight)) })
    (record.input, record.groups) = (rows.source, rows.order.groups(of: rows.count))
    let output = record.buffer.matrix(rows.count, outputSize)
    record.output = output
    forward(
      rows.matrix, into: output, weights: record.weights, parameters: pass.parameters,
      team: pass.team)
    return rows.giving(output, slope: record.slope, in: record.buffer)
  }

  var flopsPerRow: Double { 2 * Double(weight.count) }

  /// Where its parameters end in their layout.
  var parameterEnd: Int { max(weight.range.upperBound, bias?.range.upperBound ?? 0) }

  func forward(
    _ input: Matrix, into output: Matrix, weights: LinearWeights, parameters: ParameterStore,
    team: ThreadTeam
  ) {
    weights.product(for: .forward, parameters, weight, team: team)
      .multiply(input, add: false, into: output, team: team)
    team.split(output.rows) { activate(output.rows($0), parameters: parameters) }
  }

  /// Y = f(Y + b), on the calling thread.
  func activate(_ output: Matrix, parameters: ParameterStore) {
    guard bias != nil || activation != .identity else { return }
    activation.apply(
      output, bias: bias.map { UnsafePointer(parameters.vector($0)) }, into: output)
  }

  /// X·Wᵀ or dY·W with the current weights, for who takes the rows in parts.
  func product(for side: PassSide, in pass: Pass) -> ProductWeights {
    pass.weights(of: weight).product(for: side, pass.parameters, weight, team: pass.team)
  }

  /// Adds dW and db; `gradient` [N, O] becomes the gradient of the preactivation. With the identity
  /// the output may be nil.
  func backward(
    _ gradient: Matrix, input: Matrix, output: Matrix?, inputGradient: Matrix?,
    weights: LinearWeights, parameters: ParameterStore, gradients: ParameterStore, team: ThreadTeam
  ) {
    backward(
      gradient, output: output, inputGradient: inputGradient, weights: weights,
      parameters: parameters, team: team)
    addGradients(gradient, input: input, to: gradients, team: team)
  }

  /// ``backward(_:input:output:inputGradient:weights:parameters:gradients:team:)`` of some rows
  /// without the gradients of the parameters, which ``addGradients(_:input:in:to:team:)`` adds for
  /// all of them at once.
  func backward(
    _ gradient: Matrix, output: Matrix?, inputGradient: Matrix?, weights: LinearWeights,
    parameters: ParameterStore, team: ThreadTeam
  ) {
    if let output, activation != .identity {
      team.split(gradient.rows) { range in
        let dy = gradient.rows(range)
        activation.applyBackward(output.rows(range), dy, into: dy)
      }
    }
    guard let inputGradient else { return }
    weights.product(for: .backward, parameters, weight, team: team)
      .multiply(gradient, add: false, into: inputGradient, team: team)
  }

  /// Adds dW and db, from the gradient of the preactivation [N, O] and what the layer read [N, I],
  /// in the order of `groups`, or without these of the rows.
  func addGradients(
    _ gradient: Matrix, input: Matrix, in groups: TokenGroups? = nil, to gradients: ParameterStore,
    team: ThreadTeam
  ) {
    gradients.matrix(weight).addOuterProducts(
      gradient, input, sums: bias.map { gradients.vector($0) }, in: groups, team: team)
  }
}

private final class LinearRecord: LayerRecord {
  let layer: Linear
  let weights: LinearWeights
  var input: RowSource?
  var groups = TokenGroups.one(rows: 0)
  var output: Matrix?
  let buffer = FloatBuffer()

  init(_ layer: Linear, _ weights: LinearWeights) {
    (self.layer, self.weights) = (layer, weights)
  }

  override var parameterEnd: Int { layer.parameterEnd }

  override func backward(_ pass: Pass) {
    guard let input, let gradient = slope.matrix else { return }
    func walk(_ inputGradient: Matrix?) {
      layer.backward(
        gradient, output: output, inputGradient: inputGradient,
        weights: weights, parameters: pass.parameters, team: pass.team)
    }
    if let below = input.slope {
      below.receive(input.matrix.rows, input.matrix.columns, pass, walk)
    } else {
      walk(nil)
    }
    layer.addGradients(
      gradient, input: input.matrix, in: groups, to: pass.recordedGradients, team: pass.team)
  }
}

/// The packed weights of one linear layer; see `LayerWeights`.
final class LinearWeights: @unchecked Sendable {
  private let sides = PackedSides()
  private var versions = PackedVersions()

  /// X·Wᵀ or dY·W with the current weights.
  fileprivate func product(
    for side: PassSide, _ parameters: ParameterStore, _ slice: ParameterLayout.Slice,
    team: ThreadTeam
  ) -> ProductWeights {
    let matrix = parameters.matrix(slice)
    return versions.renew(side, parameters, team)
      ? sides.pack(matrix, for: side, team: team) : sides.view(matrix, for: side)
  }
}
