/// Y = f(X Wᵀ + b), row by row: a readout (f the identity), or the hidden layer of a feed-forward
/// network.
struct Linear: Sendable {
  /// [O, I]
  let weight: ParameterLayout.Slice
  /// [O]
  let bias: ParameterLayout.Slice
  private let activation: Activation

  init(
    _ name: String, input: Int, output: Int, activation: HiddenActivation? = nil,
    declaringIn layout: inout ParameterLayout
  ) {
    weight = layout.add(
      "\(name).weight", layer: name, rows: output, columns: input, role: .denseWeight(fanIn: input))
    bias = layout.add("\(name).bias", layer: name, rows: output, role: .denseBias(fanIn: input))
    self.activation = activation?.function ?? .identity
  }

  var outputSize: Int { weight.rows }
  var flopsPerRow: Double { 2 * Double(weight.count) }

  func forward(_ input: Matrix, into output: Matrix, parameters: ParameterStore, team: ThreadTeam) {
    BLAS.multiply(
      input, .no, parameters.matrix(weight), .yes, into: output, beta: 0, team: team)
    let bias = parameters.vector(bias)
    team.split(output.rows) { range in
      activation.apply(output.rows(range), bias: bias, into: output.rows(range))
    }
  }

  /// Adds dW and db; `gradient` [N, O] becomes the gradient of the preactivation. With the identity the
  /// output may be nil.
  func backward(
    _ gradient: Matrix, input: Matrix, output: Matrix?, inputGradient: Matrix?,
    parameters: ParameterStore, gradients: ParameterStore, team: ThreadTeam
  ) {
    if let output, activation != .identity {
      team.split(gradient.rows) { range in
        let dy = gradient.rows(range)
        activation.applyBackward(output.rows(range), dy, into: dy)
      }
    }
    BLAS.multiply(gradient, .yes, input, into: gradients.matrix(weight), beta: 1, team: team)
    gradient.addColumnSums(to: gradients.vector(bias), team: team)
    if let inputGradient {
      BLAS.multiply(
        gradient, .no, parameters.matrix(weight), into: inputGradient, beta: 0, team: team)
    }
  }
}
