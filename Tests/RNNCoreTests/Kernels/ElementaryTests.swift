import CKernels
import Foundation
import Testing

@testable import RNNCore

@Suite("The elementary functions are accurate over all floats")
struct ElementaryTests {
  /// Every 20011th bit pattern: both signs, all exponents, denormal numbers; and the special ones.
  private static let sweep: [Float] =
    stride(from: UInt32(0), through: .max - 20_011, by: 20_011).map { Float(bitPattern: $0) }
    .filter(\.isFinite)
    + stride(from: -12, through: 12, by: 0.001).map { Float($0) }
    + [
      0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity, 87.3, -87.3, 9.1,
    ]

  private func apply(_ code: rnn_activation, _ set: InstructionSet, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: .nan, count: x.count)
    set.table.activate(code, 1, x.count, nil, x, x.count, &y, x.count)
    return y
  }

  /// The worst error in units in the last place of the right answer, beyond `absolute`.
  private func worst(
    _ y: [Float], absolute: Double, _ function: (Double) -> Double
  ) -> (ulps: Double, at: Float) {
    var worst = (ulps: 0.0, at: Float(0))
    for (x, y) in zip(Self.sweep, y) {
      let expected = function(Double(x))
      let error = max(0, abs(Double(y) - expected) - absolute) / Double(Float(expected).ulp)
      if !(error <= worst.ulps) { worst = (error, x) }
    }
    return worst
  }

  @Test("tanh is within 3 units in the last place", arguments: InstructionSet.available)
  func tanhAccuracy(_ set: InstructionSet) {
    let y = apply(RNN_TANH, set, Self.sweep)
    let error = worst(y, absolute: 0) { tanh($0) }
    #expect(error.ulps <= 3, "at \(error.at)")
    let isBounded = y.allSatisfy { (-1...1).contains($0) }
    #expect(isBounded)
    #expect(apply(RNN_TANH, set, [.infinity, -.infinity, 0]) == [1, -1, 0])
    #expect(apply(RNN_TANH, set, [-0.0])[0].sign == .minus)
  }

  @Test("sigmoid is within 3 units in the last place", arguments: InstructionSet.available)
  func sigmoidAccuracy(_ set: InstructionSet) {
    let y = apply(RNN_SIGMOID, set, Self.sweep)
    // Below -87.3 it stays at 1.2e-38, the smallest normal number, instead of becoming denormal.
    let error = worst(y, absolute: 1.3e-38) { 1 / (1 + exp(-$0)) }
    #expect(error.ulps <= 3, "at \(error.at)")
    let isShare = y.allSatisfy { (0...1).contains($0) }
    #expect(isShare)
    #expect(apply(RNN_SIGMOID, set, [0, .infinity]) == [0.5, 1])
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
