internal import CLibrary

/// The implementation of matrix products, in the forward pass and BPTT, inside the time loop and
/// outside: the library's own kernels or OpenBLAS.
///
/// A ``ThreadTeam`` has one, which the environment variable `RNNCORE_PRODUCTS` chooses (`packed`,
/// `openblas` or `auto`) where nobody else does:
///
/// ```swift
/// let team = try ThreadTeam(count: 4, products: .openBLAS)
/// ```
///
/// With either, the bits of a result do not depend on the number of threads. They differ from one
/// to the other, and those of OpenBLAS from one of its cores (``BLASCore``) to the next. The
/// products of attention, a small one for each sentence, are OpenBLAS's with either.
public enum ProductBackend: String, CaseIterable, Sendable {
  /// The kernels of this library: weights are packed when they have changed and then read by all
  /// steps of a sequence, and threads divide the work wherever it suits them. `auto` takes it with
  /// AVX2 and AVX-512, for whose registers its tiles are made.
  case packed
  /// `cblas_sgemm`, called with as many rows at a time as a product has, at most in 16 parts. Rows
  /// are divided at places that depend on their number alone, since OpenBLAS rounds by the shape of
  /// what it is given. `auto` takes it elsewhere.
  case openBLAS = "openblas"

  /// The environment variable that chooses.
  public static let environmentVariable = "RNNCORE_PRODUCTS"

  /// The implementation that a ``ThreadTeam`` gets unless it is told another.
  ///
  /// An unusable `RNNCORE_PRODUCTS` counts as `auto`; call ``validateEnvironment()`` at the start
  /// of a program to report it instead.
  public static let standard: ProductBackend = (try? requested()) ?? automatic(on: .current)

  /// Throws when `RNNCORE_PRODUCTS` names nothing that there is.
  public static func validateEnvironment() throws(RNNError) { _ = try requested() }

  private static func requested() throws(RNNError) -> ProductBackend {
    try choose(environmentValue(of: environmentVariable), on: .current)
  }

  private static func automatic(on set: InstructionSet) -> ProductBackend {
    set == .portable ? .openBLAS : .packed
  }

  /// The named one; for `auto` and without a name the one that suits the kernels.
  static func choose(
    _ name: String?, on set: InstructionSet
  ) throws(RNNError) -> ProductBackend {
    guard let name, !name.isEmpty, name != "auto" else { return automatic(on: set) }
    guard let backend = ProductBackend(rawValue: name) else {
      throw RNNError(
        .format, environmentVariable, expected: "packed, openblas or auto",
        found: name.shortened())
    }
    return backend
  }
}
