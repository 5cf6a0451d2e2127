import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A profile holds the norms of the gradients that BPTT carries")
struct GradientProfileTests {
  private static let lengths = [4, 2, 5, 1]

  static let cells: [OracleCell] = OracleCell.all.filter {
    if case .jordan(_, let feedback, _) = $0 { feedback == .tanh } else { true }
  }

  @Test(
    "Norms per step and distance are those of the oracle's gradients", arguments: cells, [1, 2])
  func norms(_ cell: OracleCell, threads: Int) throws {
    let network = OracleNetwork(
      cell: cell, input: 3, hidden: 5, output: cell.isJordan ? 4 : 0)
    var generator = OracleGenerator(seed: 51)
    let arguments = network.arguments(lengths: Self.lengths) { _, _ in generator.value(scale: 0.7) }
    let cotangent = network.cotangent(lengths: Self.lengths) { tensor, _ in
      // The loss looks at outputs only.
      tensor == network.parameterShapes.count + 3 ? generator.value() : 0
    }
    let engine = try EngineRun(network, threads: threads)
    let layer = try profile(engine, arguments, cotangent, threads: threads)[0]

    let expected = network.carriedGradients(arguments, cotangent)
    check(layer.hidden, expected.hidden, "dE/dh")
    #expect((layer.cell != nil) == cell.isLSTM)
    if let series = layer.cell { check(series, expected.cell, "dE/dc") }
  }

  /// `gradients` are [sequence][step][width].
  private func check(
    _ series: GradientProfile.Series, _ gradients: [[[Double]]], _ name: String
  ) {
    let steps = gradients.map(\.count).max() ?? 0
    func norm(_ pick: ([[Double]]) -> [Double]?) -> Double {
      gradients.compactMap(pick).joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let byStep = (0..<steps).map { step in norm { step < $0.count ? $0[step] : nil } }
    let byDistance = (0..<steps).map { distance in
      norm { distance < $0.count ? $0[$0.count - 1 - distance] : nil }
    }
    expectClose(series.byStep, byStep, .float(of: byStep), "\(name) by step")
    expectClose(series.byDistance, byDistance, .float(of: byDistance), "\(name) by distance")
  }

  private func profile(
    _ engine: EngineRun, _ arguments: OracleArguments<Double>, _ cotangent: OracleResult<Double>,
    threads: Int
  ) throws -> [GradientProfile.Layer] {
    _ = try engine.forward(arguments)
    let reader = ProfileReader(
      engine.network, engine.tape, probes: engine.tape.layers.map { _ in GradientProbe() },
      shares: threads)
    _ = engine.backward(cotangent)
    defer { reader.detach() }
    return reader.layers { _ in nil }
  }

  @Test(
    "Threads that divide the hidden units note the same norms",
    arguments: [
      OracleCell.lstm(peephole: true, coupled: false), .lstm(peephole: false, coupled: true),
      .gru(resetAfter: true), .elman(.tanh), .minGRU(positive: false), .minLSTM(positive: true),
      .lru,
    ])
  func dividedUnits(_ cell: OracleCell) throws {
    let network = OracleNetwork(cell: cell, input: 3, hidden: 8 * kernels.lanes + 3)
    var generator = OracleGenerator(seed: 52)
    let arguments = network.arguments(lengths: [6]) { _, _ in generator.value(scale: 0.1) }
    let cotangent = network.cotangent(lengths: [6]) { _, _ in generator.value() }
    let layers = try [1, 2, 3].map { threads in
      try profile(
        EngineRun(network, threads: threads), arguments, cotangent, threads: threads)[0]
    }
    for layer in layers.dropFirst() {
      expectClose(
        layer.memory.byStep, layers[0].memory.byStep, .float(of: layers[0].memory.byStep), "norms")
      #expect(layer.gates == layers[0].gates)
    }
  }

  @Test("A reverse layer is profiled as the forward layer on the mirrored sequences")
  func reverse() throws {
    let network = OracleNetwork(
      cell: .lstm(peephole: false, coupled: false), directions: .bidirectionalConcat, input: 3,
      hidden: 5)
    var generator = OracleGenerator(seed: 53)
    var arguments = network.arguments(lengths: Self.lengths) { _, _ in generator.value(scale: 0.7) }
    for (name, values) in arguments.parameters where name.hasSuffix("_reverse") {
      arguments.parameters[String(name.dropLast("_reverse".count))] = values
    }
    let cotangent = network.cotangent(lengths: Self.lengths) { _, _ in generator.value() }
    var mirrored = (arguments, cotangent)
    mirrored.0.sequences = arguments.sequences.map { $0.reversed() }
    mirrored.0.initialHidden.reverse()
    mirrored.0.initialCell.reverse()
    mirrored.1.outputs = cotangent.outputs.map { sequence in
      sequence.reversed().map { Array($0[5...] + $0[..<5]) }
    }
    mirrored.1.finalHidden.reverse()
    mirrored.1.finalCell.reverse()
    let engine = try EngineRun(network)
    let plain = try profile(engine, arguments, cotangent, threads: 1)
    let flipped = try profile(engine, mirrored.0, mirrored.1, threads: 1)
    #expect(plain.map(\.name) == ["l0", "l0_reverse"])
    #expect(plain[1].hidden.byDistance == flipped[0].hidden.byDistance)
    #expect(plain[1].cell?.byDistance == flipped[0].cell?.byDistance)
    // The first step that a caller counts is the last one that the layer reads, and there the
    // distance is 0.
    #expect(plain[1].hidden.byStep == plain[1].hidden.byDistance)
  }
}

extension OracleNetwork {
  /// dE/dh_t of a hybrid with tanh fed back: what later steps have from h itself, and Vᵀ dE/dz_t.
  private func throughOutput(
    _ arguments: OracleArguments<Double>, _ own: [Double], _ carried: [Double], _ state: [Double]
  ) -> [Double] {
    let v = arguments.parameters["weight_ho_l0"] ?? []
    let dz = zip(zip(own, carried[hidden...]), state[hidden...]).map {
      $0.0 + $0.1 * (1 - $1 * $1)
    }
    return (0..<hidden).map { unit in
      dz.enumerated().reduce(carried[unit]) { $0 + $1.element * v[$1.offset * hidden + unit] }
    }
  }

