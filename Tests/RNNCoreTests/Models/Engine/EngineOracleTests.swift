import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("The engine agrees with the oracle")
struct EngineOracleTests {
  /// Elements of weights and data; large enough that every gate leaves its linear range.
  private static let scale = 0.7

  private func check(
    _ network: OracleNetwork, lengths: [Int], threads: Int, grid: UnrollGrid? = nil,
    seed: UInt64 = 11,
    scale: Double = Self.scale, shortStretches: Bool = false
  ) throws {
    var generator = OracleGenerator(seed: seed)
    let arguments = network.arguments(lengths: lengths) { _, _ in
      generator.value(scale: scale)
    }
    let cotangent = network.cotangent(lengths: lengths) { _, _ in generator.value() }
    let engine = try EngineRun(network, threads: threads, grid: grid)
    if shortStretches { engine.tape.shortenStretches() }
    let longest = (lengths.max() ?? 0) + 1
    try engine.poison(lengths: [longest, 2] + lengths)
    expectFloatClose(try engine.forward(arguments), network.run(arguments))
    expectFloatClose(
      engine.backward(cotangent), network.gradient(at: arguments, cotangent: cotangent).gradient)
  }

  @Test("One thread gives the outputs, final states and gradients", arguments: OracleCase.all)
  func oneThread(_ oracleCase: OracleCase) throws {
    try check(oracleCase.network, lengths: [4, 1, 3, 4, 2], threads: 1)
  }

  @Test("Two threads give the outputs, final states and gradients", arguments: OracleCase.all)
  func twoThreads(_ oracleCase: OracleCase) throws {
    try check(oracleCase.network, lengths: [2, 5, 1], threads: 2, seed: 12)
  }

  @Test("Stretches of few steps change nothing", arguments: OracleCase.all, [1, 2])
  func stretches(_ oracleCase: OracleCase, threads: Int) throws {
    try check(
      oracleCase.network, lengths: [5, 1, 7, 3], threads: threads, seed: 13, shortStretches: true)
  }

  @Test(
    "Threads that divide the hidden units of one sequence change nothing",
    arguments: [
      OracleCell.elman(.tanh), .lstm(peephole: true, coupled: false), .gru(resetAfter: true),
      .gru(resetAfter: false),
    ], [2, 3])
  func dividedUnits(_ cell: OracleCell, threads: Int) throws {
    // Two panels of hidden units and a part of one, so that two or three threads find some.
    let hidden = 8 * kernels.lanes + 3
    let network = OracleNetwork(
      cell: cell, layers: 1, directions: .forward, input: 3, hidden: hidden, output: 0)
    // With weights as large as elsewhere so wide a network is chaotic, and rounding errors grow.
    try check(
      network, lengths: [5], threads: threads, grid: UnrollGrid(rows: 1, units: threads), seed: 14,
      scale: 0.1, shortStretches: true)
  }

  /// A batch whose shape leaves some loop with a single turn, or none.
  struct Shape: Sendable, CustomTestStringConvertible {
    var lengths: [Int]
    var input = 3
    var hidden = 5
    var output = 7
    let testDescription: String

    init(_ description: String, _ lengths: [Int]) {
      testDescription = description
      self.lengths = lengths
    }

    func with(_ change: (inout Shape) -> Void) -> Shape {
      var copy = self
      change(&copy)
      return copy
    }

    static let all = [
      Shape("one step", [1, 1, 1]),
      Shape("one sequence", [6]),
      Shape("one sequence of one step", [1]),
      Shape("equal lengths", [4, 4, 4]),
      Shape("one hidden unit", [3, 1, 2]).with { $0.hidden = 1 },
      Shape("one of everything", [1]).with { ($0.input, $0.hidden, $0.output) = (1, 1, 1) },
      Shape("17 hidden units, one input", [3, 5, 1]).with { ($0.hidden, $0.input) = (17, 1) },
      Shape("many ties", (0..<33).map { 1 + $0 * 7 % 5 }),
    ]
  }

  static let everyCell = OracleCase.all.filter { $0.layers == 2 && $0.directions != .forward }

  @Test("Hostile shapes change nothing", arguments: Shape.all, [1, 2])
  func shapes(_ shape: Shape, threads: Int) throws {
    let cells: [OracleCell] = [
      .elman(.relu), .jordan(.tanh, feedback: .softmax),
      .jordan(.sigmoid, feedback: .tanh, hybrid: true), .lstm(peephole: true, coupled: false),
      .lstm(peephole: false, coupled: true), .gru(resetAfter: true), .gru(resetAfter: false),
    ]
    for (index, cell) in cells.enumerated() {
      let network = OracleNetwork(
        cell: cell, layers: 2, directions: OracleDirections.allCases[index % 3],
        input: shape.input, hidden: shape.hidden, output: cell.isJordan ? shape.output : 0)
      try check(network, lengths: shape.lengths, threads: threads)
    }
  }

