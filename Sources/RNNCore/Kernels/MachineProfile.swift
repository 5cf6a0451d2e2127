/// What this process computes with: CPU, instruction sets, OpenBLAS, and how fast it multiplies.
public struct MachineProfile: Sendable, Hashable {
  /// The CPU's own name.
  public var cpu: String
  /// The cores that this process may use, and what says so.
  public var coreLimit: CoreLimit
  /// The instruction set of the library's kernels.
  public var instructionSet: InstructionSet
  /// The instruction sets that this CPU has kernels for.
  public var availableSets: [InstructionSet]
  /// OpenBLAS's version and build options.
  public var blas: String
  /// The core whose sgemm kernel OpenBLAS uses.
  public var blasCore: BLASCore

  /// How many cores this process may use.
  public var cores: Int { coreLimit.cores }

  /// Of this process. Chooses the kernels and OpenBLAS's core, if nothing has done so before.
  public static func current() -> MachineProfile {
    MachineProfile(
      cpu: CPUInfo.current.name, coreLimit: .current(),
      instructionSet: .current, availableSets: InstructionSet.allCases.filter(\.isAvailable),
      blas: BLAS.configuration, blasCore: .current)
  }

  /// GFLOP/s of OpenBLAS's C = A·B with square matrices of `size`, rows divided over `team`: the
  /// best of `rounds`, which is what shares of the peak refer to. About 0.1 s a round.
  public static func measurePeak(
    team: ThreadTeam, size: Int = 1536, rounds: Int = 5
  ) -> Double {
    let buffers = (0..<3).map { _ in FloatBuffer(size * size) }
    for index in 0..<size * size {
      buffers[0].pointer[index] = Float(index % 31) / 31 - 0.5
      buffers[1].pointer[index] = Float(index % 37) / 37 - 0.5
    }
    let (a, b, c) = (
      buffers[0].matrix(size, size), buffers[1].matrix(size, size), buffers[2].matrix(size, size)
    )
    func multiply() {
      team.split(size, grain: 48) { BLAS.multiply(a.rows($0), .no, b, into: c.rows($0), beta: 0) }
    }
    multiply()
    var best = Double.infinity
    for _ in 0..<rounds {
      let time = ContinuousClock().measure(multiply)
      best = min(best, time / .seconds(1))
    }
    return withExtendedLifetime(buffers) { 2e-9 * Double(size * size * size) / best }
  }
}
