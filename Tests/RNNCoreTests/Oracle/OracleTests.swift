import Testing

@testable import TestSupport

/// One shape of network to check: every width odd and different from every other.
struct OracleCase: Sendable, CustomTestStringConvertible {
  let cell: OracleCell
  let directions: OracleDirections
  let layers: Int

  static let all: [OracleCase] = OracleCell.all.flatMap { cell in
    OracleDirections.allCases.flatMap { directions in
      (1...3).map { OracleCase(cell: cell, directions: directions, layers: $0) }
    }
  }

  var testDescription: String { "\(cell) \(directions) x\(layers)" }

  var network: OracleNetwork {
    OracleNetwork(
      cell: cell, layers: layers, directions: directions, input: 3, hidden: 5,
      output: cell.isJordan ? 7 : 0)
  }
}

@Suite("The oracle agrees with central differences")
struct OracleGradientTests {
  private static let lengths = [3, 1, 2]

  /// Half the distance between the two evaluations of a central difference.
  private static let probe = 1e-5

  private static let closeness = Closeness(
    absolute: 1e-8, relative: 1e-7,
    reason: "a central difference in Double with probe 1e-5 errs by about 1e-10 in truncation "
      + "and 1e-10 in rounding, times the slopes met on three layers")

  @Test("The gradient of every tensor is the slope of the loss", arguments: OracleCase.all)
  func gradientIsSlope(_ oracleCase: OracleCase) {
    var generator = OracleGenerator(seed: 1)
    check(oracleCase.network, constants: OracleConstants(), using: &generator)
  }

  @Test(
    "The gradient is the slope of the loss with masks and forced targets too",
    arguments: OracleCase.all.filter { $0.layers == 2 })
  func gradientWithConstantsIsSlope(_ oracleCase: OracleCase) {
    var generator = OracleGenerator(seed: 2)
    let constants = oracleCase.network.constants(
      lengths: Self.lengths, dropout: 0.3, using: &generator)
    check(oracleCase.network, constants: constants, using: &generator)
  }

  private func check(
    _ network: OracleNetwork, constants: OracleConstants, using generator: inout OracleGenerator
  ) {
    let arguments = network.arguments(lengths: Self.lengths) { _, _ in generator.value() }
    let cotangent = network.cotangent(lengths: Self.lengths) { _, _ in generator.value() }
    let gradient = network.gradient(at: arguments, cotangent: cotangent, constants: constants)
      .gradient

    // A random direction in each tensor: one difference then sees every one of its elements.
    var first = 0
    for (name, slopes) in gradient.tensors where !slopes.isEmpty {
      let direction = slopes.map { _ in generator.value() }
      func loss(at distance: Double) -> Double {
        network.loss(
          arguments.moved(from: first, along: direction, by: distance),
          cotangent: cotangent, constants: constants)
      }
      // Of fourth order: without a bound on their units, identity cells have large third
      // derivatives.
      let near = loss(at: Self.probe) - loss(at: -Self.probe)
      let far = loss(at: 2 * Self.probe) - loss(at: -2 * Self.probe)
      let difference = (8 * near - far) / (12 * Self.probe)
      let slope = zip(slopes, direction).map { $0 * $1 }.reduce(0, +)
      expectClose([slope], [difference], Self.closeness, "slope along a direction in \(name)")
      first += slopes.count
    }
  }

  @Test("Each operation's slope is its central difference")
  func operationsHaveTheirSlopes() {
    expectSlope("sum") { $0 + $0 }
    expectSlope("difference") { 2.0 - $0 }
    expectSlope("product") { $0 * $0 }
    expectSlope("quotient") { $0 / (1.0 + $0 * $0) }
    expectSlope("exponential") { $0.exponential() }
    expectSlope("logarithm") { ($0 * $0).logarithm() }
    expectSlope("tangent") { $0.hyperbolicTangent() }
    expectSlope("rectified") { $0.rectified() }
    expectSlope("sigmoid") { $0.sigmoid() }
  }

  private func expectSlope(_ name: String, of function: (Variable) -> Variable) {
    let points = [-1.7, -0.3, 0.4, 2.1]
    let slopes = points.map { point in
      let tape = GradientTape()
      let variable = tape.variable(point)
      return tape.gradient(of: function(variable))[variable.node]
    }
    let differences = points.map { point in
      let above = function(Variable(point + Self.probe)).value
      let below = function(Variable(point - Self.probe)).value
      return (above - below) / (2 * Self.probe)
    }
    expectClose(slopes, differences, Self.closeness, name)
  }
}

extension OracleArguments<Double> {
  /// The same but for the elements from `first` on, counted through all `tensors`.
  func moved(from first: Int, along direction: [Double], by distance: Double) -> Self {
    var index = -1
    return map { value in
      index += 1
      let isMoved = direction.indices.contains(index - first)
      return isMoved ? value + distance * direction[index - first] : value
    }
  }
}
