import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A state map's step and Jacobian are the oracle's")
struct StateMapTests {
  private static let networks = OracleCell.all.map { cell in
    OracleNetwork(cell: cell, input: 3, hidden: 5, output: cell.isJordan ? 7 : 0)
  }

  private static let differences = Closeness(
    absolute: 1e-9, relative: 1e-9,
    reason: "a central difference in Double with probe 1e-5 errs by about 1e-10 in truncation and "
      + "1e-11 in rounding; the Jacobian's elements are up to the order of one")

  private static let rounding = Closeness(
    absolute: 1e-14, relative: 1e-13,
    reason: "the same sums and products in Double in another order, some tens of them")

  @Test("The step is the oracle's", arguments: networks)
  func step(_ network: OracleNetwork) throws {
    let mapCase = try MapCase(network, seed: 11)
    let map = try mapCase.map()
    let (state, input) = (mapCase.state, mapCase.input)
    #expect(map.stateSize == state.count)
    #expect(map.inputSize == 3)
    let next = try map.next(state: state, input: input)
    expectClose(next, mapCase.oracleStep(state), Self.rounding, "s_t")
    #expect(try map.linearized(state: state, input: input).next == next)
  }

  @Test("The Jacobian is the oracle's central difference in every direction", arguments: networks)
  func centralDifferences(_ network: OracleNetwork) throws {
    for seed in 21...23 {
      let mapCase = try MapCase(network, seed: UInt64(seed))
      let state = mapCase.state
      let probe = 1e-5
      let jacobian = try mapCase.map().linearized(state: state, input: mapCase.input).jacobian
      #expect(jacobian.rows == state.count && jacobian.columns == state.count)
      for column in state.indices {
        func moved(_ distance: Double) -> [Double] {
          var moved = state
          moved[column] += distance
          return mapCase.oracleStep(moved)
        }
        let slopes = zip(moved(probe), moved(-probe)).map { ($0 - $1) / (2 * probe) }
        expectClose(
          state.indices.map { jacobian[$0, column] }, slopes, Self.differences,
          "column \(column) of J, seed \(seed)")
      }
    }
  }

  @Test("The Jacobian is what the oracle's reverse mode gives, to rounding", arguments: networks)
  func reverseMode(_ network: OracleNetwork) throws {
    let mapCase = try MapCase(network, seed: 31)
    let tape = GradientTape()
    let variables = mapCase.state.map { tape.variable($0) }
    let next = mapCase.oracleStep(variables)
    let jacobian = try mapCase.map().linearized(state: mapCase.state, input: mapCase.input).jacobian
    for (row, value) in next.enumerated() {
      let slopes = tape.gradient(of: value)
      expectClose(
        variables.indices.map { jacobian[row, $0] }, variables.map { slopes[$0.node] },
        Self.rounding, "row \(row) of J")
    }
  }

  @Test("Saturated units stay finite", arguments: networks)
  func saturation(_ network: OracleNetwork) throws {
    let mapCase = try MapCase(network, seed: 41)
    let far = mapCase.state.map { $0 < 0 ? -1e4 : 1e4 }
    let (next, jacobian) = try mapCase.map().linearized(state: far, input: mapCase.input)
    #expect(next.allSatisfy { $0.isFinite })
    #expect(jacobian.isFinite)
  }

  @Test("Each layer and direction has a map of its own weights")
  func layersAndDirections() throws {
    let network = OracleNetwork(
      cell: .elman(.tanh), layers: 2, directions: .bidirectionalConcat, input: 3, hidden: 5)
    let mapCase = try MapCase(network, seed: 51)
    for layer in 0..<2 {
      for direction in Direction.allCases {
        let map = try mapCase.map(layer: layer, direction: direction)
        #expect(map.inputSize == (layer == 0 ? 3 : 10))
        let suffix = OracleNetwork.parameterSuffix(layer: layer, direction: direction.rawValue)
        let u = try #require(mapCase.arguments.parameters["weight_hh" + suffix])
        #expect(map.weights.recurrent.values == u)
      }
    }
  }

  @Test("An IRNN is an Elman cell with relu, a teacher-forced Jordan cell one that runs freely")
  func sameMaps() throws {
    let values: [String: [Float]] = [
      "weight_ih": [0.5, -1], "weight_hh": [0.25, 1, -0.5, 2], "bias_ih": [0.125, 0.5],
    ]
    let (state, input) = ([0.75, 0.5], [1.5])
    let irnn = try plainMap(.irnn, hidden: 2, values).linearized(state: state, input: input)
    let relu = try plainMap(.elman(.relu), hidden: 2, values).linearized(state: state, input: input)
    #expect(irnn == relu)
    let jordan = values.merging(["weight_ho": [1, 2, 0.5, -1]]) { $1 }
    let forced = try plainMap(
      .jordan(.tanh, teacherForcing: true), hidden: 2, output: 2, feedback: .softmax, jordan)
    let free = try plainMap(
      .jordan(.tanh, teacherForcing: false), hidden: 2, output: 2, feedback: .softmax, jordan)
    #expect(
      try forced.linearized(state: state, input: input)
        == free.linearized(state: state, input: input))
  }

  @Test("What does not fit is refused")
  func errors() throws {
    let mapCase = try MapCase(Self.networks[0], seed: 61)
    expectError(.range, about: "layer") { _ = try mapCase.map(layer: 1) }
    expectError(.unsupported, about: "direction") { _ = try mapCase.map(direction: .reverse) }
    let map = try mapCase.map()
    expectError(.shape, about: "state") { _ = try map.next(state: [1], input: mapCase.input) }
    expectError(.shape, about: "input") { _ = try map.next(state: mapCase.state, input: []) }

    var wider = mapCase.network
    wider.input = 4
    let other = try MapCase(wider, seed: 62)
    expectError(.shape, about: "weight_ih_l0") {
      _ = try StateMap(mapCase.engine, parameters: other.parameters)
    }
    expectError(.format, about: "parameter") {
      _ = try StateMap(mapCase.engine, parameters: ParameterStore(layout: ParameterLayout()))
    }
    mapCase.parameters.withUnsafeMutableValues { $0[0] = .infinity }
    expectError(.nonFinite, about: "weight_ih_l0") { _ = try mapCase.map() }
  }
}

extension OracleNetwork: CustomTestStringConvertible {
  public var testDescription: String { "\(cell) \(directions) x\(layers)" }
}
