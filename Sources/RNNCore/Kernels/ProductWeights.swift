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

  /// Units that are computed together; borders between ranges of units are multiples of it. What is
  /// not packed is not cut: OpenBLAS prepares both sides anew in each call.
  var unitGrain: Int {
    guard packed != nil else { return width }
    return gates > 1 ? kernels.lanes : 4 * kernels.lanes
  }

  /// C = A·W, or C += A·W, in the columns of some units of every gate.
  ///
  /// - Parameters:
  ///   - a: [n, K].
  ///   - units: the units; all of them when nil.
  ///   - c: [n, gates·width].
  func multiply(_ a: Matrix, units: Range<Int>? = nil, add: Bool, into c: Matrix) {
    assert(a.columns == inner && c.columns == gates * width && a.rows == c.rows)
    let units = units ?? 0..<width
    guard let packed else { return multiplyByBLAS(a, units, add: add, into: c) }
    let grain = unitGrain
    assert(units.lowerBound % grain == 0)
    kernels.packed_product(
      packing, packed, units.lowerBound / grain, (units.upperBound + grain - 1) / grain, a.rows,
      a.pointer, a.stride, add, c.pointer, c.stride)
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
