import RNNCore

/// A sequence that the engine was run on, with the words that go with it.
package struct WorkedExample {
  package let name: String
  package let title: String
  /// What the network is and what to look for.
  let introduction: [String]
  let trace: CellTrace
  /// What happens, step by step.
  package var sentences: [String] = []
  /// What follows from it.
  var conclusion: String?
}

extension WorkedExample {
  /// Two linear units with all weights 1: [1,1], [1,1], [2,2] give [4,4], [12,12], [32,32].
  package static func linearNetwork(team: ThreadTeam) throws -> WorkedExample {
    let inputs = [[1.0, 1], [1, 1], [2, 2]]
    let trace = try linearTrace(inputs, team: team)
    let turned = try linearTrace(inputs.reversed(), team: team)
    var example = WorkedExample(
      name: "rnn", title: "A network that remembers: two linear units, all weights 1",
      introduction: [
        "Each unit adds both inputs and both states of the step before: a_h = x1 + x2 + h1 + h2, h "
          + "= a_h. Each output adds both states: y = h1 + h2. There is no bias, and the states "
          + "begin as 0."
      ], trace: trace)
    let (states, outputs) = (trace["h"] ?? [], trace["y"] ?? [])
    for (step, input) in inputs.enumerated() {
      let old = step > 0 ? states[step - 1] : [0, 0]
      let added = (input + old).map(exact).joined(separator: " + ")
      example.sentences.append(
        "Step \(step + 1): each unit adds \(added) = \(exact(states[step][0])); each output is "
          + "\(states[step].map(exact).joined(separator: " + ")) = \(exact(outputs[step][0])).")
    }
    let other = (turned["y"] ?? []).map { exact($0[0]) }.joined(separator: ", ")
    example.conclusion =
      "The same input [1, 1] gives \(exact(outputs[0][0])) at step 1 and \(exact(outputs[1][0])) "
      + "at step 2, because the states differ. In the other order, [2, 2] first, the outputs are "
      + "\(other): the order counts."
    return example
  }

