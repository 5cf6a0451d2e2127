import RNNCore
import Testing

extension ParameterStore {
  /// Gives every parameter random values, so that no bias is zero by its initialisation.
  func fill(seed: UInt64, scale: Double = 0.6) throws {
    var generator = OracleGenerator(seed: seed)
    for slice in layout.slices {
      try set(
        slice.name, to: (0..<slice.count).map { _ in Float(generator.value(scale: scale)) })
    }
  }

  /// All values by name.
  func named() throws -> [String: [Float]] {
    var result: [String: [Float]] = [:]
    for slice in layout.slices { result[slice.name] = try values(of: slice.name) }
    return result
  }

  /// The bits of all values, gaps included.
  var bits: [UInt32] { withUnsafeMutableValues { $0.map(\.bitPattern) } }
}

/// Expects two stores of one layout to differ by rounding alone.
func expectClose(
  _ found: ParameterStore, _ right: ParameterStore, within tolerance: Float = 2e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let scale = right.withUnsafeMutableValues { $0.map(abs).max() ?? 0 }
  let difference =
    zip(
      found.withUnsafeMutableValues { Array($0) }, right.withUnsafeMutableValues { Array($0) }
    ).map { abs($0 - $1) }.max() ?? 0
  #expect(difference <= tolerance * max(1, scale), sourceLocation: sourceLocation)
}