  /// The whole derivatives dE/dh_t (Jordan with tanh fed back: dE/dz_t) and dE/dc_t of one layer in
  /// one direction, [sequence][step][width]: what the steps after t give, from the gradient of
  /// their initial state, and what the loss at t gives.
  fileprivate func carriedGradients(
    _ arguments: OracleArguments<Double>, _ cotangent: OracleResult<Double>
  ) -> (hidden: [[[Double]]], cell: [[[Double]]]) {
    var result: (hidden: [[[Double]]], cell: [[[Double]]]) = ([], [])
    for sequence in arguments.sequences.indices {
      var (hidden, cell): ([[Double]], [[Double]]) = ([], [])
      for step in arguments.sequences[sequence].indices {
        let gradient = gradients(arguments, cotangent, sequence, step)
        hidden.append(gradient.hidden)
        cell.append(gradient.cell)
      }
      result.hidden.append(hidden)
      result.cell.append(cell)
    }
    return result
  }

  private var isOutputLinear: Bool {
    if case .lstm(_, _, _, linearOutput: true) = cell { true } else { false }
  }

  private func gradients(
    _ arguments: OracleArguments<Double>, _ cotangent: OracleResult<Double>, _ sequence: Int,
    _ step: Int
  ) -> (hidden: [Double], cell: [Double]) {
    var before = arguments
    before.sequences = [Array(arguments.sequences[sequence][...step])]
    before.initialHidden = [[arguments.initialHidden[0][sequence]]]
    if self.cell.isLSTM { before.initialCell = [[arguments.initialCell[0][sequence]]] }
    let state = run(before)
    var after = before
    after.sequences = [Array(arguments.sequences[sequence][(step + 1)...])]
    (after.initialHidden, after.initialCell) = (state.finalHidden, state.finalCell)
    var slopes = OracleResult<Double>()
    slopes.outputs = [Array(cotangent.outputs[sequence][(step + 1)...])]
    slopes.finalHidden = [[[Double](repeating: 0, count: stateWidth)]]
    if self.cell.isLSTM { slopes.finalCell = [[[Double](repeating: 0, count: hidden)]] }
    let later = gradient(at: after, cotangent: slopes).gradient
    let (h, own) = (state.finalHidden[0][0], cotangent.outputs[sequence][step])
    let carried = later.initialHidden[0][0]
    if self.cell.isHybrid { return (throughOutput(arguments, own, carried, h), []) }
    if self.cell.isJordan {
      return (zip(zip(own, carried), h).map { $0.0 + $0.1 * (1 - $1 * $1) }, [])
    }
    if self.cell == .lru {
      let v = arguments.parameters["weight_ho_l0"] ?? []
      return (
        carried.indices.map { unit in
          own.indices.reduce(carried[unit]) { $0 + own[$1] * v[$1 * carried.count + unit] }
        }, []
      )
    }
    let dh = zip(own, carried).map { $0 + $1 }
    guard self.cell.isLSTM else { return (dh, []) }
    let (c, dc) = (state.finalCell[0][0], later.initialCell[0][0])
    let peephole = arguments.parameters["weight_peephole_l0"]?.suffix(hidden).map { $0 }
    return (
      dh,
      (0..<hidden).map { unit in
        let shown = isOutputLinear ? c[unit] : tanh(c[unit])
        let o = h[unit] / shown
        let slope =
          o * (isOutputLinear ? 1 : 1 - shown * shown)
          + shown * o * (1 - o) * (peephole?[unit] ?? 0)
        return dc[unit] + dh[unit] * slope
      }
    )
  }
}
