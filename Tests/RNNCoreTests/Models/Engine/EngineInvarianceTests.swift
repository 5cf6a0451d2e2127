import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("How work is divided does not change what comes out")
struct EngineInvarianceTests {
  private static let twoLayers = OracleCase.all.filter { $0.layers == 2 }

  @Test("A padded batch equals the sequences one by one", arguments: twoLayers)
  func sequencesOneByOne(_ oracleCase: OracleCase) throws {
    let network = oracleCase.network
    let lengths = [2, 6, 1, 4, 6]
    var generator = OracleGenerator(seed: 31)
    let arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.7) }
    let cotangent = network.cotangent(lengths: lengths) { _, _ in generator.value() }
    let engine = try EngineRun(network)
    let together = try engine.forward(arguments)
    let gradient = engine.backward(cotangent)

    var sum = OracleArguments<Double>()
    var results = OracleResult<Double>()
    for sequence in lengths.indices {
      let result = try engine.forward(arguments.sequence(sequence))
      let alone = engine.backward(cotangent.sequence(sequence), accumulating: sequence > 0)
      results.append(result)
      sum.append(alone)
    }
    expectFloatClose(together, results)
    expectFloatClose(gradient, sum)
  }

  @Test(
    "Chunks with carried state equal one pass, and so do their gradients",
    arguments: OracleCase.all.filter { $0.directions == .forward }, [1, 2])
  func chunks(_ oracleCase: OracleCase, threads: Int) throws {
    let network = oracleCase.network
    let (lengths, firsts) = ([5, 7, 4], [3, 2, 1])
    var generator = OracleGenerator(seed: 32)
    let arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.7) }
    let cotangent = network.cotangent(lengths: lengths) { _, _ in generator.value() }
    let engine = try EngineRun(network, threads: threads)
    let whole = try engine.forward(arguments)
    let gradient = engine.backward(cotangent)

    func split<Value>(_ steps: [[Value]], _ keepsFirst: Bool) -> [[Value]] {
      zip(steps, firsts).map { Array(keepsFirst ? $0.prefix($1) : $0.dropFirst($1)) }
    }
    var (first, second) = (arguments, arguments)
    first.sequences = split(arguments.sequences, true)
    second.sequences = split(arguments.sequences, false)
    var (firstSlopes, secondSlopes) = (cotangent, cotangent)
    firstSlopes.outputs = split(cotangent.outputs, true)
    secondSlopes.outputs = split(cotangent.outputs, false)

    let one = try engine.forward(first)
    (second.initialHidden, second.initialCell) = (one.finalHidden, one.finalCell)
    var two = try engine.forward(second)
    two.outputs = zip(one.outputs, two.outputs).map { $0 + $1 }
    expectFloatClose(two, whole)

    let later = engine.backward(secondSlopes)
    (firstSlopes.finalHidden, firstSlopes.finalCell) = (later.initialHidden, later.initialCell)
    _ = try engine.forward(first)
    var earlier = engine.backward(firstSlopes, accumulating: true)
    earlier.sequences = zip(earlier.sequences, later.sequences).map { $0 + $1 }
    expectFloatClose(earlier, gradient)
  }

  // MARK: Threads and seeds

  /// A network and a batch, for comparing runs.
  struct Size: Sendable, CustomTestStringConvertible {
    var cell: OracleCell
    var lengths: [Int]
    var input: Int
    var hidden: Int
    var layers = 1
    var directions = OracleDirections.forward

    var testDescription: String {
      "\(cell) B=\(lengths.count) T=\(lengths.max() ?? 0) I=\(input) H=\(hidden) \(directions)"
    }

    static let cells: [OracleCell] = [
      .elman(.tanh), .jordan(.sigmoid, feedback: .softmax),
      .jordan(.tanh, feedback: .softmax, hybrid: true), .lstm(peephole: true, coupled: false),
      .lstm(peephole: false, coupled: true), .gru(resetAfter: true), .gru(resetAfter: false),
    ]

    static let small: [Size] = cells.enumerated().flatMap { index, cell in
      let directions = OracleDirections.allCases[index % 3]
      return [
        Size(
          cell: cell, lengths: (0..<37).map { 1 + $0 * 5 % 9 }, input: 11, hidden: 65, layers: 2,
          directions: directions),
        Size(
          cell: cell, lengths: [Int](repeating: 9, count: 37), input: 65, hidden: 17, layers: 1,
          directions: directions),
      ]
    }

    static let large: [Size] = cells.suffix(4).map {
      Size(cell: $0, lengths: [Int](repeating: 20, count: 64), input: 96, hidden: 128)
    }

    /// Weight gradients wider than a sweep of an outer product.
    static let wide = [
      Size(cell: cells[cells.count - 1], lengths: [9, 7, 7, 2], input: 200, hidden: 264)
    ]

    /// One sequence, whose hidden units threads divide.
    static let single: [Size] = cells.filter { !$0.isJordan }.map {
      Size(cell: $0, lengths: [9], input: 7, hidden: 8 * kernels.lanes + 3)
    }

    static let all = small + large + wide + single

    var isLarge: Bool { hidden > 100 }

    typealias Tensors = [(name: String, values: [Double])]

    func run(
      threads: Int, products: ProductBackend = .standard, seed: UInt64 = 34, dropout: Float = 0.25
    ) throws -> Tensors {
      let network = OracleNetwork(
        cell: cell, layers: layers, directions: directions, input: input, hidden: hidden,
        output: cell.isJordan ? 13 : 0)
      var generator = OracleGenerator(seed: 33)
      let arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.2) }
      let cotangent = network.cotangent(lengths: lengths) { _, _ in generator.value() }
      let engine = try EngineRun(
        network, threads: threads, products: products, interLayerDropout: dropout,
        recurrentDropout: dropout)
      let result = try engine.forward(arguments, dropoutSeed: dropout > 0 ? seed : nil)
      return result.tensors + engine.backward(cotangent).tensors
    }
  }

  @Test(
    "Two, three and eight threads give what one gives, whatever multiplies", arguments: Size.all)
  func threadsAgree(_ size: Size) throws {
    for dropout: Float in [0, 0.25] {
      for products in ProductBackend.allCases {
        let alone = try size.run(threads: 1, products: products, dropout: dropout)
        for threads in size.isLarge ? [2] : [2, 3, 8] {
          expectSameBits(
            try size.run(threads: threads, products: products, dropout: dropout), alone)
        }
      }
    }
  }

  @Test("The same team gives the same bits again", arguments: Size.all, [1, 2, 3])
  func sameTeamSameBits(_ size: Size, threads: Int) throws {
    expectSameBits(try size.run(threads: threads), try size.run(threads: threads))
  }

  @Test("Another seed drops other units", arguments: Size.small)
  func seeds(_ size: Size) throws {
    let first = try size.run(threads: 2)
    #expect(try size.run(threads: 2, seed: 35)[0].values != first[0].values)
  }
}

