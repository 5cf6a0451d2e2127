extension OracleNetwork {
  /// sum(cotangent * outputs) + sum(cotangent * final h) + sum(cotangent * final c).
  func loss<Scalar: OracleScalar>(
    _ arguments: OracleArguments<Scalar>, cotangent: OracleResult<Double>,
    constants: OracleConstants = OracleConstants()
  ) -> Scalar {
    let result = run(arguments, constants: constants)
    var sum: Scalar = 0.0
    for (slopes, tensor) in zip(cotangent.tensors, result.tensors) {
      precondition(slopes.values.count == tensor.values.count, "\(tensor.name) differ in shape")
      for (slope, value) in zip(slopes.values, tensor.values) {
        sum = sum + Scalar(slope) * value
      }
    }
    return sum
  }

  /// The loss and its slope in every parameter, every input and every initial state.
  func gradient(
    at arguments: OracleArguments<Double>, cotangent: OracleResult<Double>,
    constants: OracleConstants = OracleConstants()
  ) -> (loss: Double, gradient: OracleArguments<Double>) {
    let tape = GradientTape()
    let variables = arguments.map { tape.variable($0) }
    let loss = loss(variables, cotangent: cotangent, constants: constants)
    let slopes = tape.gradient(of: loss)
    return (loss.value, variables.map { slopes[$0.node] })
  }
}