  @Test("The ends are the outputs after the last step each direction reads", arguments: everyCell)
  func ends(_ oracleCase: OracleCase) throws {
    let network = oracleCase.network
    let lengths = [2, 4, 1, 4]
    var generator = OracleGenerator(seed: 13)
    let arguments = network.arguments(lengths: lengths) { _, _ in generator.value() }
    let slopes = lengths.map { _ in (0..<network.outputWidth).map { _ in generator.value() } }
    let engine = try EngineRun(network, threads: 2)
    let outputs = try engine.forward(arguments).outputs
    guard oracleCase.directions == .bidirectionalConcat else {
      try checkSummedEnds(engine, arguments, slopes)
      return
    }
    let width = network.directionWidth
    #expect(
      engine.ends()
        == outputs.map { steps in
          Array(steps[steps.count - 1].prefix(width) + steps[0].suffix(width))
        })

    var cotangent = network.cotangent(lengths: lengths) { _, _ in 0 }
    for (sequence, slopes) in slopes.enumerated() {
      for column in slopes.indices {
        let step = column < width ? lengths[sequence] - 1 : 0
        cotangent.outputs[sequence][step][column] = slopes[column]
      }
    }
    let gradient = engine.backward(ends: slopes)
    expectFloatClose(
      gradient, network.gradient(at: arguments, cotangent: cotangent).gradient)
  }

  /// Summed directions: the ends are the sums of two directions' own outputs, which the
  /// concatenated network with the same weights has side by side, so here in a single layer.
  private func checkSummedEnds(
    _ engine: EngineRun, _ arguments: OracleArguments<Double>, _ slopes: [[Double]]
  ) throws {
    var summed = engine.oracle
    summed.layers = 1
    var concatenated = summed
    concatenated.directions = .bidirectionalConcat
    var single = arguments
    single.parameters = arguments.parameters.filter { $0.key.contains("_l0") }
    single.initialHidden = Array(arguments.initialHidden.prefix(2))
    single.initialCell = Array(arguments.initialCell.prefix(2))
    let (one, two) = (try EngineRun(summed), try EngineRun(concatenated))
    _ = try one.forward(single)
    _ = try two.forward(single)
    let width = summed.directionWidth
    let sums = two.ends().map { row in zip(row.prefix(width), row.suffix(width)).map(+) }
    expectClose([one.ends()], [sums], .float(of: sums.flatMap { $0 }), "ends")
    expectFloatClose(one.backward(ends: slopes), two.backward(ends: slopes.map { $0 + $0 }))
  }

  @Test("Parameter gradients add up over passes", arguments: everyCell)
  func accumulation(_ oracleCase: OracleCase) throws {
    let network = oracleCase.network
    var generator = OracleGenerator(seed: 14)
    let arguments = network.arguments(lengths: [3, 2]) { _, _ in generator.value(scale: 0.5) }
    let cotangent = network.cotangent(lengths: [3, 2]) { _, _ in generator.value() }
    let engine = try EngineRun(network)
    _ = try engine.forward(arguments)
    var once = engine.backward(cotangent)
    _ = try engine.forward(arguments)
    let twice = engine.backward(cotangent, accumulating: true)
    once.parameters = once.parameters.mapValues { $0.map { 2 * $0 } }
    expectFloatClose(twice, once)
  }
}

@Suite("The engine agrees with PyTorch")
struct EnginePyTorchTests {
  @Test("Outputs, final states and gradients are PyTorch's", arguments: PyTorchGolden.all, [1, 2])
  func golden(_ golden: PyTorchGolden, threads: Int) throws {
    func expect(_ actual: [Double], _ expected: [Double], _ name: String) {
      expectClose(actual, expected, .float(of: expected), name)
    }
    let engine = try EngineRun(golden.network, threads: threads)
    let result = try engine.forward(golden.arguments)
    expect(flattened(result.outputs), golden.outputs, "outputs")
    expect(flattened(result.finalHidden), golden.finalHidden, "finalHidden")
    expect(flattened(result.finalCell), golden.finalCell, "finalCell")

    let gradient = engine.backward(golden.cotangent)
    #expect(Set(gradient.parameters.keys) == Set(golden.gradients.keys))
    for (name, expected) in golden.gradients {
      expect(gradient.parameters[name] ?? [], expected, name)
    }
    expect(flattened(gradient.sequences), golden.inputGradient, "sequences")
    expect(flattened(gradient.initialHidden), golden.initialHiddenGradient, "h_0")
    expect(flattened(gradient.initialCell), golden.initialCellGradient, "c_0")
  }
}

extension RecurrentTape {
  /// Makes even tiny batches cross borders: stretches of a few rows.
  func shortenStretches(rows: Int = 3) {
    for layer in layers { layer.stretchRows = rows }
  }
}
