import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A network accepts what has a meaning and says what has none")
struct RecurrentConfigurationTests {
  private static let valid = RecurrentConfiguration(cell: .gru(), inputSize: 3, hiddenSize: 5)

  private static func changed(
    _ change: (inout RecurrentConfiguration) -> Void
  ) -> RecurrentConfiguration {
    var configuration = valid
    change(&configuration)
    return configuration
  }

  private static let forced = CellKind.jordan(.tanh, teacherForcing: true)

  static let invalid: [(RecurrentConfiguration, RNNError.Kind, String)] = [
    (changed { $0.inputSize = 0 }, .range, "input size"),
    (changed { $0.hiddenSize = -1 }, .range, "hidden size"),
    (changed { $0.layers = 0 }, .range, "layers"),
    (changed { $0.interLayerDropout = 1 }, .range, "inter-layer dropout"),
    (changed { $0.interLayerDropout = -0.1 }, .range, "inter-layer dropout"),
    (changed { $0.recurrentDropout = .nan }, .range, "recurrent dropout"),
    (changed { $0.cell = .jordan(.tanh, teacherForcing: false) }, .shape, "output size"),
    (changed { ($0.cell, $0.outputSize) = (forced, 0) }, .range, "output size"),
    (
      changed { ($0.cell, $0.outputSize, $0.layers) = (forced, 2, 2) }, .unsupported,
      "teacher forcing"
    ),
    (
      changed { ($0.cell, $0.outputSize, $0.directions) = (forced, 2, .summed) }, .unsupported,
      "teacher forcing"
    ),
  ]

  @Test("A wrong configuration is named", arguments: invalid)
  func errors(
    _ configuration: RecurrentConfiguration, _ kind: RNNError.Kind, _ argument: String
  ) throws {
    var layout = ParameterLayout()
    let error = #expect(throws: RNNError.self) {
      _ = try RecurrentNetwork(configuration, declaringIn: &layout)
    }
    #expect(error?.kind == kind)
    #expect(error?.argument == argument)
    #expect(layout.slices.isEmpty)
  }

  @Test("Parameters have the oracle's names, order and shapes", arguments: OracleCase.all)
  func parameterShapes(_ oracleCase: OracleCase) throws {
    var layout = ParameterLayout()
    let network = try RecurrentNetwork(oracleCase.network.configuration, declaringIn: &layout)
    let expected = oracleCase.network.parameterShapes
    #expect(layout.slices.map(\.name) == expected.map(\.name))
    #expect(layout.slices.map(\.rows) == expected.map(\.rows))
    #expect(layout.slices.map(\.columns) == expected.map(\.columns))
    #expect(network.outputSize == oracleCase.network.outputWidth)
    #expect(layout.slices.allSatisfy { $0.offset % 16 == 0 })
  }

  @Test("A state of another shape is refused, and resetting clears one sequence")
  func states() throws {
    var layout = ParameterLayout()
    let network = try RecurrentNetwork(
      RecurrentConfiguration(cell: .lstm(), inputSize: 3, hiddenSize: 2, layers: 2),
      declaringIn: &layout)
    var state = network.zeroState(sequences: 3)
    try network.check(state, sequences: 3)
    #expect(throws: RNNError.self) { try network.check(state, sequences: 2) }
    state.hidden = state.hidden.map { $0.map { _ in 1 } }
    state.cell = state.cell.map { $0.map { _ in 2 } }
    state.reset(sequence: 1)
    #expect(state.hidden == [[1, 1, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1]])
    #expect(state.cell == [[2, 2, 0, 0, 2, 2], [2, 2, 0, 0, 2, 2]])
    state.cell[1].removeLast()
    #expect(throws: RNNError.self) { try network.check(state, sequences: 3) }
  }
}
