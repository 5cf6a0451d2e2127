import COpenBLAS
import RNNCore

/// The matrix products of one training step and nothing else: the same shapes, transpositions and
/// memory order as the engine's, straight into OpenBLAS.
///
/// No gate is computed, so that the recurrent products read constant states; the time of a product
/// does not depend on its numbers.
final class MatrixProducts {
  private typealias Floats = UnsafeMutablePointer<Float>

  private let shape: Shape
  private let threads: Int
  /// x [N, I], states [B + N, H]
  private let inputs: Floats
  private let states: Floats
  /// W [G·H, I], U [G·H, H]
  private let inputWeights: Floats
  private let recurrentWeights: Floats
  /// Preactivations and their gradients, [N, G·H]
  private let gates: Floats
  /// dh [B, H], dW [G·H, I], dU [G·H, H]
  private let stateGradient: Floats
  private let inputWeightGradient: Floats
  private let recurrentWeightGradient: Floats

  init(_ shape: Shape, threads: Int) {
    self.shape = shape
    self.threads = threads
    let rows = shape.gates * shape.hidden
    var generator = RandomGenerator(seed: 2)
    inputs = Self.allocate(shape.tokens * shape.input, using: &generator)
    states = Self.allocate((shape.sequences + shape.tokens) * shape.hidden, using: &generator)
    inputWeights = Self.allocate(rows * shape.input, using: &generator)
    recurrentWeights = Self.allocate(rows * shape.hidden, using: &generator)
    gates = Self.allocate(shape.tokens * rows, using: &generator)
    stateGradient = Self.allocate(shape.sequences * shape.hidden, using: &generator)
    inputWeightGradient = Self.allocate(rows * shape.input, using: &generator)
    recurrentWeightGradient = Self.allocate(rows * shape.hidden, using: &generator)
  }

  deinit {
    for buffer in [
      inputs, states, inputWeights, recurrentWeights, gates, stateGradient, inputWeightGradient,
      recurrentWeightGradient,
    ] {
      buffer.deallocate()
    }
  }

  /// All products of one step, with OpenBLAS's own threads; leaves OpenBLAS at one thread, as
  /// RNNCore wants it.
  func run() {
    openblas_set_num_threads(Int32(threads))
    defer { openblas_set_num_threads(1) }
    let (rows, hidden, batch) = (shape.gates * shape.hidden, shape.hidden, shape.sequences)

    // A = X Wᵀ, then A_t += h_{t−1} Uᵀ.
    multiply(inputs, byTransposed: inputWeights, into: gates, shape.tokens, rows, shape.input, 0)
    for step in 0..<shape.steps {
      multiply(
        states + step * batch * hidden, byTransposed: recurrentWeights,
        into: gates + step * batch * rows, batch, rows, hidden, 1)
    }
    // dh_{t−1} = dA_t U, last step first; then dW = dAᵀ X and dU = dAᵀ H₋₁.
    for step in (0..<shape.steps).reversed() {
      multiply(
        gates + step * batch * rows, by: recurrentWeights, into: stateGradient, batch, hidden, rows)
    }
    multiply(
      transposed: gates, by: inputs, into: inputWeightGradient, rows, shape.input, shape.tokens)
    multiply(
      transposed: gates, by: states, into: recurrentWeightGradient, rows, hidden, shape.tokens)
  }

  /// C [m, n] = A [m, k] · B [n, k]ᵀ + beta · C.
  private func multiply(
    _ a: Floats, byTransposed b: Floats, into c: Floats, _ m: Int, _ n: Int, _ k: Int, _ beta: Float
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(m), blasint(n), blasint(k), 1, a, blasint(k),
      b, blasint(k), beta, c, blasint(n))
  }

  /// C [m, n] = A [m, k] · B [k, n].
  private func multiply(
    _ a: Floats, by b: Floats, into c: Floats, _ m: Int, _ n: Int, _ k: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(k), b, blasint(n), 0, c, blasint(n))
  }

  /// C [m, n] = A [k, m]ᵀ · B [k, n].
  private func multiply(
    transposed a: Floats, by b: Floats, into c: Floats, _ m: Int, _ n: Int, _ k: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a, blasint(m),
      b, blasint(n), 0, c, blasint(n))
  }

  /// Uniform in ±0.1, so that nothing is ever subnormal or infinite.
  private static func allocate(_ count: Int, using generator: inout RandomGenerator) -> Floats {
    let buffer = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Float>.stride, alignment: 64
    ).bindMemory(to: Float.self, capacity: count)
    for index in 0..<count {
      (buffer + index).initialize(to: generator.uniform(-0.1, 0.1))
    }
    return buffer
  }
}

/// The core that OpenBLAS computes with.
func blasCore() -> String { String(cString: openblas_get_corename()) }
