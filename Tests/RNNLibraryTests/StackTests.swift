import CRNN
import RNNLibrary
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A stack behind the C functions")
struct StackTests {
  struct Case: Sendable, CustomStringConvertible {
    var cell: String
    var layers = 1
    var directions = Directions.forward
    /// Longest first.
    var lengths: [Int]

    var description: String { "\(cell) L\(layers) \(directions) \(lengths)" }
    var states: Int { layers * directions.count }
    var output: Int { cell == "jordan" ? 4 : 0 }

    /// How many sequences have each step; nil where all have all.
    var sizes: [Int64]? {
      let ragged = lengths.contains { $0 != lengths[0] }
      return ragged
        ? (0..<lengths[0]).map { step in Int64(lengths.count { $0 > step }) } : nil
    }

    func makeStack() throws -> StackCalls {
      let number = [
        Directions.forward: RNNCORE_FORWARD, .concatenated: RNNCORE_BIDIRECTIONAL,
        .summed: RNNCORE_BIDIRECTIONAL_SUM,
      ][directions]
      return try StackCalls(
        cell, layers: layers, directions: try #require(number), output: output)
    }

    func makeEngine() throws -> RecurrentEngine {
      let engine = try RecurrentEngine(
        RecurrentConfiguration(
          cell: CellKind(cell), inputSize: 5, hiddenSize: 13, layers: layers,
          directions: directions, outputSize: output == 0 ? nil : output), seed: 3)
      engine.prepare(try SequenceLayout(lengths: lengths))
      return engine
    }

    static let all = [
      Case(cell: "lstm", lengths: [7, 7, 7]),
      Case(cell: "lstm:peephole", layers: 2, directions: .concatenated, lengths: [9, 5, 2, 1]),
      Case(cell: "gru", layers: 2, directions: .summed, lengths: [8, 8, 3]),
      Case(cell: "elman:relu", layers: 2, lengths: [11]),
      Case(cell: "jordan", lengths: [6, 4, 4]), Case(cell: "lru", lengths: [6, 4, 4]),
      Case(cell: "min-gru", lengths: [5, 5]),
    ]
  }

  private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = RandomGenerator(seed: seed)
    return (0..<count).map { _ in generator.uniform(-1, 1) }
  }

