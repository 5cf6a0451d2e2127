import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("States and gates of every step can be read from the tape")
struct StepViewTests {
  private static let lengths = [2, 5, 1, 3]
  private static let cases = OracleCase.all.filter {
    $0.directions == .bidirectionalConcat && $0.layers == 1
  }

  /// A finished forward pass.
  private struct Pass {
    let engine: EngineRun
    let arguments: OracleArguments<Double>
    let result: OracleResult<Double>

    init(_ network: OracleNetwork) throws {
      var generator = OracleGenerator(seed: 41)
      arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.7) }
      engine = try EngineRun(network, threads: 2)
      result = try engine.forward(arguments)
    }

    func gate(_ gate: Gate, _ direction: Direction) throws -> StepView {
      try engine.network.gateValues(gate, of: engine.tape, direction: direction)
    }

    func hidden(_ direction: Direction) throws -> StepView {
      try engine.network.hiddenStates(of: engine.tape, direction: direction)
    }

    /// Calls `body` with every sequence and step, and the step that `direction` read before it.
    func forEachStep(
      _ direction: Direction, _ body: (_ sequence: Int, _ step: Int, _ before: Int?) throws -> Void
    ) rethrows {
      for (sequence, length) in lengths.enumerated() {
        for step in 0..<length {
          let before = direction == .forward ? step - 1 : step + 1
          try body(sequence, step, (0..<length).contains(before) ? before : nil)
        }
      }
    }

    /// h_{t-1} (or c_{t-1}) as `direction` read it.
    func previous(
      _ view: StepView, _ initial: [[[Double]]], _ direction: Direction, _ sequence: Int,
      _ before: Int?
    ) -> [Double] {
      before.map { view[sequence: sequence, step: $0].map { Double($0) } }
        ?? initial[direction.rawValue][sequence]
    }
  }

  private static func expect(_ actual: some Sequence<Float>, _ expected: [Double], _ name: String) {
    expectClose(actual.map { Double($0) }, expected, .float(of: expected), name)
  }

  @Test(
    "Hidden states are the outputs, a Jordan cell's what it feeds back",
    arguments: cases.filter { $0.cell != .lru })
  func hiddenStates(_ oracleCase: OracleCase) throws {
    let network = oracleCase.network
    let pass = try Pass(network)
    let expected = network.run(pass.arguments)
    let width = network.stateWidth
    for direction in Direction.allCases {
      let view = try pass.hidden(direction)
      let layer = network.cell.isHybrid ? try pass.gate(.hidden, direction) : nil
      #expect(view.width == width)
      pass.forEachStep(direction) { sequence, step, _ in
        let outputs = network.directionWidth
        let first = direction.rawValue * outputs
        var output = Array(expected.outputs[sequence][step][first..<first + outputs])
        if case .jordan(_, let feedback, _) = network.cell { output = feedback(output) }
        let values = view[sequence: sequence, step: step]
        Self.expect(values.suffix(outputs), output, "h")
        // Before it a hybrid shows its hidden layer.
        #expect(values.dropLast(outputs) == (layer?[sequence: sequence, step: step] ?? [])[...])
      }
    }
  }

  @Test(
    "Cell states are those of the sequence cut off there", arguments: cases.filter(\.cell.isLSTM))
  func cellStates(_ oracleCase: OracleCase) throws {
    let network = oracleCase.network
    let pass = try Pass(network)
    for direction in Direction.allCases {
      let view = try pass.engine.network.cellStates(of: pass.engine.tape, direction: direction)
      pass.forEachStep(direction) { sequence, step, _ in
        var cut = pass.arguments
        cut.sequences = pass.arguments.sequences.map { steps in
          guard step < steps.count else { return steps }
          return Array(direction == .forward ? steps[0...step] : steps[step...])
        }
        Self.expect(
          view[sequence: sequence, step: step],
          network.run(cut).finalCell[direction.rawValue][sequence], "c")
      }
    }
  }

  @Test("The gates of an LSTM make its states", arguments: cases.filter(\.cell.isLSTM))
  func lstmGates(_ oracleCase: OracleCase) throws {
    let pass = try Pass(oracleCase.network)
    for direction in Direction.allCases {
      let (i, g) = (try pass.gate(.input, direction), try pass.gate(.candidate, direction))
      let o = try pass.gate(.output, direction)
      let f = try? pass.gate(.forget, direction)
      var isLinear = false
      if case .lstm(_, let coupled, _, let linearOutput) = oracleCase.cell {
        #expect((f == nil) == coupled)
        isLinear = linearOutput
      }
      let h = try pass.hidden(direction)
      let c = try pass.engine.network.cellStates(of: pass.engine.tape, direction: direction)
      pass.forEachStep(direction) { sequence, step, before in
        let old = pass.previous(c, pass.arguments.initialCell, direction, sequence, before)
        let values = { (view: StepView) in view[sequence: sequence, step: step].map { Double($0) } }
        let (input, new) = (values(i), values(c))
        let kept = f.map(values) ?? input.map { 1 - $0 }
        let (candidate, shown) = (values(g), values(o))
        Self.expect(
          c[sequence: sequence, step: step],
          old.indices.map { kept[$0] * old[$0] + input[$0] * candidate[$0] }, "c")
        Self.expect(
          h[sequence: sequence, step: step],
          new.indices.map { shown[$0] * (isLinear ? new[$0] : tanh(new[$0])) }, "h")
      }
    }
  }

  @Test("The gates of a GRU make its states", arguments: [true, false])
  func gruGates(resetAfter: Bool) throws {
    let network = OracleNetwork(
      cell: .gru(resetAfter: resetAfter), directions: .bidirectionalSum, input: 3, hidden: 5)
    let pass = try Pass(network)
    for direction in Direction.allCases {
      let (n, z) = (try pass.gate(.candidate, direction), try pass.gate(.update, direction))
      let (r, h) = (try pass.gate(.reset, direction), try pass.hidden(direction))
      let suffix = OracleNetwork.parameterSuffix(layer: 0, direction: direction.rawValue)
      func parameter(_ stem: String) -> [Double] { pass.arguments.parameters[stem + suffix] ?? [] }
      let (w, u) = (parameter("weight_ih"), parameter("weight_hh"))
      let (b, d) = (parameter("bias_ih"), parameter("bias_hh"))
      pass.forEachStep(direction) { sequence, step, before in
        let old = pass.previous(h, pass.arguments.initialHidden, direction, sequence, before)
        let x = pass.arguments.sequences[sequence][step]
        let (new, keep) = (n[sequence: sequence, step: step], z[sequence: sequence, step: step])
        let next = old.indices.map { unit -> Double in
          let kept = Double(keep[unit])
          return (1 - kept) * Double(new[unit]) + kept * old[unit]
        }
        Self.expect(h[sequence: sequence, step: step], next, "h")
        let reset = (0..<5).map { unit -> Double in
          let fromInput = x.indices.reduce(b[unit]) { $0 + w[unit * 3 + $1] * x[$1] }
          let both = old.indices.reduce(fromInput) { $0 + u[unit * 5 + $1] * old[$1] }
          return (both + d[unit]).sigmoid()
        }
        Self.expect(r[sequence: sequence, step: step], reset, "r")
      }
    }
  }

  @Test("A Jordan network's hidden layer makes its outputs")
  func jordanHidden() throws {
    let network = OracleNetwork(
      cell: .jordan(.tanh, feedback: .softmax), input: 3, hidden: 5, output: 7)
    let pass = try Pass(network)
    let view = try pass.gate(.hidden, .forward)
    let v = pass.arguments.parameters["weight_ho_l0"] ?? []
    let c = pass.arguments.parameters["bias_ho_l0"] ?? []
    pass.forEachStep(.forward) { sequence, step, _ in
      let h = view[sequence: sequence, step: step]
      let z = c.indices.map { row -> Double in
        h.indices.reduce(c[row]) { $0 + v[row * 5 + $1] * Double(h[$1]) }
      }
      Self.expect(pass.result.outputs[sequence][step].map { Float($0) }, z, "z")
    }
  }

  @Test("What a tape does not hold cannot be read")
  func errors() throws {
    func kind(_ body: () throws -> StepView) -> RNNError.Kind? {
      let error = #expect(throws: RNNError.self) { _ = try body() }
      return error?.kind
    }
    let oracle = OracleNetwork(cell: .gru(resetAfter: true), input: 3, hidden: 5)
    let pass = try Pass(oracle)
    let (network, tape) = (pass.engine.network, pass.engine.tape)
    #expect(kind { try network.hiddenStates(of: network.makeTape()) } == .empty)
    #expect(kind { try network.cellStates(of: tape) } == .unsupported)
    #expect(kind { try network.hiddenStates(of: tape, layer: 1) } == .range)
    #expect(kind { try network.hiddenStates(of: tape, layer: -1) } == .range)
    #expect(kind { try network.hiddenStates(of: tape, direction: .reverse) } == .unsupported)
    #expect(kind { try network.gateValues(.forget, of: tape) } == .unsupported)

    let before = try pass.hidden(.forward)[sequence: 1, step: 4]
    _ = pass.engine.backward(oracle.cotangent(lengths: Self.lengths) { _, _ in 1 })
    #expect(kind { try network.gateValues(.update, of: tape) } == .unsupported)
    #expect(try pass.hidden(.forward)[sequence: 1, step: 4] == before)
  }
}
