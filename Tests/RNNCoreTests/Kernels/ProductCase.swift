import CKernels
import Testing

@testable import RNNCore
@testable import TestSupport

/// Rows behind each of which stands a gap of one certain NaN: whoever reads it shows it, and
/// whoever writes it is seen.
struct GuardedRows {
  static let sentinel = Float(bitPattern: 0x7fc0_1234)
  let (rows, columns, stride): (Int, Int, Int)
  var storage: [Float]

  init(_ rows: Int, _ columns: Int, value: (Int, Int) -> Float) {
    (self.rows, self.columns, stride) = (rows, columns, columns + 5)
    storage = [Float](repeating: Self.sentinel, count: rows * (columns + 5))
    for row in 0..<rows {
      for column in 0..<columns { storage[row * stride + column] = value(row, column) }
    }
  }

  init(_ rows: Int, _ columns: Int, using generator: inout OracleGenerator) {
    self.init(rows, columns) { _, _ in Float(generator.value()) }
  }

  subscript(row: Int, column: Int) -> Float { storage[row * stride + column] }

  var transposed: GuardedRows { GuardedRows(columns, rows) { self[$1, $0] } }

  /// Equal bits tell one NaN from another, and zeros by their sign.
  var bits: [UInt32] { storage.map(\.bitPattern) }

  var gapsAreIntact: Bool {
    storage.indices.allSatisfy {
      $0 % stride < columns || storage[$0].bitPattern == Self.sentinel.bitPattern
    }
  }
}

/// A·W in `Double`, and how far a product in `Float` may be from it.
struct NaiveProduct {
  private(set) var values: [Double] = []
  private(set) var magnitudes: [Double] = []
  private let inner: Int
  private let columns: Int

  /// a [rows, K], w [K, columns]; both wholly in `Double`.
  init(_ a: GuardedRows, _ w: GuardedRows) {
    (inner, columns) = (a.columns, w.columns)
    let left = a.storage.map { Double($0) }
    let right = w.transposed.storage.map { Double($0) }
    let gap = w.rows + 5
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        for row in 0..<a.rows {
          for column in 0..<w.columns {
            var (sum, magnitude) = (0.0, 0.0)
            var (i, j) = (row * a.stride, column * gap)
            let end = i + a.columns
            while i < end {
              let term = left[i] * right[j]
              sum += term
              magnitude += abs(term)
              i += 1
              j += 1
            }
            values.append(sum)
            magnitudes.append(magnitude)
          }
        }
      }
    }
  }

  /// The worst error as a share of what is allowed.
  ///
  /// Allowed is (K + 2)·2⁻²⁴ · (|c| + Σ|a||b|): each of the K products and sums rounds once or
  /// twice, by at most 2⁻²⁴ of a partial sum that is no larger than the sum of magnitudes, to first
  /// order.
  func worstShare(of result: GuardedRows, addedTo before: GuardedRows?) -> Double {
    var worst = 0.0
    for index in values.indices {
      let (row, column) = (index / columns, index % columns)
      let start = before.map { Double($0[row, column]) } ?? 0
      let allowed = Double(inner + 2) * 0x1p-24 * (abs(start) + magnitudes[index])
      let share = abs(Double(result[row, column]) - start - values[index]) / allowed
      if !(share <= worst) { worst = share.isNaN ? .infinity : share }
    }
    return worst
  }
}

/// The sizes of one packed product.
struct ProductCase: CustomTestStringConvertible, Sendable {
  var (gates, width, inner, rows): (Int, Int, Int, Int)
  var columns: Int { gates * width }
  var packing: rnn_packing { rnn_packing(inner: inner, gates: gates, width: width) }
  var testDescription: String { "[\(rows), \(inner)] x [\(inner), \(gates) gates of \(width)]" }

  init(_ gates: Int, _ width: Int, _ inner: Int, _ rows: Int) {
    (self.gates, self.width, self.inner, self.rows) = (gates, width, inner, rows)
  }

  /// W packed by a set's kernels, from W or from its transpose; nil when they wrote beyond the end.
  /// Whatever packing leaves out is not a number, so that a product that reads it shows it.
  func packed(_ w: GuardedRows, transposed: Bool, _ set: InstructionSet) -> [Float]? {
    let count = set.table.packed_floats(packing)
    var panels = [Float](repeating: GuardedRows.sentinel, count: count + 64)
    let source = transposed ? w.transposed : w
    set.table.pack(
      packing, source.storage, source.stride, transposed, 0, set.table.packed_panels(packing),
      &panels)
    let isIntact = panels[count...].allSatisfy {
      $0.bitPattern == GuardedRows.sentinel.bitPattern
    }
    return isIntact ? panels : nil
  }

  /// Vectors of each gate's columns.
  func vectors(_ set: InstructionSet) -> Int { (width + set.table.lanes - 1) / set.table.lanes }

  /// C = A·W (+ C) in some vectors of columns, all when nil, for some rows of A and C.
  func multiply(
    _ a: GuardedRows, _ panels: [Float], add: Bool, rows: Range<Int>? = nil,
    vectors range: Range<Int>? = nil, backwards: Bool = false, into c: inout GuardedRows,
    _ set: InstructionSet
  ) {
    let rows = rows ?? 0..<self.rows
    let range = range ?? 0..<vectors(set)
    let sweep = rnn_sweep(
      first: range.lowerBound, last: range.upperBound, backwards: backwards,
      next: backwards ? -1 : 0)
    a.storage.withUnsafeBufferPointer { left in
      c.storage.withUnsafeMutableBufferPointer { result in
        guard let left = left.baseAddress, let result = result.baseAddress else { return }
        set.table.packed_product(
          packing, panels, sweep, rows.count,
          left + rows.lowerBound * a.stride, a.stride, add, result + rows.lowerBound * c.stride,
          c.stride)
      }
    }
  }
}
