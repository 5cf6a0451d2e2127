import Foundation

/// The arithmetic the oracle needs: plain numbers run it forward, taped ones also backward.
protocol OracleScalar: ExpressibleByFloatLiteral where FloatLiteralType == Double {
  /// A constant: nothing is differentiated with respect to it.
  init(_ constant: Double)

  var value: Double { get }

  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  static func * (left: Self, right: Self) -> Self
  static func / (left: Self, right: Self) -> Self

  func exponential() -> Self
  func logarithm() -> Self
  func hyperbolicTangent() -> Self
  func cosine() -> Self
  func sine() -> Self

  /// max(x, 0), with slope 0 at x = 0.
  func rectified() -> Self
}

extension OracleScalar {
  /// 1 / (1 + exp(-x)), written with tanh because that neither overflows nor loses its slope.
  func sigmoid() -> Self {
    0.5 * (1.0 + (0.5 * self).hyperbolicTangent())
  }
}

extension Double: OracleScalar {
  var value: Double { self }

  func exponential() -> Double { exp(self) }
  func logarithm() -> Double { log(self) }
  func hyperbolicTangent() -> Double { tanh(self) }
  func cosine() -> Double { cos(self) }
  func sine() -> Double { sin(self) }
  func rectified() -> Double { self > 0 ? self : 0 }
}

extension Array where Element: OracleScalar {
  /// exp(x_j) / sum_k exp(x_k); the largest is subtracted first so that nothing overflows.
  func softmax() -> [Element] {
    let largest = Element(map(\.value).max() ?? 0)
    let powers = map { ($0 - largest).exponential() }
    let total = powers.reduce(0.0, +)
    return powers.map { $0 / total }
  }
}