extension OracleArguments<Double> {
  /// One sequence of the batch.
  fileprivate func sequence(_ index: Int) -> Self {
    var alone = self
    alone.sequences = [sequences[index]]
    alone.initialHidden = initialHidden.map { [$0[index]] }
    alone.initialCell = initialCell.map { [$0[index]] }
    return alone
  }

  /// Adds another sequence's gradients; those of the parameters are sums already.
  fileprivate mutating func append(_ other: Self) {
    parameters = other.parameters
    sequences += other.sequences
    initialHidden = joined(initialHidden, other.initialHidden)
    initialCell = joined(initialCell, other.initialCell)
  }
}

extension OracleResult<Double> {
  fileprivate func sequence(_ index: Int) -> Self {
    OracleResult(
      outputs: [outputs[index]], finalHidden: finalHidden.map { [$0[index]] },
      finalCell: finalCell.map { [$0[index]] })
  }

  fileprivate mutating func append(_ other: Self) {
    outputs += other.outputs
    finalHidden = joined(finalHidden, other.finalHidden)
    finalCell = joined(finalCell, other.finalCell)
  }
}

private func joined(_ left: [[[Double]]], _ right: [[[Double]]]) -> [[[Double]]] {
  left.isEmpty ? right : zip(left, right).map { $0 + $1 }
}
