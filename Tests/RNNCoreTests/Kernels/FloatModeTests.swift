import CKernels
import CLibrary
import Foundation
import Testing

@testable import RNNCore

@Suite("Subnormal numbers count as zeros in what a team does, and there alone")
struct FloatModeTests {
  /// Halves and doubles 1.5 · 2⁻¹²⁶ and adds 2⁻¹³⁰: 0 where subnormal numbers count as zeros.
  private static func remnant(_ values: [Float] = [1.5 * 0x1p-126, 0.5, 2, 0x1p-130]) -> Float {
    values[0] * values[1] * values[2] + values[3]
  }

  @Test("Every share of every kind of region", arguments: 1...3)
  func regions(threads: Int) throws {
    let team = try ThreadTeam(count: threads, cores: threads)
    let found = Locked<[Float]>([])
    for _ in 0..<20 {
      team.run { _ in found.withLock { $0.append(Self.remnant()) } }
      team.runTogether(UnrollGrid(rows: 1, units: team.shares), gain: 1_000_000, pace: 0) { _ in
        found.withLock { $0.append(Self.remnant()) }
      }
      team.split(100) { _ in found.withLock { $0.append(Self.remnant()) } }
      team.split(100, grain: 100) { _ in found.withLock { $0.append(Self.remnant()) } }
      #expect(Self.remnant() > 1e-38)
    }
    #expect(found.withLock { $0.count } >= 80 && found.withLock { $0.allSatisfy { $0 == 0 } })
  }

  /// To the nearest, up and toward zero, as fenv.h numbers them on each kind of CPU.
  private static let toNearest: Int32 = 0
  #if arch(x86_64)
    private static let roundings: [Int32] = [0x800, 0xc00, toNearest]
  #else
    private static let roundings: [Int32] = [0x400000, 0xc00000, toNearest]
  #endif

  private static func roundsToNearest(_ little: Float = 0x1p-30, _ one: Float = 1) -> Bool {
    one + little == one && one - little == one
  }

  @Test("The caller's own mode is back after a region, and does not reach into it")
  func callersMode() throws {
    let team = try ThreadTeam(count: 2, cores: 2)
    for rounding in Self.roundings {
      #expect(fesetround(rounding) == 0)
      defer { fesetround(Self.toNearest) }
      let before = rnn_float_mode_enter()
      rnn_float_mode_leave(before)
      #expect(Self.roundsToNearest() == (rounding == Self.toNearest))
      team.run { _ in #expect(Self.roundsToNearest()) }
      team.split(1) { _ in #expect(Self.roundsToNearest()) }
      team.runTogether(UnrollGrid(rows: 1, units: team.shares), gain: 1_000_000, pace: 0) { _ in
        #expect(Self.roundsToNearest())
      }
      #expect(Self.roundsToNearest() == (rounding == Self.toNearest))
      let after = rnn_float_mode_enter()
      rnn_float_mode_leave(after)
      // All but the exceptions that have happened.
      #expect(before & ~0x3f == after & ~0x3f)
    }
  }

  @Test("Gradients of 2⁻¹³⁰ count as zeros, those of 2⁻¹⁰⁰ do not", arguments: [1, 2])
  func gradients(threads: Int) throws {
    let engine = try RecurrentEngine(
      RecurrentConfiguration(cell: .lstm(), inputSize: 5, hiddenSize: 20), seed: 1,
      team: ThreadTeam(count: threads, cores: threads))
    engine.prepare(try SequenceLayout(lengths: [7, 4, 3]))
    try engine.input.set(to: [Float](repeating: 0.5, count: 14 * 5))
    for (gradient, isThere) in [(Float(0x1p-130), false), (0x1p-100, true)] {
      var state = engine.zeroState(sequences: 3)
      _ = try engine.forward(&state)
      try engine.outputGradient.set(to: [Float](repeating: gradient, count: 14 * 20))
      engine.gradients.setToZero()
      try engine.backward()
      let values = engine.gradients.withUnsafeMutableValues { Array($0) }
      #expect(values.contains { $0 != 0 } == isThere)
      #expect(engine.inputGradient.values().contains { $0 != 0 } == isThere)
    }
  }
}