  private static func linearTrace(_ inputs: [[Double]], team: ThreadTeam) throws -> CellTrace {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 2), body: .recurrent(.elman(.identity)), hiddenSize: 2, outputs: 2,
        loss: .meanSquaredError),
      seed: 1, team: team)
    for slice in model.parameters.layout.slices {
      let value: Float = slice.name.contains("bias") ? 0 : 1
      try model.parameters.set(
        slice.name, to: Array(repeating: value, count: slice.count))
    }
    let batch = try SequenceBatch(inputs: [.features(inputs.joined().map { Float($0) }, width: 2)])
    var state = model.zeroState(sequences: 1)
    let pass = model.makePass()
    let flat = try model.outputs(for: batch, state: &state, pass: pass, recording: true)[0]
    guard let network = model.network, let tape = pass.tape else {
      preconditionFailure("a recurrent model has a network and a tape")
    }
    let outputs = inputs.indices.map { step in (0..<2).map { Double(flat[2 * step + $0]) } }
    return try CellTrace(
      network, tape: tape, parameters: model.parameters, inputs: inputs, outputs: outputs)
  }

  /// The inputs of the LSTM example, a row a step: x1 is the number, x2 = 1 writes it, x2 = −1
  /// clears the cell, x3 = 1 reads it.
  package static let gateInputs: [[Double]] = [
    [3, 1, 0], [4, 1, 0], [2, 0, 0], [1, 0, 1], [3, -1, 0],
  ]

  /// One LSTM unit whose gates are opened and closed by its inputs.
  package static func gates(_ inputs: [[Double]] = gateInputs, team: ThreadTeam) throws
    -> WorkedExample
  {
    let engine = try RecurrentEngine(
      RecurrentConfiguration(
        cell: .lstm(linear: [.input, .output]), inputSize: 3, hiddenSize: 1),
      seed: 1, team: team)
    // Rows i, f, g, o; columns x1, x2, x3.
    try engine.parameters.set(
      "weight_ih_l0", to: [0, 100, 0, 0, 100, 0, 1, 0, 0, 0, 0, 100])
    try engine.parameters.set("weight_hh_l0", to: [0, 0, 0, 0])
    try engine.parameters.set("bias_ih_l0", to: [-10, 10, 0, -10])
    try engine.parameters.set("bias_hh_l0", to: [0, 0, 0, 0])
    var example = WorkedExample(
      name: "lstm", title: "A memory with three gates: one LSTM unit",
      introduction: [
        "a_i = 100 x2 − 10, a_f = 100 x2 + 10, a_g = x1, a_o = 100 x3 − 10; i, f and o are the "
          + "logistic function of theirs, g = a_g, c = f c' + i g with the old c', h = o c. Input "
          + "and output are linear (lstm:linear-input+linear-output), and the state h is not fed "
          + "back.",
        "So x2 = 1 writes x1 to the cell, x2 = −1 clears the cell, and x3 = 1 shows it.",
      ], trace: try trace(engine, inputs: inputs))
    example.sentences = inputs.indices.map { gateSentence($0, example.trace) }
    example.conclusion =
      "A gate that is shut is σ(−10) = 0.0000454 and not quite 0, one that is open σ(10) = "
      + "0.9999546: the cell loses and gains a little at every step."
    return example
  }

  private static func gateSentence(_ step: Int, _ trace: CellTrace) -> String {
    func value(_ symbol: String, _ step: Int) -> Double {
      step < 0 ? 0 : trace[symbol]?[step][0] ?? .nan
    }
    func word(_ symbol: String) -> String {
      let gate = value(symbol, step)
      return gate > 0.9 ? "open" : gate < 0.1 ? "shut" : "half open"
    }
    let (written, old) = (rounded(value("g", step)), rounded(value("c", step - 1)))
    let input = word("i") == "open" ? "\(written) is written" : "\(written) stays outside"
    let forget = word("f") == "shut" ? "the old \(old) is cleared" : "the old \(old) stays"
    let output = word("o") == "open" ? "it is shown" : "nothing is shown"
    return
      "Step \(step + 1): the input gate is \(word("i")), \(input); the forget gate is "
      + "\(word("f")), \(forget); the cell holds \(rounded(value("c", step))). The output gate is "
      + "\(word("o")), \(output): h = \(rounded(value("h", step)))."
  }

  /// Any cell with seeded weights on given inputs.
  package static func cell(
    _ cell: CellKind, hidden: Int, inputs: [[Double]], seed: UInt64, team: ThreadTeam
  ) throws -> WorkedExample {
    let levers = [MemoryCheck<Int>.Lever("--hidden", \.self)]
    try MemoryCheck(levers) { hidden in
      try memoryNeeded(shape(cell, hidden: hidden, inputs: inputs), steps: inputs.count)
    }.check(hidden)
    let configuration = shape(cell, hidden: hidden, inputs: inputs)
    let engine = try RecurrentEngine(configuration, seed: seed, team: team)
    return WorkedExample(
      name: cell.description, title: "\(cell), H \(hidden), on \(inputs.count) steps",
      introduction: [
        "Weights drawn with seed \(seed). Symbols: \(cell.equations)\(sums(of: cell))."
      ], trace: try trace(engine, inputs: inputs))
  }

  private static func shape(
    _ cell: CellKind, hidden: Int, inputs: [[Double]]
  ) -> RecurrentConfiguration {
    RecurrentConfiguration(
      cell: cell, inputSize: inputs[0].count, hiddenSize: hidden,
      outputSize: cell.givesOutputs ? hidden : nil)
  }

  /// What an engine of that shape takes, and what is told of its steps.
  private static func memoryNeeded(
    _ configuration: RecurrentConfiguration, steps: Int
  ) throws -> MemoryNeed {
    var layout = ParameterLayout()
    let network = try RecurrentNetwork(configuration, declaringIn: &layout)
    var need = layout.modelMemory + layout.packedMemory(recording: true)
    need.add("gradients", floats: layout.floats)
    let floats = network.floats(
      BatchExtent(sequences: 1, steps: steps), recording: true, inputGradient: true)
    // As numbers of double precision and as texts, on the terminal and in each kind of file.
    need.add("steps", floats: floats * 40)
    return need
  }

  /// Says what goes into gates, after the equations; nothing where there are none.
  static func sums(of cell: CellKind) -> String {
    guard cell.hasRecurrentProduct || !cell.gates.isEmpty else { return "" }
    return "; a_ is what goes into a gate, a sum of inputs"
      + (cell.hasRecurrentProduct ? " and the states before" : "")
  }

  private static func trace(_ engine: RecurrentEngine, inputs: [[Double]]) throws -> CellTrace {
    engine.prepare(try SequenceLayout(lengths: [inputs.count]))
    try engine.input.set(to: inputs.joined().map { Float($0) })
    var state = engine.zeroState(sequences: 1)
    _ = try engine.forward(&state)
    return try CellTrace(
      engine.network, tape: engine.tape, parameters: engine.parameters, inputs: inputs)
  }

  private static func exact(_ value: Double) -> String { CellTrace.text(of: value) }

  private static func rounded(_ value: Double) -> String {
    CellTrace.text(of: (100 * value).rounded() / 100)
  }
}
