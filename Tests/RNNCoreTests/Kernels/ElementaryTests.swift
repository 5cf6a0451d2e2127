import CKernels
import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("The elementary functions are accurate over all floats")
struct ElementaryTests {
  /// Bit patterns of both signs: every 20011th of all (denormal numbers among them), every 4001st
  /// from 2⁻¹⁴ to 128, where the functions bend, every 30011th denormal, the 100 next to zero; and
  /// the special ones.
  private static let sweep: [Float] = {
    let (low, high) = (Float(0x1p-14).bitPattern, Float(128).bitPattern)
    let positive =
      Array(stride(from: UInt32(0), to: Float.infinity.bitPattern, by: 20_011))
      + Array(stride(from: low, through: high, by: 4_001))
      + Array(stride(from: UInt32(0), to: Float.leastNormalMagnitude.bitPattern, by: 30_011))
      + Array(UInt32(0)..<100)
    let special: [Float] = [
      .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity, 87.3, Float(87.3).nextDown,
      Float(87.3).nextUp, 88.72, Float(88.72).nextDown, Float(88.72).nextUp, 9.1, Float(9.1).nextUp,
    ]
    let values = positive.map { Float(bitPattern: $0) } + special
    return values + values.map { -$0 }
  }()

  private func apply(_ code: rnn_activation, _ set: InstructionSet, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: .nan, count: x.count)
    set.table.activate(code, 1, x.count, nil, x, x.count, &y, x.count)
    return y
  }

  private func exponentials(_ set: InstructionSet, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: .nan, count: x.count)
    set.table.exponentials(x.count, x, &y)
    return y
  }

  /// The worst error within a range in units in the last place of the right answer.
  private func worst(
    _ y: [Float], in range: ClosedRange<Float>, _ function: (Double) -> Double
  ) -> (ulps: Double, at: Float) {
    var worst = (ulps: 0.0, at: Float(0))
    for (x, y) in zip(Self.sweep, y) where range.contains(x) {
      let expected = function(Double(x))
      let error = abs(Double(y) - expected) / Double(Float(expected).ulp)
      if !(error <= worst.ulps) { worst = (error.isNaN ? .infinity : error, x) }
    }
    return worst
  }

  // The bounds are those of the table in elementary.inc. They are measured: reduction, polynomial
  // and the last operations round four to six times in a row, and the errors rarely all have one
  // sign.

  @Test("exp is within 3 units in the last place", arguments: InstructionSet.available)
  func expAccuracy(_ set: InstructionSet) {
    let y = exponentials(set, Self.sweep)
    let error = worst(y, in: -87.3...88.72) { exp($0) }
    #expect(error.ulps <= 3, "\(error.ulps) at \(error.at)")
    let saturates = zip(Self.sweep, y).allSatisfy { x, y in
      x < -87.3 ? y == 0 : x > 88.72 ? y == .infinity : y.isNormal
    }
    #expect(saturates)
    #expect(exponentials(set, [0, -0.0, .infinity, -.infinity]) == [1, 1, .infinity, 0])
    #expect(exponentials(set, [.nan, -.nan, .signalingNaN]).allSatisfy { $0.isNaN })
  }

  @Test("tanh is within 2.5 units in the last place", arguments: InstructionSet.available)
  func tanhAccuracy(_ set: InstructionSet) {
    let y = apply(RNN_TANH, set, Self.sweep)
    let error = worst(y, in: -.infinity ... .infinity) { tanh($0) }
    #expect(error.ulps <= 2.5, "\(error.ulps) at \(error.at)")
    let isBounded = y.allSatisfy { (-1...1).contains($0) }
    #expect(isBounded)
    let keepsSign = zip(Self.sweep, y).allSatisfy { $0.sign == $1.sign }
    #expect(keepsSign)
    #expect(apply(RNN_TANH, set, [.infinity, -.infinity, 0, -0.0]) == [1, -1, 0, 0])
  }

  @Test("sigmoid is within 2.5 units in the last place", arguments: InstructionSet.available)
  func sigmoidAccuracy(_ set: InstructionSet) {
    let y = apply(RNN_SIGMOID, set, Self.sweep)
    let error = worst(y, in: -87.3 ... .infinity) { 1 / (1 + exp(-$0)) }
    #expect(error.ulps <= 2.5, "\(error.ulps) at \(error.at)")
    let least = apply(RNN_SIGMOID, set, [-87.3])[0]
    #expect(least.isNormal && least < 1.22e-38)
    let saturates = zip(Self.sweep, y).allSatisfy { x, y in
      x < -87.3 ? y == least : (least...1).contains(y)
    }
    #expect(saturates)
    #expect(apply(RNN_SIGMOID, set, [0, -0.0, .infinity, -.infinity]) == [0.5, 0.5, 1, least])
  }

  @Test("Not a number stays not a number", arguments: InstructionSet.available)
  func nan(_ set: InstructionSet) {
    let x = [Float](repeating: .nan, count: 19) + [-.nan, .signalingNaN]
    for code in [RNN_TANH, RNN_SIGMOID, RNN_RELU, RNN_IDENTITY] {
      let y = apply(code, set, x)
      #expect(y.allSatisfy { $0.isNaN })
    }
  }

  @Test("relu and the identity are exact", arguments: InstructionSet.available)
  func exactOnes(_ set: InstructionSet) {
    #expect(apply(RNN_IDENTITY, set, Self.sweep) == Self.sweep)
    #expect(apply(RNN_RELU, set, Self.sweep) == Self.sweep.map { max($0, 0) })
  }

  @Test("Every row is treated alike, and gaps are not touched", arguments: InstructionSet.available)
  func rows(_ set: InstructionSet) {
    var generator = OracleGenerator(seed: 61)
    for n in [1, 7, 16, 33] {
      let x = KernelMatrix(3, n, using: &generator, scale: 3)
      let bias = (0..<n).map { _ in Float(generator.value()) }
      for code in [RNN_TANH, RNN_SIGMOID, RNN_RELU, RNN_IDENTITY] {
        var y = KernelMatrix(3, n) { _ in .nan }
        set.table.activate(code, 3, n, bias, x.storage, x.stride, &y.storage, y.stride)
        let sums = x.values.enumerated().map { $1 + bias[$0 % n] }
        #expect(y.values == apply(code, set, sums))
        #expect(y.gapsAreIntact)
      }
    }
  }
}
