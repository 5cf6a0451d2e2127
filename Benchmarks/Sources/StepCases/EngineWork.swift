import RNNCore

/// An engine with a batch of random numbers, and what one does with it.
final class EngineWork {
  private let engine: RecurrentEngine
  /// x [N, I] and dE/dY [N, D·H], as the layout packs them.
  private let input: [Float]
  private let outputGradient: [Float]
  private var state: RecurrentState

  init(
    _ configuration: RecurrentConfiguration, lengths: [Int], team: ThreadTeam = .shared
  ) throws {
    engine = try RecurrentEngine(configuration, seed: 1, team: team)
    let layout = try SequenceLayout(lengths: lengths)
    engine.prepare(layout)
    state = engine.zeroState(sequences: lengths.count)

    var generator = RandomGenerator(seed: 2)
    input = generator.values(engine.input.rows * engine.input.columns)
    outputGradient = generator.values(engine.outputGradient.rows * engine.outputGradient.columns)
    try engine.input.set(to: input)
    try engine.outputGradient.set(to: outputGradient)
  }

  /// Weights that have changed, a forward pass from the zero state, and BPTT.
  func train() throws {
    try recordedPass()
    try backwardPass()
  }

  /// A forward pass from the zero state that BPTT can follow, with weights that have changed.
  func recordedPass() throws {
    engine.parameters.withUnsafeMutableValues { _ in }
    state.setToZero()
    _ = try engine.forward(&state)
  }

  /// BPTT after a recorded pass.
  func backwardPass() throws {
    try engine.outputGradient.set(to: outputGradient)
    engine.gradients.setToZero()
    try engine.backward()
  }

  /// A forward pass from the zero state.
  func infer() throws {
    state.setToZero()
    _ = try engine.forward(&state, recording: false)
  }

  /// A new input, and a forward pass from the state that the last one left.
  func advance() throws {
    try engine.input.set(to: input)
    _ = try engine.forward(&state, recording: false)
  }
}

extension RandomGenerator {
  /// Uniform in ±1.
  mutating func values(_ count: Int) -> [Float] {
    var values: [Float] = []
    for _ in 0..<count { values.append(uniform(-1, 1)) }
    return values
  }
}
