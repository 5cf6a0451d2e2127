import CKernels
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Packed products are the products, with the same bits however they are divided")
struct PackedProductTests {
  private static let widths = [1, 3, 15, 16, 17, 64, 65, 100]
  private static let inners = [1, 7, 255, 256, 257, 600]

  /// Each size in turn with others held, for each number of gates; and two that cross both blocks.
  private static let cases: [ProductCase] =
    (1...4).flatMap { gates in
      widths.map { ProductCase(gates, $0, 19, 3) } + inners.map { ProductCase(gates, 17, $0, 2) }
        + (1...14).map { ProductCase(gates, 17, 7, $0) }
        + [193, 400].map { ProductCase(gates, 3, 5, $0) }
    } + [ProductCase(1, 65, 257, 13), ProductCase(3, 17, 257, 193)]

  @Test("A packed product is the naive product", arguments: cases)
  func isTheProduct(_ sizes: ProductCase) throws {
    var generator = OracleGenerator(seed: 81)
    let a = GuardedRows(sizes.rows, sizes.inner, using: &generator)
    let w = GuardedRows(sizes.inner, sizes.columns, using: &generator)
    let before = GuardedRows(sizes.rows, sizes.columns, using: &generator)
    let unset = GuardedRows(sizes.rows, sizes.columns) { _, _ in .nan }
    let expected = NaiveProduct(a, w)
    for set in InstructionSet.available {
      for transposed in [false, true] {
        let panels = try #require(sizes.packed(w, transposed: transposed, set))
        for add in [false, true] {
          var c = add ? before : unset
          sizes.multiply(a, panels, add: add, into: &c, set)
          #expect(
            expected.worstShare(of: c, addedTo: add ? before : nil) <= 1,
            "\(set), transposed \(transposed), add \(add)")
          #expect(c.gapsAreIntact, "\(set), transposed \(transposed), add \(add)")
        }
      }
    }
  }

  /// A, packed W, an untouched C and C = A·W.
  private func product(
    _ sizes: ProductCase, seed: UInt64, _ set: InstructionSet
  ) throws -> (a: GuardedRows, panels: [Float], unset: GuardedRows, whole: GuardedRows) {
    var generator = OracleGenerator(seed: seed)
    let a = GuardedRows(sizes.rows, sizes.inner, using: &generator)
    let w = GuardedRows(sizes.inner, sizes.columns, using: &generator)
    let panels = try #require(sizes.packed(w, transposed: false, set))
    let unset = GuardedRows(sizes.rows, sizes.columns) { _, _ in GuardedRows.sentinel }
    var whole = unset
    sizes.multiply(a, panels, add: false, into: &whole, set)
    return (a, panels, unset, whole)
  }

  @Test(
    "Some vectors give their own columns and touch no others, to and fro",
    arguments: InstructionSet.available,
    [(1, 1), (1, 65), (1, 200), (2, 17), (3, 33), (4, 50)])
  func sweeps(_ set: InstructionSet, _ size: (gates: Int, width: Int)) throws {
    let sizes = ProductCase(size.gates, size.width, 9, 7)
    let (a, panels, unset, whole) = try product(sizes, seed: 82, set)
    let (count, lanes) = (sizes.vectors(set), set.table.lanes)
    for first in 0...count {
      for last in first...count {
        var c = unset
        sizes.multiply(
          a, panels, add: false, vectors: first..<last, backwards: (first + last) % 2 == 1,
          into: &c, set)
        let expected = GuardedRows(sizes.rows, sizes.columns) { row, column in
          let isInside = (first * lanes..<last * lanes).contains(column % sizes.width)
          return isInside ? whole[row, column] : GuardedRows.sentinel
        }
        #expect(c.bits == expected.bits, "vectors \(first)..<\(last)")
      }
    }
  }

  @Test(
    "The rows of some sequences are multiplied as if one after the other, and no others",
    arguments: InstructionSet.available,
    [(1, 70, false), (4, 33, false), (1, 70, true), (4, 33, true)])
  func rowsOfSteps(
    _ set: InstructionSet, _ size: (gates: Int, width: Int, together: Bool)
  ) throws {
    let offsets = [0, 50, 100, 150, 190, 193, 195]
    let sizes = ProductCase(size.gates, size.width, 21, 195)
    let (a, panels, unset, whole) = try product(sizes, seed: 85, set)
    for (steps, ranks) in [(0..<6, 0..<50), (0..<6, 1..<3), (1..<5, 2..<47), (4..<6, 1..<9)] {
      var c = unset
      let first = offsets[steps.lowerBound]
      a.storage.withUnsafeBufferPointer { left in
        c.storage.withUnsafeMutableBufferPointer { result in
          offsets.withUnsafeBufferPointer { offsets in
            guard let left = left.baseAddress, let result = result.baseAddress,
              let offsets = offsets.baseAddress
            else { return }
            set.table.packed_product_of_steps(
              sizes.packing, panels,
              rnn_sweep(first: 0, last: sizes.vectors(set), backwards: false, next: -1),
              rnn_step_rows(
                offsets: offsets, first: steps.lowerBound, last: steps.upperBound,
                begin: ranks.lowerBound, end: ranks.upperBound, together: size.together),
              left + first * a.stride, a.stride, false, result + first * c.stride, c.stride)
          }
        }
      }
      let rows = steps.flatMap { step in
        ranks.map { offsets[step] + $0 }.filter { $0 < offsets[step + 1] }
      }
      let places = size.together ? Array(first..<first + rows.count) : rows
      let sources = Dictionary(uniqueKeysWithValues: zip(places, rows))
      let expected = GuardedRows(sizes.rows, sizes.columns) { row, column in
        sources[row].map { whole[$0, column] } ?? GuardedRows.sentinel
      }
      #expect(c.bits == expected.bits, "steps \(steps), ranks \(ranks)")
    }
  }

  @Test(
    "Packing panels in parts packs the same", arguments: InstructionSet.available,
    [(1, 200), (3, 50)])
  func packingInParts(_ set: InstructionSet, _ size: (gates: Int, width: Int)) throws {
    let sizes = ProductCase(size.gates, size.width, 21, 1)
    var generator = OracleGenerator(seed: 83)
    let w = GuardedRows(sizes.inner, sizes.columns, using: &generator)
    let whole = try #require(sizes.packed(w, transposed: false, set))
    var parts = [Float](repeating: GuardedRows.sentinel, count: whole.count)
    for panel in (0..<set.table.packed_panels(sizes.packing)).reversed() {
      set.table.pack(sizes.packing, w.storage, w.stride, false, panel, panel + 1, &parts)
    }
    #expect(parts.map(\.bitPattern) == whole.map(\.bitPattern))
  }

  @Test(
    "A row has the same bits whatever other rows are in the call",
    arguments: InstructionSet.available, 1...4)
  func rowsAreIndependent(_ set: InstructionSet, _ gates: Int) throws {
    let sizes = ProductCase(gates, 19, 259, 200)
    var generator = OracleGenerator(seed: 84)
    let a = GuardedRows(sizes.rows, sizes.inner, using: &generator)
    let w = GuardedRows(sizes.inner, sizes.columns, using: &generator)
    let before = GuardedRows(sizes.rows, sizes.columns, using: &generator)
    let panels = try #require(sizes.packed(w, transposed: false, set))
    for add in [false, true] {
      var whole = before
      sizes.multiply(a, panels, add: add, into: &whole, set)
      for step in [1, 2, 5, 13, 97, 193] {
        var c = before
        for row in stride(from: 0, to: sizes.rows, by: step) {
          let rows = row..<min(row + step, sizes.rows)
          sizes.multiply(a, panels, add: add, rows: rows, into: &c, set)
        }
        #expect(c.bits == whole.bits, "\(step) rows a call, add \(add)")
      }
    }
  }
}
