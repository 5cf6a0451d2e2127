import Foundation

/// The record of one computation: each operation with its operands and its slope in each of them.
///
/// Reverse-mode differentiation walks the record backwards once. A tape belongs to the thread that
/// made it; tests run in parallel, so each gradient uses a tape of its own.
final class GradientTape {
  fileprivate struct Operation {
    var left: Int
    var leftSlope: Double
    var right: Int
    var rightSlope: Double
  }

  /// The operand of an operation that has no such operand, or only a constant one.
  fileprivate static let nothing = -1

  private var operations: [Operation] = []

  /// A quantity to differentiate with respect to.
  func variable(_ value: Double) -> Variable {
    record(value, Operation(left: Self.nothing, leftSlope: 0, right: Self.nothing, rightSlope: 0))
  }

  fileprivate func record(_ value: Double, _ operation: Operation) -> Variable {
    operations.append(operation)
    return Variable(value: value, node: operations.count - 1, tape: self)
  }

  /// d`result`/d(node), indexed by the `node` of every variable on this tape.
  func gradient(of result: Variable) -> [Double] {
    var slopes = [Double](repeating: 0, count: operations.count)
    guard result.node != Self.nothing else { return slopes }
    slopes[result.node] = 1
    for node in operations.indices.reversed() where slopes[node] != 0 {
      let operation = operations[node]
      if operation.left != Self.nothing {
        slopes[operation.left] += slopes[node] * operation.leftSlope
      }
      if operation.right != Self.nothing {
        slopes[operation.right] += slopes[node] * operation.rightSlope
      }
    }
    return slopes
  }
}

/// A number that remembers, on its tape, how it was computed.
struct Variable {
  let value: Double
  let node: Int
  private let tape: GradientTape?

  fileprivate init(value: Double, node: Int, tape: GradientTape?) {
    self.value = value
    self.node = node
    self.tape = tape
  }

  private func unary(_ value: Double, slope: Double) -> Variable {
    Variable.combined(value, self, slope, Variable(0), 0)
  }

  private static func combined(
    _ value: Double, _ left: Variable, _ leftSlope: Double, _ right: Variable, _ rightSlope: Double
  ) -> Variable {
    guard let tape = left.tape ?? right.tape else { return Variable(value) }
    return tape.record(
      value,
      GradientTape.Operation(
        left: left.node, leftSlope: leftSlope, right: right.node, rightSlope: rightSlope))
  }
}

extension Variable: OracleScalar {
  init(_ constant: Double) {
    self.init(value: constant, node: GradientTape.nothing, tape: nil)
  }

  init(floatLiteral constant: Double) {
    self.init(constant)
  }

  static func + (left: Variable, right: Variable) -> Variable {
    combined(left.value + right.value, left, 1, right, 1)
  }

  static func - (left: Variable, right: Variable) -> Variable {
    combined(left.value - right.value, left, 1, right, -1)
  }

  static func * (left: Variable, right: Variable) -> Variable {
    combined(left.value * right.value, left, right.value, right, left.value)
  }

  static func / (left: Variable, right: Variable) -> Variable {
    let quotient = left.value / right.value
    return combined(quotient, left, 1 / right.value, right, -quotient / right.value)
  }

  func exponential() -> Variable {
    let power = exp(value)
    return unary(power, slope: power)
  }

  func logarithm() -> Variable {
    unary(log(value), slope: 1 / value)
  }

  func hyperbolicTangent() -> Variable {
    let tangent = tanh(value)
    return unary(tangent, slope: 1 - tangent * tangent)
  }

  func cosine() -> Variable { unary(cos(value), slope: -sin(value)) }
  func sine() -> Variable { unary(sin(value), slope: cos(value)) }

  func rectified() -> Variable {
    unary(value > 0 ? value : 0, slope: value > 0 ? 1 : 0)
  }
}
