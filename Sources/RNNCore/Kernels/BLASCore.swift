internal import CBLAS
internal import CKernels
internal import CLibrary

/// The set of kernels, named after a CPU, that OpenBLAS multiplies with.
///
/// OpenBLAS falls back to kernels for older CPUs on one that is newer than itself: version 0.3.21
/// takes `Haswell` on CPUs of 2024, which halves the speed of its sgemm where AVX-512 is there. So
/// a better core is chosen, once, before the library's first call of OpenBLAS, unless the
/// environment variable `OPENBLAS_CORETYPE` says which one to use. A host program that calls
/// OpenBLAS from other threads should touch ``current`` before it starts them.
public struct BLASCore: Sendable, Hashable {
  /// What OpenBLAS chose by itself.
  public let detected: String
  /// What is used.
  public let name: String
  /// Why, in a few words.
  public let reason: String

  /// The environment variable by which OpenBLAS's users choose.
  public static let environmentVariable = "OPENBLAS_CORETYPE"

  /// The core of this process, chosen when first asked for.
  public static let current: BLASCore = {
    let detected = String(cString: openblas_get_corename())
    if let wish = environmentValue(of: environmentVariable), !wish.isEmpty {
      return BLASCore(
        detected: detected, name: detected, reason: "\(environmentVariable)=\(wish) was set")
    }
    guard let better = better(than: detected, available: available) else {
      return BLASCore(detected: detected, name: detected, reason: "OpenBLAS's own choice")
    }
    guard rnn_can_choose_blas_core() else {
      return BLASCore(
        detected: detected, name: detected,
        reason: "\(better) would be faster, but this OpenBLAS was built for one core")
    }
    rnn_choose_blas_core(better)
    return BLASCore(
      detected: detected, name: String(cString: openblas_get_corename()),
      reason: "OpenBLAS chose \(detected), which leaves instructions of this CPU unused")
  }()

  /// GFLOP/s of one thread with OpenBLAS's own choice and with ours; nil when they are the same.
  ///
  /// Switches cores back and forth: for programs that know that nothing else uses OpenBLAS
  /// meanwhile.
  public static func measureGain() -> (detected: Double, used: Double)? {
    guard current.detected != current.name, let alone = try? ThreadTeam(count: 1) else {
      return nil
    }
    rnn_choose_blas_core(current.detected)
    let before = MachineProfile.measurePeak(team: alone)
    rnn_choose_blas_core(current.name)
    return (before, MachineProfile.measurePeak(team: alone))
  }

  /// A core that uses vectors of this CPU which the one in use does not; nil when there is none.
  package var better: String? { BLASCore.better(than: name, available: BLASCore.available) }

  private static var available: [InstructionSet] {
    InstructionSet.allCases.filter(\.isAvailable)
  }

  /// A core that uses the CPU's widest vectors; nil when `core` does.
  static func better(than core: String, available: [InstructionSet]) -> String? {
    if available.contains(.avx512) {
      return avx512Cores.contains(core.lowercased()) ? nil : "SkylakeX"
    }
    if available.contains(.avx2) { return avx2Cores.contains(core.lowercased()) ? nil : "Haswell" }
    return nil
  }

  private static let avx512Cores: Set<String> = ["skylakex", "cooperlake", "sapphirerapids"]
  private static let avx2Cores: Set<String> = ["haswell", "zen", "excavator"]
}
