import CSgemm

/// The sgemm calls of one training step, with nothing between them: what a step cannot be faster than as
/// long as OpenBLAS does its products.
final class SgemmCalls {
  private let shape: StepShape
  private let input, gates, state, weightIH, weightHH: UnsafeMutablePointer<Float>
  private let gradientIH, gradientHH: UnsafeMutablePointer<Float>

  init(_ shape: StepShape) {
    self.shape = shape
    let rows = shape.steps * shape.batch
    let width = shape.gates * shape.hidden
    func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
      let pointer = UnsafeMutablePointer<Float>.allocate(capacity: count)
      for index in 0..<count { pointer[index] = Float(index % 7) * 1e-3 }
      return pointer
    }
    input = zeros(rows * shape.input)
    gates = zeros(rows * width)
    state = zeros((rows + shape.batch) * shape.hidden)
    weightIH = zeros(width * shape.input)
    weightHH = zeros(width * shape.hidden)
    gradientIH = zeros(width * shape.input)
    gradientHH = zeros(width * shape.hidden)
  }

  deinit {
    for pointer in [input, gates, state, weightIH, weightHH, gradientIH, gradientHH] {
      pointer.deallocate()
    }
  }

  /// Forward and backward products of all weights, without dX.
  func run() {
    let (batch, hidden, width) = (shape.batch, shape.hidden, shape.gates * shape.hidden)
    let rows = shape.steps * batch
    // A = X Wᵀ, then A_t += h_{t−1} Uᵀ for each step.
    product(input, CblasNoTrans, weightIH, CblasTrans, gates, rows, width, shape.input, beta: 0)
    for step in 0..<shape.steps {
      product(
        state + step * batch * hidden, CblasNoTrans, weightHH, CblasTrans,
        gates + step * batch * width, batch, width, hidden, beta: 1)
    }
    // dh_{t−1} = dA_t U for each step, then dW = dAᵀ X and dU = dAᵀ H.
    for step in (0..<shape.steps).reversed() {
      product(
        gates + step * batch * width, CblasNoTrans, weightHH, CblasNoTrans,
        state + step * batch * hidden, batch, hidden, width, beta: 0)
    }
    product(gates, CblasTrans, input, CblasNoTrans, gradientIH, width, shape.input, rows, beta: 0)
    product(gates, CblasTrans, state, CblasNoTrans, gradientHH, width, hidden, rows, beta: 0)
  }

  /// Puts the gates back: products of products would run away over the rounds. Not a part of the step.
  func reset() {
    for index in 0..<shape.steps * shape.batch * shape.gates * shape.hidden {
      gates[index] = Float(index % 7) * 1e-3
    }
  }

  private func product(
    _ a: UnsafeMutablePointer<Float>, _ transposeA: CBLAS_TRANSPOSE,
    _ b: UnsafeMutablePointer<Float>, _ transposeB: CBLAS_TRANSPOSE,
    _ c: UnsafeMutablePointer<Float>, _ m: Int, _ n: Int, _ k: Int, beta: Float
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA, transposeB, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(transposeA == CblasNoTrans ? k : m), b,
      blasint(transposeB == CblasNoTrans ? n : k), beta, c, blasint(n))
  }

  static func useThreads(_ count: Int) { openblas_set_num_threads(Int32(count)) }
}
