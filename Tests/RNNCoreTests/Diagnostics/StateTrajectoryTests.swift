import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A trajectory is what one sequence made of one layer")
struct StateTrajectoryTests {
  private static let lengths = [2, 5, 1, 3]
  private static let cases = OracleCase.all.filter { $0.layers == 2 }

  private struct Pass {
    let engine: EngineRun
    let arguments: OracleArguments<Double>

    init(_ network: OracleNetwork, forcing targets: [[[Double]]]? = nil) throws {
      var generator = OracleGenerator(seed: 71)
      arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.7) }
      engine = try EngineRun(network, threads: 2, teacherForcing: targets != nil)
      _ = try engine.forward(arguments, forcing: targets)
    }

    func trajectory(
      _ sequence: Int, layer: Int = 0, _ direction: Direction = .forward
    ) throws -> StateTrajectory {
      try engine.network.trajectory(
        of: engine.tape, sequence: sequence, layer: layer, direction: direction)
    }

    func map(layer: Int = 0, _ direction: Direction = .forward) throws -> StateMap {
      try StateMap(
        engine.network, layer: layer, direction: direction, parameters: engine.parameters)
    }

    var directions: [Direction] {
      Array(Direction.allCases.prefix(engine.oracle.directions.count))
    }
  }

  @Test("The map along it makes the engine's states, in each layer and direction", arguments: cases)
  func mapReproducesStates(_ oracleCase: OracleCase) throws {
    let pass = try Pass(oracleCase.network)
    for layer in 0..<2 {
      for direction in pass.directions {
        let map = try pass.map(layer: layer, direction)
        for (sequence, length) in Self.lengths.enumerated() {
          let trajectory = try pass.trajectory(sequence, layer: layer, direction)
          #expect(trajectory.stepCount == length)
          #expect(trajectory.states.count == length + 1)
          #expect(!trajectory.isTeacherForced)
          for step in 0..<length {
            let expected = try map.next(
              state: trajectory.stateBefore(step), input: trajectory.inputs[step])
            expectClose(
              trajectory.states[step + 1], expected, .float(of: expected),
              "state \(step + 1) of sequence \(sequence), layer \(layer), \(direction)")
          }
        }
      }
    }
  }

  @Test("It begins with the initial state and reads the inputs in its direction", arguments: cases)
  func inputsAndInitialStates(_ oracleCase: OracleCase) throws {
    let network = oracleCase.network
    let pass = try Pass(network)
    for (sequence, inputs) in pass.arguments.sequences.enumerated() {
      for direction in pass.directions {
        let own = try pass.trajectory(sequence, direction)
        #expect(own.inputs == (direction == .forward ? inputs : inputs.reversed()))
        for layer in 0..<2 {
          let index = network.stateIndex(layer: layer, direction: direction.rawValue)
          let cell = network.cell.isLSTM ? pass.arguments.initialCell[index][sequence] : []
          #expect(
            try pass.trajectory(sequence, layer: layer, direction).states[0]
              == pass.arguments.initialHidden[index][sequence] + cell)
        }
      }
    }
  }

  @Test("The second layer reads what the first one's directions give")
  func secondLayerInputs() throws {
    let network = OracleNetwork(
      cell: .lstm(peephole: true, coupled: false), layers: 2, directions: .bidirectionalConcat,
      input: 3, hidden: 5)
    let pass = try Pass(network)
    for (sequence, length) in Self.lengths.enumerated() {
      let (there, back) = (try pass.trajectory(sequence), try pass.trajectory(sequence, .reverse))
      for direction in Direction.allCases {
        let above = try pass.trajectory(sequence, layer: 1, direction)
        for step in 0..<length {
          let time = direction == .forward ? step : length - 1 - step
          let (h, g) = (there.states[time + 1].prefix(5), back.states[length - time].prefix(5))
          #expect(above.inputs[step] == Array(h + g))
        }
      }
    }
  }

  @Test("BPTT leaves it as it was")
  func afterBackward() throws {
    let network = OracleNetwork(
      cell: .gru(resetAfter: false), layers: 2, directions: .bidirectionalSum, input: 3, hidden: 5)
    let pass = try Pass(network)
    let before = try pass.trajectory(1, layer: 1, .reverse)
    _ = pass.engine.backward(network.cotangent(lengths: Self.lengths) { _, _ in 1 })
    #expect(try pass.trajectory(1, layer: 1, .reverse) == before)
  }

  @Test("Teacher forcing feeds targets, and no difference survives a step")
  func teacherForcing() throws {
    let network = OracleNetwork(
      cell: .jordan(.tanh, feedback: .softmax), input: 3, hidden: 5, output: 7)
    var generator = OracleGenerator(seed: 72)
    let targets = network.constants(lengths: Self.lengths, dropout: 0, using: &generator)
      .teacherTargets
    let pass = try Pass(network, forcing: targets)
    let (trajectory, map) = (try pass.trajectory(1), try pass.map())
    #expect(trajectory.isTeacherForced)
    #expect(trajectory.stateBefore(0) == trajectory.states[0])
    #expect(trajectory.stateBefore(3) == targets?[1][2])
    let next = try map.next(state: trajectory.stateBefore(3), input: trajectory.inputs[3])
    expectClose(trajectory.states[4], next, .float(of: next), "y_4")
    #expect(try map.jacobian(along: trajectory, step: 0).values.contains { $0 != 0 })
    #expect(try map.jacobian(along: trajectory, step: 1).values.allSatisfy { $0 == 0 })
    let retention = try map.retention(of: Array(repeating: 1, count: 7), along: trajectory)
    #expect(retention.log10Total == -.infinity)
    #expect(retention.factors[4] == 0)
  }

  @Test("Of a hybrid teacher forcing cuts the way through its outputs, not the one through h")
  func hybridTeacherForcing() throws {
    let network = OracleNetwork(
      cell: .jordan(.tanh, feedback: .softmax, hybrid: true), input: 3, hidden: 5, output: 7)
    var generator = OracleGenerator(seed: 73)
    let targets = network.constants(lengths: Self.lengths, dropout: 0, using: &generator)
      .teacherTargets
    let pass = try Pass(network, forcing: targets)
    let (trajectory, map) = (try pass.trajectory(1), try pass.map())
    let before = Array(trajectory.states[3].prefix(5)) + (targets?[1][2] ?? [])
    #expect(trajectory.stateBefore(3) == before)
    let next = try map.next(state: before, input: trajectory.inputs[3])
    expectClose(trajectory.states[4], next, .float(of: next), "s_4")
    let free = try map.linearized(state: before, input: trajectory.inputs[3]).jacobian
    let forced = try map.jacobian(along: trajectory, step: 3)
    for row in 0..<12 {
      for column in 0..<12 {
        #expect(forced[row, column] == (column < 5 ? free[row, column] : 0))
      }
    }
    #expect((0..<12).contains { free[$0, 6] != 0 })
  }

  @Test("It is refused where inputs have been written over")
  func lostInputs() throws {
    let network = OracleNetwork(
      cell: .jordan(.tanh, feedback: .tanh), layers: 2, input: 3, hidden: 5, output: 7)
    let pass = try Pass(network)
    let below = try pass.trajectory(1)
    _ = try pass.trajectory(1, layer: 1)
    _ = pass.engine.backward(network.cotangent(lengths: Self.lengths) { _, _ in 1 })
    #expect(try pass.trajectory(1) == below)
    expectError(.unsupported, about: "trajectory") { _ = try pass.trajectory(1, layer: 1) }

    let engine = try RecurrentEngine(
      RecurrentConfiguration(cell: .gru(), inputSize: 3, hiddenSize: 5), seed: 1)
    var state = engine.zeroState(sequences: 1)
    engine.prepare(try SequenceLayout(lengths: [2]))
    try engine.input.set(to: [1, 2, 3, 4, 5, 6])
    _ = try engine.forward(&state, recording: false)
    #expect(
      try engine.network.trajectory(of: engine.tape, sequence: 0).inputs == [
        [1, 2, 3], [4, 5, 6],
      ])
    engine.prepare(try SequenceLayout(lengths: [5000]))
    expectError(.empty, about: "tape") {
      _ = try engine.network.trajectory(of: engine.tape, sequence: 0)
    }
  }

  @Test(
    "It reads what the body of a model read, even when the pass is gone",
    arguments: [0, 0.5] as [Float])
  func models(dropout: Float) throws {
    let inputs: [ModelConfiguration.Input] = [
      .tokens(vocabulary: 11, embedding: 5), .features(width: 3),
    ]
    for input in inputs {
      for window in [1, 3] {
        let fixture = TrainingFixture(
          configuration: ModelConfiguration(
            input: input, contextWindow: window,
            body: .recurrent(.lstm(peephole: true), directions: .concatenated), hiddenSize: 6,
            outputs: 4, dropout: dropout))
        let model = try SequenceModel(fixture.configuration, seed: 3)
        let network = try #require(model.network)
        let tape = try trained(model, on: fixture.batch(seed: 4), dropout: dropout > 0)
        let map = try StateMap(network, parameters: model.parameters)
        let trajectory = try network.trajectory(of: tape, sequence: 2)
        #expect(trajectory.stepCount == 4)
        #expect(trajectory.inputs[0].count == input.width * window)
        #expect(Set(trajectory.inputs).count == 4)
        for step in 0..<4 {
          let expected = try map.next(
            state: trajectory.states[step], input: trajectory.inputs[step])
          expectClose(trajectory.states[step + 1], expected, .float(of: expected), "s_t")
        }
      }
    }
  }

  /// The tape of a pass with BPTT, and nothing else of it.
  private func trained(
    _ model: SequenceModel, on batch: SequenceBatch, dropout: Bool
  ) throws -> RecurrentTape {
    let pass = model.makePass()
    var generator = dropout ? RandomGenerator(seed: 5) : nil
    _ = try model.addGradient(
      for: batch, initial: model.zeroState(sequences: batch.layout.sequenceCount), pass: pass,
      teacherForced: false, reduction: .mean, dropout: &generator,
      to: ParameterStore(layout: model.parameters.layout))
    return try #require(pass.tape)
  }

  @Test("A run of the map is a trajectory of its own")
  func run() throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: .gru(resetAfter: true), input: 3, hidden: 5), lengths: [4], seed: 73)
    let map = try mapCase.map()
    let inputs = mapCase.arguments.sequences[0]
    let trajectory = try map.run(from: mapCase.state, inputs: inputs)
    #expect(trajectory.inputs == inputs)
    expectClose(
      trajectory.states[4], mapCase.network.run(mapCase.arguments).finalHidden[0][0],
      Closeness(
        absolute: 1e-14, relative: 1e-12,
        reason: "four steps of the same sums in Double in another order"), "s_4")
    let jacobian = try map.linearized(state: trajectory.states[2], input: inputs[2]).jacobian
    #expect(try map.jacobian(along: trajectory, step: 2) == jacobian)
    expectError(.range, about: "step") { _ = try map.jacobian(along: trajectory, step: 4) }
    expectError(.shape, about: "state") { _ = try map.run(from: [1], inputs: []) }
  }

  @Test("What a tape does not hold cannot be read")
  func errors() throws {
    let oracle = OracleNetwork(
      cell: .lstm(peephole: false, coupled: false), input: 3, hidden: 5)
    let pass = try Pass(oracle)
    let network = pass.engine.network
    expectError(.empty, about: "tape") {
      _ = try network.trajectory(of: network.makeTape(), sequence: 0)
    }
    expectError(.range, about: "sequence") { _ = try pass.trajectory(4) }
    expectError(.range, about: "layer") { _ = try pass.trajectory(0, layer: 1) }
    expectError(.unsupported, about: "direction") { _ = try pass.trajectory(0, .reverse) }

    let masked = try EngineRun(oracle, recurrentDropout: 0.5)
    _ = try masked.forward(pass.arguments, dropoutSeed: 1)
    expectError(.unsupported, about: "trajectory") {
      _ = try masked.network.trajectory(of: masked.tape, sequence: 0)
    }

    let unrecorded = try RecurrentEngine(oracle.configuration, seed: 1)
    unrecorded.prepare(try SequenceLayout(lengths: [2]))
    var state = unrecorded.zeroState(sequences: 1)
    _ = try unrecorded.forward(&state, recording: false)
    expectError(.unsupported, about: "trajectory") {
      _ = try unrecorded.network.trajectory(of: unrecorded.tape, sequence: 0)
    }
  }
}