  @Test("Forward and backward give the engine's bits", arguments: Case.all)
  func sameAsEngine(_ example: Case) throws {
    let (stack, engine) = (try example.makeStack(), try example.makeEngine())
    let sequences = example.lengths.count
    let rows = example.lengths.reduce(0, +)
    let x = Self.numbers(rows * 5, seed: 5)
    let dy = Self.numbers(rows * stack.outputSize, seed: 6)
    let h0 = Self.numbers(example.states * sequences * stack.stateSize, seed: 7)
    let c0 = Self.numbers(example.states * sequences * stack.cellSize, seed: 8)

    var state = engine.zeroState(sequences: sequences)
    let (width, cellWidth) = (sequences * stack.stateSize, sequences * stack.cellSize)
    for index in 0..<example.states {
      state.hidden[index] = Array(h0[index * width..<(index + 1) * width])
      state.cell[index] = Array(c0[index * cellWidth..<(index + 1) * cellWidth])
    }
    try engine.input.set(to: x)
    let expected = try engine.forward(&state).values()
    try engine.outputGradient.set(to: dy)
    engine.gradients.setToZero()
    var slopes = state
    slopes.hidden = state.hidden.map { $0.map { 0.5 * $0 } }
    slopes.cell = state.cell.map { $0.map { 0.25 * $0 } }
    try engine.backward(&slopes)

    try x.withUnsafeBufferPointer { x in
      let result = try stack.forward(
        try #require(x.baseAddress), steps: example.lengths[0], sizes: example.sizes,
        sequences: sequences, states: example.states, hidden: h0, cell: c0, recording: true)
      #expect(result.output == expected)
      #expect(result.hidden == state.hidden.flatMap { $0 })
      #expect(result.cell == state.cell.flatMap { $0 })
      var dx = [Float](repeating: .nan, count: x.count)
      var (dh0, dc0) = (h0, c0)
      let (dhn, dcn) = (result.hidden.map { 0.5 * $0 }, result.cell.map { 0.25 * $0 })
      try check(
        rnncore_backward(
          try #require(result.pass).handle, nil, dy, dhn, dcn, &dx, &dh0, &dc0, nil, 0))
      #expect(dx == engine.inputGradient.values())
      #expect(dh0 == slopes.hidden.flatMap { $0 })
      #expect(dc0 == slopes.cell.flatMap { $0 })
      let gradients = try engine.gradients.layout.slices.flatMap {
        try engine.gradients.values(of: $0.name)
      }
      #expect(try stack.own(gradients: true) == gradients)
    }
  }

  @Test("Passes outstanding at once, and their order, change nothing", arguments: Case.all)
  func severalPasses(_ example: Case) throws {
    let stack = try example.makeStack()
    let sequences = example.lengths.count
    let rows = example.lengths.reduce(0, +)
    let inputs = (0..<3).map { Self.numbers(rows * 5, seed: $0) }
    let dy = Self.numbers(rows * stack.outputSize, seed: 9)

    func gradients(of order: [Int], together: Bool) throws -> [[Float]] {
      var result = [[Float]](repeating: [], count: inputs.count)
      var passes: [Int: StackCalls.Pass] = [:]
      func go(_ index: Int) throws {
        passes[index] = try inputs[index].withUnsafeBufferPointer { x in
          try stack.forward(
            try #require(x.baseAddress), steps: example.lengths[0], sizes: example.sizes,
            sequences: sequences, states: example.states, recording: true
          ).pass
        }
      }
      func back(_ index: Int) throws {
        var dx = inputs[index]
        let found = passes.removeValue(forKey: index)
        let pass = try #require(found)
        try check(
          rnncore_backward(pass.handle, inputs[index], dy, nil, nil, &dx, nil, nil, nil, 1))
        result[index] = dx
      }
      if together { for index in inputs.indices { try go(index) } }
      for index in order {
        if !together { try go(index) }
        try back(index)
      }
      return result
    }
    let expected = try gradients(of: [0, 1, 2], together: false)
    #expect(try gradients(of: [1, 2, 0], together: true) == expected)
    // Records are used again.
    #expect(try gradients(of: [2, 0, 1], together: true) == expected)
  }

  @Test("A stream of single steps gives what the whole sequence gives", arguments: [0, 1, 2])
  func stream(_ threads: Int32) throws {
    let stack = try StackCalls("lstm", layers: 2)
    let (steps, sequences) = (6, 3)
    let x = Self.numbers(steps * sequences * 5, seed: 1)
    var options = rnncore_options()
    options.threads = threads
    try x.withUnsafeBufferPointer { x in
      let start = try #require(x.baseAddress)
      let whole = try stack.forward(
        start, steps: steps, sequences: sequences, states: 2, options: options)
      var output: [Float] = []
      var last: StackCalls.Result?
      for step in 0..<steps {
        let result = try stack.forward(
          start + step * sequences * 5, steps: 1, sequences: sequences, states: 2,
          hidden: last?.hidden, cell: last?.cell, options: options)
        output += result.output
        last = result
      }
      #expect(output.agreeAcrossShapes(whole.output))
      let end = try #require(last)
      #expect(end.hidden.agreeAcrossShapes(whole.hidden))
      #expect(end.cell.agreeAcrossShapes(whole.cell))
    }
  }

  @Test("Parameters that were bound are read where they are, and gradients are added where told")
  func bound() throws {
    let (own, foreign) = (try StackCalls("gru"), try StackCalls("gru", seed: nil))
    let values = try own.own()
    // A float off any alignment of vectors.
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: values.count + 1)
    let slopes = UnsafeMutablePointer<Float>.allocate(capacity: values.count + 1)
    defer {
      memory.deallocate()
      slopes.deallocate()
    }
    memory.initialize(repeating: 0, count: values.count + 1)
    slopes.initialize(repeating: 0, count: values.count + 1)
    (memory + 1).update(from: values, count: values.count)
    var (places, gradients): ([UnsafePointer<Float>?], [UnsafeMutablePointer<Float>?]) = ([], [])
    var offset = 1
    for place in 0..<own.parameterCount {
      let shape = try own.parameter(place)
      places.append(UnsafePointer(memory + offset))
      gradients.append(slopes + offset)
      offset += shape.rows * shape.columns
    }
    let x = Self.numbers(4 * 2 * 5, seed: 1)
    let dy = Self.numbers(4 * 2 * 13, seed: 2)
    func run(_ stack: StackCalls, _ gradients: [UnsafeMutablePointer<Float>?]?) throws
      -> StackCalls.Result
    {
      try x.withUnsafeBufferPointer { x in
        let result = try stack.forward(
          try #require(x.baseAddress), steps: 4, sequences: 2, states: 1, recording: true)
        try check(
          rnncore_backward(
            try #require(result.pass).handle, nil, dy, nil, nil, nil, nil, nil, gradients, 0))
        return result
      }
    }
    try check(rnncore_stack_bind(foreign.handle, places, true))
    do {
      let (one, other) = (try run(foreign, gradients), try run(own, nil))
      #expect(one == other)
    }
    func added() -> [Float] {
      Array(UnsafeBufferPointer(start: slopes + 1, count: values.count))
    }
    let expected = try own.own(gradients: true)
    #expect(added() == expected && expected.contains { $0 != 0 })
    // The next ones are added to them.
    do {
      let (one, other) = (try run(foreign, gradients), try run(own, nil))
      #expect(one == other)
    }
    #expect(try added() == own.own(gradients: true))
    #expect(added() != expected)
    // Without biases, those of the other stack are set to zero.
    (places[2], places[3]) = (nil, nil)
    try check(rnncore_stack_bind(foreign.handle, places, true))
    for place in [2, 3] {
      var values: UnsafeMutablePointer<Float>?
      try check(rnncore_stack_values(own.handle, Int64(place), &values, nil))
      try #require(values).update(repeating: 0, count: 39)
    }
    try check(rnncore_stack_changed(own.handle))
    (gradients[2], gradients[3]) = (nil, nil)
    do {
      let (one, other) = (try run(foreign, gradients), try run(own, nil))
      #expect(one == other)
    }
  }

  @Test("Dropout is drawn from its seed, and of everything leaves biases alone to speak")
  func dropout() throws {
    let stack = try StackCalls("lstm", layers: 2)
    let x = Self.numbers(5 * 3 * 5, seed: 1)
    func run(_ rate: Float, seed: UInt64) throws -> StackCalls.Result {
      var options = rnncore_options()
      (options.dropout, options.dropout_seed) = (rate, seed)
      return try x.withUnsafeBufferPointer {
        try stack.forward(
          try #require($0.baseAddress), steps: 5, sequences: 3, states: 2, options: options)
      }
    }
    do {
      let (one, other) = (try run(0, seed: 1), try run(0, seed: 2))
      #expect(one == other)
    }
    do {
      let (one, other) = (try run(0.5, seed: 1), try run(0.5, seed: 1))
      #expect(one == other)
    }
    do {
      let (one, other) = (try run(0.5, seed: 1), try run(0.5, seed: 2))
      #expect(one != other)
    }
    // The upper layer then sees no input, so that all sequences say the same.
    let nothing = try run(1, seed: 1).output
    #expect(!nothing.contains { !$0.isFinite })
    for sequence in 1..<3 {
      #expect(nothing[0..<13] == nothing[sequence * 13..<(sequence + 1) * 13])
    }
  }

  @Test("An optimiser moves the parameters along clipped gradients, which are zero then")
  func optimizer() throws {
    let stack = try StackCalls("gru")
    var optimizer: OpaquePointer?
    try check(
      rnncore_optimizer_create(
        stack.handle, "sgd", 0.5, -1, rnncore_clipping(RNNCORE_CLIP_NORM), 0.25, &optimizer))
    defer { rnncore_optimizer_destroy(optimizer) }
    let before = try stack.own()
    var gradient: UnsafeMutablePointer<Float>?
    try check(rnncore_stack_values(stack.handle, 1, nil, &gradient))
    (try #require(gradient))[0] = 3
    (try #require(gradient))[1] = -4
    var norm = 0.0
    try check(rnncore_optimizer_step(optimizer, &norm))
    #expect(norm == 5)
    var expected = before
    expected[39 * 5] -= 0.5 * 0.15
    expected[39 * 5 + 1] += 0.5 * 0.2
    let distance = try zip(stack.own(), expected).map { abs($0 - $1) }.max()
    #expect(distance.map { $0 < 1e-7 } == true)
    #expect(try stack.own(gradients: true).allSatisfy { $0 == 0 })
    // What is not finite moves nothing.
    let moved = try stack.own()
    (try #require(gradient))[0] = .nan
    #expect(rnncore_optimizer_step(optimizer, &norm) == RNNCORE_NON_FINITE)
    #expect(try stack.own() == moved)
  }

  @Test("A pass outlives its stack")
  func lifetime() throws {
    var pass: StackCalls.Pass?
    let x = Self.numbers(4 * 5, seed: 1)
    do {
      let stack = try StackCalls("elman")
      pass = try x.withUnsafeBufferPointer {
        try stack.forward(
          try #require($0.baseAddress), steps: 4, sequences: 1, states: 1, recording: true)
      }.pass
    }
    var dx = [Float](repeating: .nan, count: 20)
    let dy = Self.numbers(4 * 13, seed: 2)
    let handle = try #require(pass).handle
    try check(rnncore_backward(handle, x, dy, nil, nil, &dx, nil, nil, nil, 0))
    #expect(!dx.contains { !$0.isFinite })
    #expect(
      rnncore_backward(handle, x, dy, nil, nil, &dx, nil, nil, nil, 0) == RNNCORE_UNSUPPORTED)
  }
}
