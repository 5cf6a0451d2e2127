internal import CKernels

/// Weights as the right side of products C = A·W: packed for our kernels, or as they are for
/// OpenBLAS. A view: it keeps nothing alive.
///
/// The columns of W are `gates` blocks of `width` units. Products can be taken of some units only,
/// so that the gates of those are computed while they are in the cache, and so that threads can
/// divide them.
struct ProductWeights: @unchecked Sendable {
  /// W [K, gates·width], or its transpose.
  let matrix: Matrix
  let isTransposed: Bool
  let gates: Int
  fileprivate let packed: UnsafeMutablePointer<Float>?

  /// K.
  var inner: Int { isTransposed ? matrix.columns : matrix.rows }
  /// Units of a gate.
  var width: Int { (isTransposed ? matrix.rows : matrix.columns) / gates }

  /// Borders between ranges of units are multiples of it. What is not packed is not cut: OpenBLAS
  /// prepares both sides anew in each call.
  var unitGrain: Int { packed == nil ? width : kernels.lanes }

  /// C = A·W, or C += A·W, in the columns of some units of every gate.
  ///
  /// - Parameters:
  ///   - a: [n, K].
  ///   - units: the units; all of them when nil.
  ///   - c: [n, gates·width].
  ///   - sweep: the order in which weights are read.
  func multiply(
    _ a: Matrix, units: Range<Int>? = nil, add: Bool, into c: Matrix,
    sweep: WeightSweep = .forwards
  ) {
    assert(a.columns == inner && c.columns == gates * width && a.rows == c.rows)
    let units = units ?? 0..<width
    guard let packed else { return multiplyByBLAS(a, units, add: add, into: c) }
    kernels.packed_product(
      packing, packed, self.sweep(units, sweep), a.rows, a.pointer, a.stride, add, c.pointer,
      c.stride)
  }

  /// C = A·W, or C += A·W, in the rows of some sequences in several steps and the columns of some
  /// units of every gate; for packed weights only.
  ///
  /// - Parameters:
  ///   - a: the rows of the steps, all sequences'.
  ///   - steps: of which rows.
  ///   - ranks: the sequences.
  ///   - offsets: the first packed row of each step of the batch.
  ///   - units: the units.
  ///   - c: as `a`; or the rows that are multiplied alone.
  ///   - together: whether `c` has them alone, one step after the other.
  func multiply(
    _ a: Matrix, steps: Range<Int>, ranks: Range<Int>, offsets: UnsafePointer<Int>,
    units: Range<Int>, add: Bool, into c: Matrix, together: Bool = false
  ) {
    assert(a.columns == inner && c.columns == gates * width)
    guard let packed else { preconditionFailure("packed weights") }
    kernels.packed_product_of_steps(
      packing, packed, sweep(units, .forwards),
      rnn_step_rows(
        offsets: offsets, first: steps.lowerBound, last: steps.upperBound,
        begin: ranks.lowerBound, end: ranks.upperBound, together: together),
      a.pointer, a.stride, add, c.pointer, c.stride)
  }

  private func sweep(_ units: Range<Int>, _ sweep: WeightSweep) -> rnn_sweep {
    let lanes = kernels.lanes
    assert(
      units.lowerBound % lanes == 0 && (units.upperBound % lanes == 0 || units.upperBound == width))
    return rnn_sweep(
      first: units.lowerBound / lanes, last: (units.upperBound + lanes - 1) / lanes,
      backwards: sweep.isBackwards, next: sweep.nextUnit.map { $0 / lanes } ?? -1)
  }

  private func multiplyByBLAS(_ a: Matrix, _ units: Range<Int>, add: Bool, into c: Matrix) {
    if units.count == width {
      BLAS.multiply(a, .no, matrix, isTransposed ? .yes : .no, into: c, beta: add ? 1 : 0)
      return
    }
    for gate in 0..<gates {
      let columns = gate * width + units.lowerBound..<gate * width + units.upperBound
      BLAS.multiply(
        a, .no, isTransposed ? matrix.rows(columns) : matrix.columns(columns),
        isTransposed ? .yes : .no, into: c.columns(columns), beta: add ? 1 : 0)
    }
  }

  fileprivate var packing: rnn_packing { rnn_packing(inner: inner, gates: gates, width: width) }
}

/// The order in which a product reads its weights. Of weights that are larger than a core's cache
/// its end stays there; so time steps read them to and fro.
struct WeightSweep: Sendable {
  /// Whether the last units are read first.
  var isBackwards = false
  /// A unit whose weights the worker reads next, to be fetched meanwhile; nil for none.
  var nextUnit: Int?

  static let forwards = WeightSweep()
}

/// Keeps the packed copy of one weight matrix.
final class PackedWeights: @unchecked Sendable {
  private let buffer = FloatBuffer()
  private var isPacked = false

  /// Makes `matrix` (transposed: its transpose) ready for products by the team: packs it anew, or
  /// leaves it to OpenBLAS.
  func pack(
    _ matrix: Matrix, isTransposed: Bool, gates: Int, team: ThreadTeam
  ) -> ProductWeights {
    isPacked = team.products == .packed
    let view = self.view(matrix, isTransposed: isTransposed, gates: gates)
    guard let panels = view.packed else { return view }
    team.split(kernels.packed_panels(view.packing)) { range in
      kernels.pack(
        view.packing, matrix.pointer, matrix.stride, isTransposed, range.lowerBound,
        range.upperBound, panels)
    }
    return view
  }

  /// What the last `pack` of the same matrix gave.
  func view(_ matrix: Matrix, isTransposed: Bool, gates: Int) -> ProductWeights {
    var packing = rnn_packing(inner: matrix.rows, gates: gates, width: matrix.columns / gates)
    if isTransposed { (packing.inner, packing.width) = (matrix.columns, matrix.rows / gates) }
    guard isPacked else {
      return ProductWeights(
        matrix: matrix, isTransposed: isTransposed, gates: gates, packed: nil)
    }
    let panels = buffer.matrix(1, kernels.packed_floats(packing)).pointer
    return ProductWeights(
      matrix: matrix, isTransposed: isTransposed, gates: gates, packed: panels)
  }
}
