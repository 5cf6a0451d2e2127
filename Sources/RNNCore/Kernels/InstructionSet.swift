internal import CKernels
internal import CLibrary

/// The vector instructions that the kernels are compiled for.
///
/// The best one the CPU has is chosen when the first kernel runs; the environment variable
/// `RNNCORE_ISA` (`portable`, `avx2` or `avx512`) forces one.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// What every CPU has; matrix products are OpenBLAS's.
  case portable
  /// AVX2 with FMA: vectors of 8 numbers.
  case avx2
  /// AVX-512 with its parts F, BW, DQ and VL: vectors of 16 numbers.
  case avx512

  /// The environment variable that forces a set.
  public static let environmentVariable = "RNNCORE_ISA"

  /// Whether this build and this CPU can run it.
  public var isAvailable: Bool { rnn_can_run(code) }

  /// The set that all kernels of this process use.
  ///
  /// An unusable `RNNCORE_ISA` makes this fall back to the best set; call
  /// ``validateEnvironment()`` at the start of a program to report it instead.
  public static let current: InstructionSet = (try? requested()) ?? best

  /// Throws when `RNNCORE_ISA` names no set, or one that this CPU lacks.
  public static func validateEnvironment() throws(RNNError) { _ = try requested() }

  private static var best: InstructionSet { allCases.last(where: \.isAvailable) ?? .portable }

  private static func requested() throws(RNNError) -> InstructionSet {
    try choose(
      environmentValue(of: environmentVariable),
      among: allCases.filter(\.isAvailable))
  }

  /// The named set, or the best one when there is no name.
  static func choose(
    _ name: String?, among available: [InstructionSet]
  ) throws(RNNError) -> InstructionSet {
    guard let name, !name.isEmpty else { return available.last ?? .portable }
    let choices = available.map(\.rawValue).joined(separator: ", ")
    guard let set = InstructionSet(rawValue: name) else {
      throw RNNError(
        .format, environmentVariable, expected: "one of \(choices)", found: name.shortened())
    }
    guard available.contains(set) else {
      throw RNNError(
        .unsupported, environmentVariable, expected: "one of \(choices), which this CPU has",
        found: name.shortened())
    }
    return set
  }

  private var code: rnn_instruction_set {
    switch self {
    case .portable: RNN_PORTABLE
    case .avx2: RNN_AVX2
    case .avx512: RNN_AVX512
    }
  }

  /// The kernels compiled for this set; nil when it is not available.
  var kernels: UnsafePointer<rnn_kernels>? { rnn_kernels_of(code) }
}

/// The kernels of the current instruction set: a table of C functions, never written again.
nonisolated(unsafe) let kernels: rnn_kernels = {
  guard let table = InstructionSet.current.kernels else {
    preconditionFailure("the portable kernels run everywhere")
  }
  return table.pointee
}()
