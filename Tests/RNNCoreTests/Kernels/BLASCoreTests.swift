import CKernels
import Foundation
import Testing

@testable import RNNCore

@Suite("The choice of OpenBLAS's core")
struct BLASCoreTests {
  @Test(
    "A core that leaves the CPU's vectors unused is replaced, another is kept",
    arguments: [
      ("Haswell", [.portable, .avx2, .avx512], "SkylakeX"),
      ("Zen", [.portable, .avx2, .avx512], "SkylakeX"),
      ("Cooperlake", [.portable, .avx2, .avx512], nil),
      ("SkylakeX", [.portable, .avx2, .avx512], nil),
      ("Prescott", [.portable, .avx2], "Haswell"), ("Zen", [.portable, .avx2], nil),
      ("Prescott", [.portable], nil),
    ] as [(String, [InstructionSet], String?)])
  func policy(_ detected: String, _ sets: [InstructionSet], _ expected: String?) {
    #expect(BLASCore.better(than: detected, available: sets) == expected)
  }

  @Test("An old core is replaced once, products are right, and the environment is left clean")
  func replaces() async {
    guard rnn_can_choose_blas_core(), InstructionSet.avx2.isAvailable else { return }
    await #expect(processExitsWith: .success) {
      unsetenv("OPENBLAS_CORETYPE")
      rnn_choose_blas_core("Prescott")
      let core = BLASCore.current
      precondition(core.detected == "Prescott" && core.name != "Prescott", "\(core)")
      precondition(core.reason.contains("Prescott"))
      precondition(ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil)
      let (a, b, c) = (FloatBuffer(50 * 60), FloatBuffer(60 * 70), FloatBuffer(50 * 70))
      for index in 0..<50 * 60 { a.pointer[index] = Float(index % 7) }
      for index in 0..<60 * 70 { b.pointer[index] = Float(index % 5) }
      BLAS.multiply(a.matrix(50, 60), .no, b.matrix(60, 70), into: c.matrix(50, 70), beta: 0)
      let expected = (0..<60).reduce(0) { $0 + ((11 * 60 + $1) % 7) * (($1 * 70 + 13) % 5) }
      precondition(c.pointer[11 * 70 + 13] == Float(expected))
      precondition(BLASCore.current == core)
    }
  }

  @Test("OpenBLAS starts no threads when it is loaded, and those that a program asks for later")
  func threads() async {
    await #expect(processExitsWith: .success) {
      precondition(openBLASThreads() == 1)
      setOpenBLASThreads(3)
      precondition(openBLASThreads() == 3)
      // The first team sets them back.
      _ = try ThreadTeam(count: 2)
      precondition(openBLASThreads() == 1)
    }
  }

  @Test("What the user asked for is kept")
  func keeps() async {
    await #expect(processExitsWith: .success) {
      setenv("OPENBLAS_CORETYPE", "Haswell", 1)
      let core = BLASCore.current
      precondition(core.name == core.detected && core.reason.contains("OPENBLAS_CORETYPE=Haswell"))
    }
  }
}

@_silgen_name("openblas_get_num_threads") private func openBLASThreads() -> Int32
@_silgen_name("openblas_set_num_threads") private func setOpenBLASThreads(_ count: Int32)
