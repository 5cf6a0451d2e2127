import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("The engine as a backend")
struct RecurrentEngineTests {
  struct Case: Sendable, CustomStringConvertible {
    var cell: String
    var layers = 1
    var directions = Directions.forward
    var lengths: [Int]

    var description: String { "\(cell) L\(layers) \(directions) \(lengths.prefix(3))" }

    static let all = [
      Case(cell: "lstm", lengths: [7, 7, 7]),
      Case(cell: "lstm:peephole", layers: 2, directions: .concatenated, lengths: [9, 2, 5, 1]),
      Case(cell: "lstm:coupled", layers: 3, lengths: [4, 6]),
      Case(cell: "gru", layers: 2, directions: .summed, lengths: [3, 8, 8]),
      Case(cell: "gru:reset-before", lengths: [1, 5, 2]),
      Case(cell: "elman:relu", layers: 2, lengths: [11]),
      Case(cell: "jordan", lengths: [6, 4, 4]), Case(cell: "elman-jordan", lengths: [6, 4, 4]),
    ]

    func makeEngine(
      hidden: Int = 13, threads: Int = 2, products: ProductBackend = .standard
    ) throws -> RecurrentEngine {
      let kind = try CellKind(cell)
      let isJordan = cell.contains("jordan")
      return try RecurrentEngine(
        RecurrentConfiguration(
          cell: kind, inputSize: 5, hiddenSize: hidden, layers: layers, directions: directions,
          outputSize: isJordan ? 4 : nil),
        seed: 3, team: ThreadTeam(count: threads, cores: threads, products: products))
    }
  }

  private static func fill(_ rows: PackedRows, seed: UInt64) throws {
    var generator = RandomGenerator(seed: seed)
    try rows.set(to: (0..<rows.rows * rows.columns).map { _ in generator.uniform(-1, 1) })
  }

