/// How fast one product of a training step runs on one thread: with OpenBLAS, and with our kernels.
///
/// Such measurements (`Benchmarks/results`, products) made the choice of ``ProductBackend``.
public struct ProductRate: Sendable, Hashable {
  /// A product with the recurrent weights U [4H, H] of an LSTM.
  public enum Product: String, CaseIterable, Sendable, Hashable {
    /// h Uᵀ for M sequences.
    case recurrent
    /// dA U for M sequences.
    case backward
    /// dAᵀ H₋₁ for 100 M tokens.
    case weightGradient
  }

  /// Which of a step's products was timed.
  public var product: Product
  /// M, the sequences of one thread.
  public var sequences: Int
  /// H.
  public var hidden: Int
  /// GFLOP/s.
  public var openBLAS: Double
  /// GFLOP/s.
  public var packed: Double

  /// The sizes that ``measure(_:seconds:)`` takes unless told others, as pairs of M and H.
  public static let sizes = [
    (1, 128), (8, 64), (16, 128), (10, 200), (32, 256), (64, 256), (32, 512), (64, 1024),
  ]

  /// Measures every product of every size on the calling thread, OpenBLAS and ours in turn.
  ///
  /// - Parameters:
  ///   - sizes: pairs of M and H.
  ///   - seconds: the time of one product on one side.
  public static func measure(
    _ sizes: [(Int, Int)] = ProductRate.sizes, seconds: Double = 0.02
  ) -> [ProductRate] {
    guard let alone = try? ThreadTeam(count: 1, products: .packed) else { return [] }
    return sizes.flatMap { sequences, hidden in
      let bench = ProductBench(sequences: sequences, hidden: hidden, team: alone)
      return Product.allCases.map { bench.measure($0, seconds: seconds) }
    }
  }
}

/// The matrices of one size.
private struct ProductBench {
  let sequences: Int
  let hidden: Int
  private let buffers = (0..<5).map { _ in FloatBuffer() }
  private let (states, gates, weights, result, gradient): (Matrix, Matrix, Matrix, Matrix, Matrix)
  private let packs = [PackedWeights(), PackedWeights()]
  private let (forward, backward): (ProductWeights, ProductWeights)

  /// The weight gradient sums over so many steps.
  private static let steps = 100

  init(sequences: Int, hidden: Int, team: ThreadTeam) {
    (self.sequences, self.hidden) = (sequences, hidden)
    let tokens = ProductBench.steps * sequences
    states = buffers[0].matrix(tokens, hidden)
    gates = buffers[1].paddedMatrix(tokens, 4 * hidden)
    weights = buffers[2].matrix(4 * hidden, hidden)
    result = buffers[3].matrix(sequences, hidden)
    gradient = buffers[4].matrix(4 * hidden, hidden)
    forward = packs[0].pack(weights, isTransposed: true, gates: 4, team: team)
    backward = packs[1].pack(weights, isTransposed: false, gates: 1, team: team)
  }

  func measure(_ product: ProductRate.Product, seconds: Double) -> ProductRate {
    let flops = 2 * Double(sequences * 4 * hidden * hidden)
    var rate = ProductRate(
      product: product, sequences: sequences, hidden: hidden, openBLAS: 0, packed: 0)
    // In turn, and the better of two: somebody else may have had the core.
    for _ in 0..<2 {
      rate.openBLAS = max(rate.openBLAS, run(product, flops, seconds, byBLAS: true))
      rate.packed = max(rate.packed, run(product, flops, seconds, byBLAS: false))
    }
    return rate
  }

  /// GFLOP/s over at least `seconds`.
  private func run(
    _ product: ProductRate.Product, _ flops: Double, _ seconds: Double, byBLAS: Bool
  ) -> Double {
    let clock = ContinuousClock()
    let begin = clock.now
    var (count, elapsed) = (0.0, 0.0)
    repeat {
      switch product {
      case .recurrent, .backward:
        for step in 0..<ProductBench.steps { multiply(product, step: step, byBLAS: byBLAS) }
      case .weightGradient:
        if byBLAS {
          BLAS.multiply(gates, .yes, states, into: gradient, beta: 1)
        } else {
          gradient.addOuterProducts(gates, states)
        }
      }
      count += Double(ProductBench.steps)
      elapsed = (clock.now - begin) / .seconds(1)
    } while elapsed < seconds
    return 1e-9 * flops * count / elapsed
  }

  private func multiply(_ product: ProductRate.Product, step: Int, byBLAS: Bool) {
    let rows = step * sequences..<(step + 1) * sequences
    switch (product, byBLAS) {
    case (.recurrent, true):
      BLAS.multiply(states.rows(rows), .no, weights, .yes, into: gates.rows(rows), beta: 1)
    case (.recurrent, false):
      forward.multiply(states.rows(rows), add: true, into: gates.rows(rows))
    case (_, true): BLAS.multiply(gates.rows(rows), .no, weights, into: result, beta: 0)
    case (_, false): backward.multiply(gates.rows(rows), add: false, into: result)
    }
  }
}
