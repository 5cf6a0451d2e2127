import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Dropout and teacher forcing are what the oracle makes of the same masks and targets")
struct EngineConstantsTests {
  private static let lengths = [3, 5, 1, 5]

  private func check(
    _ network: OracleNetwork, lengths: [Int], recurrent: Float, interLayer: Float, threads: Int
  ) throws {
    var generator = OracleGenerator(seed: 21)
    let arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.7) }
    let cotangent = network.cotangent(lengths: lengths) { _, _ in generator.value() }
    let engine = try EngineRun(
      network, threads: threads, interLayerDropout: interLayer, recurrentDropout: recurrent)
    try engine.poison(lengths: [6] + lengths, dropoutSeed: 1)
    let result = try engine.forward(arguments, dropoutSeed: 22)
    let constants = engine.drawnMasks()
    #expect((constants.recurrentMasks != nil) == (recurrent > 0))
    expectFloatClose(result, network.run(arguments, constants: constants))
    expectFloatClose(
      engine.backward(cotangent),
      network.gradient(at: arguments, cotangent: cotangent, constants: constants).gradient)

    // Evaluation: the same engine without a generator drops nothing.
    expectFloatClose(try engine.forward(arguments), network.run(arguments))
    expectFloatClose(
      engine.backward(cotangent), network.gradient(at: arguments, cotangent: cotangent).gradient)
  }

  private static let twoLayers = OracleCase.all.filter {
    $0.layers == 2 && $0.cell.hasRecurrentProduct
  }

  @Test("Recurrent dropout", arguments: twoLayers)
  func recurrent(_ oracleCase: OracleCase) throws {
    try check(
      oracleCase.network, lengths: Self.lengths, recurrent: 0.4, interLayer: 0, threads: 1)
  }

  @Test("Recurrent dropout of equal lengths", arguments: twoLayers)
  func recurrentDense(_ oracleCase: OracleCase) throws {
    try check(oracleCase.network, lengths: [3, 3], recurrent: 0.4, interLayer: 0, threads: 2)
  }

  @Test(
    "Both kinds of dropout",
    arguments: OracleCase.all.filter { $0.layers == 3 && $0.cell.hasRecurrentProduct })
  func both(_ oracleCase: OracleCase) throws {
    try check(
      oracleCase.network, lengths: Self.lengths, recurrent: 0.3, interLayer: 0.5, threads: 2)
  }

  @Test(
    "Without recurrent weights there is nothing that recurrent dropout could hide",
    arguments: OracleCell.all.filter { !$0.hasRecurrentProduct })
  func refused(_ cell: OracleCell) {
    let error = #expect(throws: RNNError.self) {
      try EngineRun(OracleNetwork(cell: cell, input: 2, hidden: 3), recurrentDropout: 0.1)
    }
    #expect(error?.kind == .unsupported && error?.argument == "recurrent dropout")
  }

  @Test("Each mask drops its share, and keeps the mean", arguments: [0.1, 0.5, 0.9] as [Float])
  func rates(_ rate: Float) throws {
    let network = OracleNetwork(cell: .gru(resetAfter: true), layers: 2, input: 1, hidden: 100)
    let engine = try EngineRun(network, interLayerDropout: rate, recurrentDropout: rate)
    let lengths = [Int](repeating: 2, count: 50)
    _ = try engine.forward(network.arguments(lengths: lengths) { _, _ in 0.1 }, dropoutSeed: 23)
    let masks = engine.drawnMasks()
    let tensors = [
      flattened(masks.recurrentMasks ?? []), flattened(masks.interLayerMasks?[0] ?? []),
    ]
    for values in tensors {
      #expect(values.count == 10_000)
      #expect(Set(values) == [0, Double(1 / (1 - rate))])
      let dropped = Double(values.count { $0 == 0 }) / 10_000
      let closeness = Closeness(
        absolute: 0.02, relative: 0,
        reason: "four standard deviations of a share of 10000 draws are at most 0.02")
      expectClose([dropped], [Double(rate)], closeness, "share of zeros")
    }
  }

  @Test("One sequence's recurrent mask is not another's, nor one layer's another layer's")
  func masksDiffer() throws {
    let network = OracleNetwork(
      cell: .lstm(peephole: false, coupled: false), layers: 2, directions: .bidirectionalSum,
      input: 1, hidden: 40)
    let engine = try EngineRun(network, recurrentDropout: 0.5)
    _ = try engine.forward(network.arguments(lengths: [2, 3]) { _, _ in 0.1 }, dropoutSeed: 24)
    let masks = (engine.drawnMasks().recurrentMasks ?? []).flatMap { $0 }
    #expect(masks.count == 8)
    #expect(Set(masks).count == 8)
  }

  // MARK: Teacher forcing

  private static let jordan = OracleCell.all.filter(\.isJordan)

  @Test("Forced targets", arguments: jordan, [[3, 5, 1, 5], [4, 4]])
  func forced(_ cell: OracleCell, lengths: [Int]) throws {
    try checkForced(cell, lengths: lengths, recurrentDropout: 0)
  }

  @Test("Forced targets with recurrent dropout", arguments: jordan)
  func forcedAndDropped(_ cell: OracleCell) throws {
    try checkForced(cell, lengths: Self.lengths, recurrentDropout: 0.3)
  }

  private func checkForced(
    _ cell: OracleCell, lengths: [Int], recurrentDropout: Float
  ) throws {
    let network = OracleNetwork(cell: cell, input: 3, hidden: 5, output: 7)
    var generator = OracleGenerator(seed: 25)
    let arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.7) }
    let cotangent = network.cotangent(lengths: lengths) { _, _ in generator.value() }
    let targets = network.constants(lengths: lengths, dropout: 0, using: &generator).teacherTargets
    let engine = try EngineRun(
      network, threads: 2, recurrentDropout: recurrentDropout, teacherForcing: true)
    try engine.poison(lengths: [6] + lengths, dropoutSeed: 1)
    let result = try engine.forward(arguments, dropoutSeed: 26, forcing: targets)
    var constants = engine.drawnMasks()
    constants.teacherTargets = targets
    expectFloatClose(result, network.run(arguments, constants: constants))
    expectFloatClose(
      engine.backward(cotangent),
      network.gradient(at: arguments, cotangent: cotangent, constants: constants).gradient)

    // Without targets the same network feeds back its own output.
    expectFloatClose(try engine.forward(arguments), network.run(arguments))
    expectFloatClose(
      engine.backward(cotangent), network.gradient(at: arguments, cotangent: cotangent).gradient)
  }
}
