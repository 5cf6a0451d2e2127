import CKernels
import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Softmax, losses and reductions agree with naive Double")
struct LossKernelTests {
  private static let widths = [1, 2, 7, 16, 17, 50]
  private static let weights: [Float] = [0.5, 0, 2]

  private func expect(_ actual: [Double], _ expected: [Double], _ name: String) {
    let closeness = Closeness(
      absolute: 2e-6, relative: 2e-6,
      reason: "an exponential errs by 2e-7 of its size and a sum of 50 terms by a few times that")
    expectClose(actual, expected, closeness, name)
  }

  @Test("A softmax is the naive one, however large its scores", arguments: InstructionSet.available)
  func softmax(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 62)
    for n in Self.widths {
      for shift: Float in [0, 3e4, -3e4] {
        let x = KernelMatrix(3, n) { _ in shift + Float(generator.value(scale: 8)) }
        var y = KernelMatrix(3, n) { _ in .nan }
        set.table.softmax(3, n, x.storage, x.stride, &y.storage, y.stride)
        let naive = (0..<3).flatMap { Array(x.doubles[$0 * n..<($0 + 1) * n]).softmax() }
        expect(y.doubles, naive, "softmax of \(n)")
        #expect(y.gapsAreIntact)
      }
    }
    var y: [Float] = [0, 0, 0]
    set.table.softmax(1, 3, [1, -.infinity, 1], 3, &y, 3)
    #expect(y == [0.5, 0, 0.5])
  }

  @Test("Cross entropy and its gradient", arguments: InstructionSet.available)
  func crossEntropy(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 63)
    for n in Self.widths {
      let scores = KernelMatrix(3, n, using: &generator, scale: 6)
      let targets = [Int32(n - 1), -1, 0]
      var (x, slopes, loss) = (scores, [Double](), 0.0)
      for (row, weight) in Self.weights.enumerated() {
        let shares = Array(scores.doubles[row * n..<(row + 1) * n]).softmax()
        slopes += shares.enumerated().map {
          Double(weight) * ($1 - ($0 == Int(targets[row]) ? 1 : 0))
        }
        if weight != 0 { loss -= Double(weight) * log(shares[Int(targets[row])]) }
      }
      let value = set.table.softmax_cross_entropy(
        3, n, &x.storage, x.stride, targets, Self.weights)
      expect([value], [loss], "loss of \(n)")
      expect(x.doubles, slopes, "gradient of \(n)")
      #expect(x.gapsAreIntact)
    }
  }

  @Test(
    "Losses by row are those of their sum, with and without a gradient",
    arguments: InstructionSet.available)
  func crossEntropies(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 69)
    // Beyond one run of elements that stays in the L1 cache, too.
    for n in Self.widths + [511, 512, 513, 1300] {
      let scores = KernelMatrix(3, n, using: &generator, scale: 6)
      let targets = [Int32(n - 1), -1, 0]
      var (whole, single) = (scores, scores)
      let sum = set.table.softmax_cross_entropy(
        3, n, &whole.storage, whole.stride, targets, Self.weights)
      var (losses, forward) = (
        [Double](repeating: .nan, count: 3), [Double](repeating: .nan, count: 3)
      )
      set.table.cross_entropies(
        3, n, &single.storage, single.stride, targets, Self.weights, &losses)
      var likeliest = [Int32](repeating: -1, count: 3)
      set.table.class_losses(
        3, n, scores.storage, scores.stride, targets, Self.weights, &forward, &likeliest)
      #expect(single.storage == whole.storage && forward == losses && losses[1] == 0)
      #expect(set.table.weighted_sum(3, Self.weights, losses) == sum)
      let rows = (0..<3).map { Array(scores.doubles[$0 * n..<($0 + 1) * n]) }
      #expect(likeliest == rows.map { row in Int32(row.firstIndex(of: row.max() ?? 0) ?? -1) })
    }
  }

  @Test("The largest element is the first of equal ones", arguments: InstructionSet.available)
  func largest(_ set: InstructionSet) {
    for n in [1, 2, 15, 16, 17, 33, 100] {
      for place in 0..<n {
        var x = [Float](repeating: -2, count: n)
        x[place] = -1
        #expect(set.table.largest(n, x) == place)
        x[n - 1] = -1
        #expect(set.table.largest(n, x) == place)
        // NaN are passed over, but for the first element.
        if place > 0 {
          x[place - 1] = .nan
          #expect(set.table.largest(n, x) == (place == 1 ? 0 : place))
        }
      }
    }
    #expect(set.table.largest(3, [0, -0, 0]) == 0)
    #expect(set.table.largest(2, [-.infinity, -.infinity]) == 0)
  }

  @Test("Bernoulli cross entropy and its gradient", arguments: InstructionSet.available)
  func bernoulli(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 64)
    for n in Self.widths {
      let scores = KernelMatrix(3, n, using: &generator, scale: 20)
      let target = KernelMatrix(3, n) { Float($0 % 3) / 2 }
      var (x, loss) = (scores, 0.0)
      let slopes = scores.doubles.indices.map { index -> Double in
        let (v, t) = (scores.doubles[index], target.doubles[index])
        let weight = Double(Self.weights[index / n])
        loss += weight * (log(1 + exp(v)) - t * v)
        return weight * (1 / (1 + exp(-v)) - t)
      }
      let value = set.table.bernoulli_cross_entropy(
        3, n, &x.storage, x.stride, target.storage, target.stride, Self.weights)
      expect([value], [loss], "loss of \(n)")
      expect(x.doubles, slopes, "gradient of \(n)")
    }
    var far: [Float] = [1e30, -1e30]
    #expect(set.table.bernoulli_cross_entropy(1, 2, &far, 2, [1, 0], 2, [1]) == 0)
    #expect(far == [0, far[1]] && abs(far[1]) < 2e-38)
  }

  @Test("Squared error and its gradient", arguments: InstructionSet.available)
  func squaredError(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 65)
    for n in Self.widths {
      let (scores, target) = (
        KernelMatrix(3, n, using: &generator), KernelMatrix(3, n, using: &generator)
      )
      var (x, loss) = (scores, 0.0)
      let slopes = scores.doubles.indices.map { index -> Double in
        let error = scores.doubles[index] - target.doubles[index]
        let weight = Double(Self.weights[index / n])
        loss += weight * error * error
        return 2 * weight * error
      }
      let value = set.table.squared_error(
        3, n, &x.storage, x.stride, target.storage, target.stride, Self.weights)
      expect([value], [loss], "loss of \(n)")
      expect(x.doubles, slopes, "gradient of \(n)")
    }
  }

  @Test("Sums of columns are added to what was there", arguments: InstructionSet.available)
  func columnSum(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 66)
    for n in Self.widths {
      let (a, b) = (KernelMatrix(9, n, using: &generator), KernelMatrix(9, n, using: &generator))
      for weighted in [false, true] {
        var out = [Float](repeating: 2, count: n)
        set.table.column_sum(
          9, n, a.storage, a.stride, weighted ? b.storage : nil, b.stride, &out)
        let sums = (0..<n).map { column -> Double in
          (0..<9).reduce(2) { sum, row in
            let index = row * n + column
            return sum + a.doubles[index] * (weighted ? b.doubles[index] : 1)
          }
        }
        expect(out.map { Double($0) }, sums, "column sums")
      }
    }
  }

  @Test("combine keeps, masks and adds", arguments: InstructionSet.available)
  func combine(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 67)
    for n in Self.widths {
      let (x, mask) = (KernelMatrix(3, n, using: &generator), KernelMatrix(3, n) { Float($0 % 3) })
      for keep: Float in [0, 1, 0.5] {
        for masked in [false, true] {
          // What is not kept may be anything.
          let before = KernelMatrix(3, n) { keep == 0 ? .nan : Float($0) }
          var y = before
          set.table.combine(
            3, n, keep, x.storage, x.stride, masked ? mask.storage : nil, mask.stride, &y.storage,
            y.stride)
          let expected = x.doubles.indices.map { index -> Double in
            let kept = keep == 0 ? 0 : Double(keep) * before.doubles[index]
            return kept + x.doubles[index] * (masked ? mask.doubles[index] : 1)
          }
          expect(y.doubles, expected, "combined")
          #expect(y.gapsAreIntact)
        }
      }
    }
  }

  @Test("Sum of squares, scale and clamp", arguments: InstructionSet.available)
  func flatArrays(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 68)
    for n in [0, 1, 15, 16, 17, 1000] {
      let x = (0..<n).map { _ in Float(generator.value(scale: 3)) }
      let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
      let closeness = Closeness(
        absolute: 0, relative: 1e-13, reason: "the same sum in Double in another order")
      expectClose([set.table.sum_of_squares(n, x)], [squares], closeness, "sum of squares")
      var (scaled, clamped) = (x, x)
      set.table.scale(n, 0.5, &scaled)
      #expect(scaled == x.map { $0 * 0.5 })
      #expect(set.table.clamp(n, 1, &clamped) == x.count { abs($0) > 1 })
      #expect(clamped == x.map { min(1, max(-1, $0)) })
    }
    #expect(set.table.sum_of_squares(2, [3e38, 3e38]).isFinite)
    var extremes: [Float] = [.infinity, -.infinity, 1, -1]
    #expect(set.table.clamp(4, 1, &extremes) == 2)
    #expect(extremes == [1, -1, 1, -1])
  }

  @Test("The first element that is not finite is found", arguments: InstructionSet.available)
  func firstNonFinite(_ set: InstructionSet) {
    for n in [0, 1, 15, 16, 17, 40] {
      let finite = (0..<n).map {
        $0 % 2 == 0 ? Float.greatestFiniteMagnitude : -.leastNonzeroMagnitude
      }
      #expect(set.table.first_non_finite(n, finite) == -1)
      for place in 0..<n {
        for bad: Float in [.infinity, -.infinity, .nan] {
          var x = finite
          x[place] = bad
          x[n - 1] = bad
          #expect(set.table.first_non_finite(n, x) == place)
        }
      }
    }
  }
}
