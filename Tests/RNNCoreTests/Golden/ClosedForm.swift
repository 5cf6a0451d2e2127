import Foundation

@testable import TestSupport

/// The weights, inputs and cotangents behind the golden values, so that no file need store them.
enum ClosedForm {
  /// Element k of tensor number n: 0.5 sin(1.3 k + 0.1 k^2 + 0.7 n), rounded to `Float`.
  ///
  /// Without the square every matrix would have rank two and hide errors. The rounding lets an
  /// engine in `Float` start from the very numbers the golden values were computed with.
  static func value(tensor: Int, index: Int) -> Double {
    let n = Double(tensor)
    let k = Double(index)
    return Double(Float(0.5 * sin(1.3 * k + 0.1 * k * k + 0.7 * n)))
  }

  static func values(tensor: Int, count: Int) -> [Double] {
    (0..<count).map { value(tensor: tensor, index: $0) }
  }
}
