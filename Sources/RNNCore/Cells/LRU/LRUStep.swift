internal import CLibrary

/// h_t = λ ⊙ h_{t−1} + γ ⊙ B x_t on (Re h, Im h):  J_t has Re λ on the diagonal of both blocks, −Im
/// λ and Im λ beside them, at every step the same.
struct LRUStep: LinearizedStep {
  let next, output: [Double]
  let sums: [(gate: Gate, values: [Double])] = []
  private let lambda: [(re: Double, im: Double)]

  init(_ weights: StateWeights, state: [Double], input: [Double]) {
    lambda = zip(
      weights.parameter(LRU.Names.radius).values, weights.parameter(LRU.Names.angle).values
    ).map { LRU.rotation($0, $1) }
    let gamma = weights.parameter(LRU.Names.normalization).values.map { exp($0) }
    let products = weights.parameter("weight_ih").times(input)
    let pairs = gamma.count
    var next = [Double](repeating: 0, count: 2 * pairs)
    for unit in 0..<pairs {
      let (re, im) = (state[unit], state[pairs + unit])
      next[unit] = lambda[unit].re * re - lambda[unit].im * im + gamma[unit] * products[unit]
      next[pairs + unit] =
        lambda[unit].re * im + lambda[unit].im * re + gamma[unit] * products[pairs + unit]
    }
    self.next = next
    output = sum(weights.parameter("weight_ho").times(next), Array(products[(2 * pairs)...]))
  }

  func jacobian() -> DenseMatrix {
    let pairs = lambda.count
    var result = DenseMatrix(zeros: 2 * pairs, 2 * pairs)
    result.addDiagonal(lambda.map(\.re))
    result.addDiagonal(lambda.map(\.re), row: pairs, column: pairs)
    result.addDiagonal(lambda.map { -$0.im }, column: pairs)
    result.addDiagonal(lambda.map(\.im), row: pairs)
    return result
  }
}