  @Test(
    "A pass without a record gives the same bits as a recorded one", arguments: Case.all,
    [false, true])
  func inference(_ example: Case, shortStretches: Bool) throws {
    let engine = try example.makeEngine()
    if shortStretches { engine.tape.shortenStretches() }
    engine.prepare(try SequenceLayout(lengths: example.lengths))
    try Self.fill(engine.input, seed: 5)
    var (recorded, plain) = (
      engine.zeroState(sequences: example.lengths.count),
      engine.zeroState(sequences: example.lengths.count)
    )
    let expected = try engine.forward(&recorded).values()
    #expect(try engine.forward(&plain, recording: false).values() == expected)
    #expect(plain == recorded)
    #expect(throws: RNNError.self) { try engine.backward() }
    #expect(throws: RNNError.self) {
      _ = try engine.network.gateValues(.forget, of: engine.tape)
    }
  }

  @Test("A stream of single steps gives what one pass over all gives", arguments: Case.all)
  func streaming(_ example: Case) throws {
    guard example.directions == .forward else { return }
    let engine = try example.makeEngine()
    let (steps, sequences) = (example.lengths.max() ?? 1, example.lengths.count)
    engine.prepare(try SequenceLayout(lengths: Array(repeating: steps, count: sequences)))
    try Self.fill(engine.input, seed: 6)
    let inputs = engine.input.values()
    var whole = engine.zeroState(sequences: sequences)
    let expected = try engine.forward(&whole, recording: false).values()

    engine.prepare(try SequenceLayout(lengths: Array(repeating: 1, count: sequences)))
    var (carried, streamed) = (engine.zeroState(sequences: sequences), [Float]())
    for step in 0..<steps {
      let width = sequences * 5
      try engine.input.set(to: Array(inputs[step * width..<(step + 1) * width]))
      streamed += try engine.forward(&carried, recording: false).values()
    }
    #expect(streamed.agreeAcrossShapes(expected))
    #expect(carried.hidden.flatMap(\.self).agreeAcrossShapes(whole.hidden.flatMap(\.self)))
    #expect(carried.cell.flatMap(\.self).agreeAcrossShapes(whole.cell.flatMap(\.self)))
    #expect(carried.context == whole.context)
    #expect(carried.sequenceCount == whole.sequenceCount)
  }

  @Test(
    "Outputs and gradients have the same bits for any number of threads", arguments: Case.all,
    ProductBackend.allCases)
  func threads(_ example: Case, products: ProductBackend) throws {
    var expected: [[Float]] = []
    for threads in 1...4 {
      // 140 units: more than a panel for each thread where they divide the units of a single
      // sequence.
      let engine = try example.makeEngine(
        hidden: 140, threads: threads, products: products)
      engine.prepare(try SequenceLayout(lengths: example.lengths))
      try Self.fill(engine.input, seed: 7)
      var state = engine.zeroState(sequences: example.lengths.count)
      let output = try engine.forward(&state).values()
      try Self.fill(engine.outputGradient, seed: 8)
      try engine.backward()
      var found = [output, engine.inputGradient.values()]
      for slice in engine.gradients.layout.slices {
        found.append(try engine.gradients.values(of: slice.name))
      }
      if expected.isEmpty { expected = found }
      #expect(found == expected, "\(threads) threads")
    }
  }

  @Test("New weights are used in the next pass", arguments: Case.all)
  func repacking(_ example: Case) throws {
    let (engine, fresh) = (try example.makeEngine(), try example.makeEngine())
    let layout = try SequenceLayout(lengths: example.lengths)
    let zero = engine.zeroState(sequences: example.lengths.count)
    func run(_ engine: RecurrentEngine) throws -> [Float] {
      engine.prepare(layout)
      try Self.fill(engine.input, seed: 9)
      var state = zero
      let output = try engine.forward(&state).values()
      try Self.fill(engine.outputGradient, seed: 10)
      engine.gradients.setToZero()
      try engine.backward()
      return output + engine.inputGradient.values()
    }
    let before = try run(engine)
    for slice in engine.parameters.layout.slices {
      let values = try engine.parameters.values(of: slice.name).map { 0.5 * $0 + 0.01 }
      try engine.parameters.set(slice.name, to: values)
      try fresh.parameters.set(slice.name, to: values)
    }
    let after = try run(engine)
    #expect(after != before)
    #expect(after == (try run(fresh)))
  }

  @Test("The memory formula holds within ten per cent", arguments: Case.all, [true, false])
  func memory(_ example: Case, recording: Bool) throws {
    // Long enough for tokens to matter beside the weights; then a step of many sequences, as in a
    // stream.
    try checkMemory(example, lengths: example.lengths.map { 40 * $0 }, recording: recording)
    try checkMemory(example, lengths: Array(repeating: 1, count: 700), recording: recording)
  }

  private func checkMemory(_ example: Case, lengths: [Int], recording: Bool) throws {
    let layout = try SequenceLayout(lengths: lengths)
    let counted = try EngineMemory.counting { () throws -> Int in
      let engine = try example.makeEngine(hidden: 64)
      engine.prepare(layout)
      try Self.fill(engine.input, seed: 11)
      var state = engine.zeroState(sequences: lengths.count)
      _ = try engine.forward(&state, recording: recording)
      if recording { try engine.backward() }
      return engine.memoryNeeded(for: layout, recording: recording)
    }
    let ratio = Double(counted.result) / Double(counted.bytes)
    #expect((0.9...1.1).contains(ratio), "\(counted.result) predicted, \(counted.bytes) allocated")
  }

  @Test("What cannot be run is an error")
  func errors() throws {
    let engine = try Case.all[0].makeEngine()
    var state = engine.zeroState(sequences: 2)
    #expect(throws: RNNError.self) { _ = try engine.forward(&state) }
    engine.prepare(try SequenceLayout(lengths: [3, 3, 3]))
    #expect(throws: RNNError.self) { _ = try engine.forward(&state) }
    #expect(throws: RNNError.self) { try engine.backward() }
    #expect(throws: RNNError.self) { try engine.input.set(to: [1, 2]) }
    var configuration = RecurrentConfiguration(cell: .gru(), inputSize: 2, hiddenSize: 3, layers: 2)
    configuration.interLayerDropout = 0.5
    #expect(throws: RNNError.self) { _ = try RecurrentEngine(configuration, seed: 1) }
    configuration = RecurrentConfiguration(
      cell: .jordan(.tanh, teacherForcing: true), inputSize: 2, hiddenSize: 3, outputSize: 4)
    expectError(.unsupported, about: "teacher") { _ = try RecurrentEngine(configuration, seed: 1) }
  }

  @Test("A batch prepared between the passes takes the record away")
  func preparedBetween() throws {
    let engine = try Case.all[0].makeEngine()
    engine.prepare(try SequenceLayout(lengths: [3, 2, 3, 1]))
    var state = engine.zeroState(sequences: 4)
    _ = try engine.forward(&state)
    engine.prepare(try SequenceLayout(lengths: [2]))
    expectError(.unsupported, about: "backward") { try engine.backward() }
    // The state of one sequence has no room for four.
    var small = engine.zeroState(sequences: 1)
    expectError(.empty, about: "tape") {
      try engine.network.copyFinalState(from: engine.tape, into: &small)
    }
    var one = engine.zeroState(sequences: 1)
    _ = try engine.forward(&one)
    expectError(.shape, about: "state") {
      try engine.network.copyFinalState(from: engine.tape, into: &state)
    }
  }

  @Test("A row of a view is read and written by its index")
  func rows() throws {
    let engine = try RecurrentEngine(
      RecurrentConfiguration(cell: .gru(), inputSize: 3, hiddenSize: 4), seed: 1)
    engine.prepare(try SequenceLayout(lengths: [2]))
    try engine.input.set(to: [1, 2, 3, 4, 5, 6])
    #expect(engine.input[1] == [4, 5, 6])
    engine.input[0] = [7, 8, 9]
    #expect(engine.input.values() == [7, 8, 9, 4, 5, 6])
  }

  @Test("A view of memory that was given to a larger batch stops the program")
  func staleView() async {
    await #expect(processExitsWith: .failure) {
      let engine = try RecurrentEngine(
        RecurrentConfiguration(cell: .gru(), inputSize: 3, hiddenSize: 4), seed: 1)
      engine.prepare(try SequenceLayout(lengths: [2]))
      let view = engine.input
      engine.prepare(try SequenceLayout(lengths: [20_000]))
      view[0] = [1, 2, 3]
    }
  }
}
