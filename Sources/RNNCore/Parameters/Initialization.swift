/// How a weight matrix starts.
///
/// Written as a name and, where it has one, a number: `uniform`, `uniform=0.08`, `normal=0.1`,
/// `xavier`, `orthogonal`, `orthogonal=1.2`, `identity`, `sparse=0.95`.
public enum Initialization: Sendable, Hashable, CustomStringConvertible {
  /// Uniform in ±bound; without a bound ±1/√H, as PyTorch does.
  case uniform(bound: Float?)
  /// Normal with the given standard deviation.
  case normal(deviation: Float)
  /// Uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio 2010).
  case xavier
  /// Orthonormal rows or columns, times a gain (Saxe et al. 2014).
  case orthogonal(gain: Float)
  /// The identity, times a scale (Le, Jaitly and Hinton 2015).
  case identity(scale: Float)
  /// A few normal connections a unit, all scaled so that the largest absolute eigenvalue is
  /// `spectralRadius` (Pascanu et al. 2013, after Sutskever's and Jaeger's starts). Square blocks
  /// only.
  case sparse(connections: Int, spectralRadius: Float)

  /// Reads the text that ``description`` writes, such as `xavier` or `normal=0.1`. Throws `.format`
  /// for any other.
  public init(_ text: String) throws(RNNError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    var number: Float?
    if parts.count == 2 {
      guard let value = Float(parts[1]), value.isFinite, value > 0 else {
        throw RNNError(
          .format, "initialisation", expected: "a positive number after =", found: text.excerpt)
      }
      number = value
    }
    switch (parts[0], number) {
    case ("uniform", let bound): self = .uniform(bound: bound)
    case ("normal", let deviation?): self = .normal(deviation: deviation)
    case ("xavier", nil): self = .xavier
    case ("orthogonal", let gain): self = .orthogonal(gain: gain ?? 1)
    case ("identity", let scale): self = .identity(scale: scale ?? 1)
    case ("sparse", let radius): self = .sparse(connections: 15, spectralRadius: radius ?? 0.95)
    default:
      throw RNNError(
        .format, "initialisation",
        expected: "uniform[=N], normal=N, xavier, orthogonal[=N], identity[=N] or sparse[=N]",
        found: text.excerpt)
    }
  }

  public var description: String {
    switch self {
    case .uniform(let bound): bound.map { "uniform=\($0)" } ?? "uniform"
    case .normal(let deviation): "normal=\(deviation)"
    case .xavier: "xavier"
    case .orthogonal(let gain): gain == 1 ? "orthogonal" : "orthogonal=\(gain)"
    case .identity(let scale): scale == 1 ? "identity" : "identity=\(scale)"
    case .sparse(_, let radius): "sparse=\(radius)"
    }
  }

  /// Values of one block [rows, columns], row-major.
  ///
  /// Throws `.unsupported` when a spectral radius is asked of a matrix that is not square.
  public func values(
    rows: Int, columns: Int, hidden: Int, using generator: inout RandomGenerator
  ) throws(RNNError) -> [Float] {
    let count = rows * columns
    switch self {
    case .uniform(let bound):
      let limit = bound ?? 1 / Float(hidden).squareRoot()
      return (0..<count).map { _ in generator.uniform(-limit, limit) }
    case .normal(let deviation):
      return (0..<count).map { _ in deviation * generator.normal() }
    case .xavier:
      let limit = (6 / Float(rows + columns)).squareRoot()
      return (0..<count).map { _ in generator.uniform(-limit, limit) }
    case .orthogonal(let gain):
      return orthogonalValues(rows, columns, using: &generator).map { gain * $0 }
    case .identity(let scale):
      return (0..<count).map { $0 / columns == $0 % columns ? scale : 0 }
    case .sparse(let connections, let radius):
      guard rows == columns else {
        throw RNNError(
          .unsupported, "sparse initialisation", expected: "a square matrix",
          found: "[\(rows), \(columns)]")
      }
      return try sparseValues(rows, connections, radius, using: &generator)
    }
  }
}

/// Orthonormal columns when there are at least as many rows, else orthonormal rows.
private func orthogonalValues(
  _ rows: Int, _ columns: Int, using generator: inout RandomGenerator
) -> [Float] {
  let (long, short) = (max(rows, columns), min(rows, columns))
  let normal = (0..<long * short).map { _ in generator.normal() }
  let q = LAPACK.orthonormal(normal, rows: long, columns: short).q
  if rows >= columns { return q }
  return (0..<rows * columns).map { q[$0 % columns * short + $0 / columns] }
}

private func sparseValues(
  _ size: Int, _ connections: Int, _ radius: Float, using generator: inout RandomGenerator
) throws(RNNError) -> [Float] {
  // A draw of few connections may be nilpotent (radius 0), which no factor mends: draw again.
  for _ in 0..<100 {
    var values = [Float](repeating: 0, count: size * size)
    for row in 0..<size {
      var columns = Array(0..<size)
      for place in 0..<min(connections, size) {
        columns.swapAt(place, place + generator.integer(below: size - place))
        values[row * size + columns[place]] = generator.normal()
      }
    }
    if let found = LAPACK.spectralRadius(values, size: size), found > 1e-3 {
      return values.map { $0 * radius / found }
    }
  }
  throw RNNError(
    .range, "sparse initialisation", expected: "connections that form a cycle",
    found: "\(connections) of \(size)")
}

/// As its text.
extension Initialization: Codable {
  public init(from decoder: any Decoder) throws {
    self = try Initialization(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
