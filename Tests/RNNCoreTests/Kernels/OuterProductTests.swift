import CKernels
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Outer products are added up, with the same bits however they are divided")
struct OuterProductTests {
  private func add(
    _ a: GuardedRows, _ b: GuardedRows, tokens: Range<Int>, columns: Range<Int>,
    to c: inout GuardedRows, _ set: InstructionSet, firstCache: Int = 32 << 10
  ) {
    a.storage.withUnsafeBufferPointer { left in
      b.storage.withUnsafeBufferPointer { right in
        c.storage.withUnsafeMutableBufferPointer { result in
          guard let left = left.baseAddress, let right = right.baseAddress,
            let result = result.baseAddress
          else {
            return
          }
          set.table.add_outer_products(
            tokens.count, left + tokens.lowerBound * a.stride + columns.lowerBound, a.stride,
            columns.count, right + tokens.lowerBound * b.stride, b.stride, b.columns,
            result + columns.lowerBound * c.stride, c.stride, firstCache)
        }
      }
    }
  }

  @Test(
    "The sum of outer products is the naive one", arguments: [1, 255, 256, 257, 700],
    [(1, 1), (3, 17), (13, 5), (7, 67), (123, 33), (251, 3), (1100, 3)])
  func isTheSum(_ tokens: Int, _ size: (m: Int, n: Int)) { expectSum(tokens, size) }

  /// With AVX2 and a first cache of 32 KB both sides are copied in parts: columns of one side for
  /// all of the other, up to 240 and 1,024, and tokens up to 256.
  @Test(
    "The sum is the naive one where both sides are packed", arguments: [3, 257],
    [(683, 193), (147, 912), (128, 1031)])
  func isTheSumOfPacked(_ tokens: Int, _ size: (m: Int, n: Int)) { expectSum(tokens, size) }

  private func expectSum(_ tokens: Int, _ size: (m: Int, n: Int)) {
    var generator = OracleGenerator(seed: 85)
    let a = GuardedRows(tokens, size.m, using: &generator)
    let b = GuardedRows(tokens, size.n, using: &generator)
    let before = GuardedRows(size.m, size.n, using: &generator)
    let expected = NaiveProduct(a.transposed, b)
    for set in InstructionSet.available {
      var c = before
      add(a, b, tokens: 0..<tokens, columns: 0..<size.m, to: &c, set)
      #expect(expected.worstShare(of: c, addedTo: before) <= 1, "\(set)")
      #expect(c.gapsAreIntact, "\(set)")
      var other = before
      add(a, b, tokens: 0..<tokens, columns: 0..<size.m, to: &other, set, firstCache: 48 << 10)
      #expect(other.bits == c.bits && other.gapsAreIntact, "\(set), a larger first cache")
    }
  }

  @Test(
    "Dividing tokens or rows of the result leaves the bits as they are",
    arguments: InstructionSet.available,
    [(29, 5), (29, 16), (29, 67), (251, 16), (700, 195)])
  func divisions(_ set: InstructionSet, _ size: (m: Int, n: Int)) {
    let (tokens, m, n) = (523, size.m, size.n)
    var generator = OracleGenerator(seed: 86)
    let a = GuardedRows(tokens, m, using: &generator)
    let b = GuardedRows(tokens, n, using: &generator)
    let before = GuardedRows(m, n, using: &generator)
    var whole = before
    add(a, b, tokens: 0..<tokens, columns: 0..<m, to: &whole, set)
    for step in [1, 100, 256, 300] {
      var c = before
      for token in stride(from: 0, to: tokens, by: step) {
        add(
          a, b, tokens: token..<min(token + step, tokens), columns: 0..<m, to: &c, set)
      }
      #expect(c.bits == whole.bits, "\(step) tokens a call")
    }
    for step in [1, 2, 6, 13, 130] {
      var c = before
      for row in stride(from: 0, to: m, by: step) {
        add(a, b, tokens: 0..<tokens, columns: row..<min(row + step, m), to: &c, set)
      }
      #expect(c.bits == whole.bits, "\(step) rows a call")
    }
  }
}
