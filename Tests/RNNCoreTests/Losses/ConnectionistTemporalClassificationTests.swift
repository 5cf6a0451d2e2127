import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Connectionist temporal classification")
struct ConnectionistTemporalClassificationTests {
  private static let closeness = Closeness(
    absolute: 2e-7, relative: 1e-6,
    reason: "computed in Double and rounded to Float once; differences over 2e-4 leave 1e-8")

  /// Classes, lengths, labellings, scale of the outputs: T = 1, none, as many labels as steps,
  /// repeats that take every step there is, and the rest in between.
  static let cases: [(Int, [Int], [[Int]], Double)] = [
    (2, [1], [[1]], 2), (2, [1], [[]], 2), (3, [1, 1, 1], [[2], [], [1]], 3),
    (3, [3], [[1, 1]], 2), (3, [5], [[2, 2, 2]], 2), (4, [3], [[3, 1, 2]], 3),
    (3, [5, 2, 4], [[1, 2, 1], [2, 1], []], 2),
    (4, [2, 5, 1, 3], [[3], [1, 1, 2], [], [2, 2]], 4),
    (5, [4, 4, 3], [[4, 4], [1, 4, 1], [2]], 1), (3, [6, 1], [[1, 1, 2, 2], [2]], 3),
    (3, [5, 3], [[1, 2], [2]], 30), (2, [6], [[1, 1]], 10),
  ]

  @Test("Loss and gradient are those of all alignments one by one", arguments: cases)
  func enumeration(
    _ classes: Int, _ lengths: [Int], _ labels: [[Int]], _ scale: Double
  ) throws {
    let given = LabellingCase(
      classes: classes, lengths: lengths, labels: labels, seed: 3, scale: scale)
    let found = try given.run()
    expectClose([found.loss.value], [given.oracle()], Self.closeness, "loss")
    #expect(found.loss.elements == labels.reduce(0) { $0 + max(1, $1.count) })
    expectClose(
      found.rows.map { $0.map { $0.map { Double($0) } } }, lengths.indices.map(given.slopes),
      Self.closeness, "gradient")
    // Without gradients the outputs stay, and the loss is the same.
    let alone = try given.run(gradient: false)
    #expect(alone.loss == found.loss)
    #expect(alone.rows == given.outputs)
  }

  // Losses and gradient of PyTorch 2.15.0, in Double:
  //
  //     K, lengths, labels = 5, [6, 1, 4, 3], [[2, 2, 4], [3], [], [1, 4]]
  //     def closed(k):
  //       return float(torch.tensor(0.5 * math.sin(1.3 * k + 0.1 * k * k)).float())
  //     z = torch.tensor([[4 * closed(r * K + c) for c in range(K)] for r in range(sum(lengths))],
  //                      requires_grad=True)
  //     padded = torch.nn.utils.rnn.pad_sequence(z.split(lengths))
  //     losses = torch.nn.functional.ctc_loss(
  //       padded.log_softmax(-1), torch.tensor(sum(labels, [])), lengths, [len(l) for l in labels],
  //       blank=0, reduction="none")
  //     losses.sum().backward()
  private static let torchLosses = [9.271217, 0.495429143, 12.3861793, 4.15962801]
  private static let torchGradient: [Double] = [
    -0.2468752, 0.58227231, -0.5644112, 0.011064143, 0.21794995, -0.087626622, 0.010637136,
    -0.27482508, 0.011334762, 0.3404798, -0.86937856, 0.55087341, -0.10426134, 0.32284656,
    0.09991992, -0.0095043016, 0.46061644, -0.50042771, 0.031394443, 0.017921132, -0.012745053,
    0.19442107, -0.12221155, 0.25923038, -0.31869485, -0.10848652, 0.17768607, 0.24622421,
    0.28012657, -0.59555034, 0.076600915, 0.016320245, 0.042246124, -0.39069063, 0.25552335,
    -0.98864826, 0.20663151, 0.16682749, 0.015865123, 0.59932413, -0.99025619, 0.52666224,
    0.0097958378, 0.42757272, 0.026225392, -0.95189694, 0.5150078, 0.020295693, 0.024108812,
    0.39248464, -0.21514975, 0.093261148, 0.025853552, 0.030213498, 0.065821549, 0.15863081,
    -0.66994706, 0.2659831, 0.16757808, 0.077755059, -0.034969639, -0.091165117, 0.10393022,
    0.64548831, -0.62328377, -0.04863287, 0.08539493, 0.68440545, 0.019108027, -0.74027554,
  ]

  @Test("Losses and gradient are PyTorch's")
  func agreesWithPyTorch() throws {
    let (classes, lengths) = (5, [6, 1, 4, 3])
    let labels = [[2, 2, 4], [3], [], [1, 4]]
    var given = LabellingCase(classes: classes, lengths: lengths, labels: labels, seed: 1)
    var row = 0
    for (sequence, length) in lengths.enumerated() {
      for step in 0..<length {
        given.outputs[sequence][step] = (0..<classes).map {
          Float(4 * ClosedForm.value(tensor: 0, index: row * classes + $0))
        }
        row += 1
      }
    }
    let found = try given.run()
    let printed = Closeness(
      absolute: 1e-7, relative: 1e-7, reason: "PyTorch's values have 8 digits, ours are Floats")
    expectClose([found.loss.value], [Self.torchLosses.reduce(0, +)], printed, "loss")
    expectClose(
      found.rows.flatMap { $0.flatMap { $0.map { Double($0) } } }, Self.torchGradient, printed,
      "gradient")
    for (sequence, loss) in Self.torchLosses.enumerated() {
      var alone = given
      (alone.outputs, alone.labels) = ([given.outputs[sequence]], [labels[sequence]])
      expectClose([try alone.run().loss.value], [loss], printed, "loss of sequence \(sequence)")
    }
  }

  /// C(T + L − R, 2L) of the K^T alignments leave L labels of which R equal the one before.
  @Test(
    "Thousands of steps neither underflow nor lose digits",
    arguments: [(4000, 0, 0), (4000, 1, 0), (3000, 50, 0), (3000, 49, 7), (600, 300, 299)])
  func longSequences(_ steps: Int, _ count: Int, _ repeats: Int) throws {
    // 1, 1, …, 1, 2, 3, 2, 3, …
    let labels = (0..<count).map { $0 <= repeats ? 1 : 2 + ($0 - repeats) % 2 }
    var given = LabellingCase(classes: 4, lengths: [steps], labels: [labels], seed: 1)
    given.outputs = [Array(repeating: [5, 5, 5, 5], count: steps)]
    let found = try given.run()
    func factorial(_ n: Int) -> Double { lgamma(Double(n + 1)) }
    let top = steps + count - repeats
    let ways = factorial(top) - factorial(2 * count) - factorial(top - 2 * count)
    let expected = Double(steps) * log(4) - ways
    let rounding = Closeness(
      absolute: 1e-8, relative: 1e-11, reason: "thousands of sums of Doubles of up to 1e4")
    expectClose([found.loss.value], [expected], rounding, "loss")
    // All that one class gains, others lose.
    let sums = found.rows[0].map { $0.reduce(0) { $0 + Double($1) } }
    #expect(sums.allSatisfy { abs($0) < 1e-6 })
    #expect(found.rows[0].contains { $0.contains { $0 != 0 } })
  }

  @Test("A label that a step forbids costs just that")
  func certainty() throws {
    var given = LabellingCase(classes: 2, lengths: [2], labels: [[1]], seed: 1)
    given.outputs = [[[1e4, 0], [1e4, 0]]]
    // One label and one blank, in either order; two labels cost twice as much.
    expectClose(
      [try given.run().loss.value], [1e4 - log(2)],
      Closeness(absolute: 1e-9, relative: 0, reason: "Doubles of 1e4 hold 2e-12"), "loss")
    given.outputs = [[[1e4, 0], [0, 1e4]]]
    #expect(try given.run().loss.value == 0)
    // The only alignment of a repeated label, however unlikely.
    given = LabellingCase(classes: 2, lengths: [3], labels: [[1, 1]], seed: 1)
    given.outputs = [[[3000, 0], [0, 3000], [3000, 0]]]
    let found = try given.run()
    #expect(found.loss.value == 9000)
    #expect(found.rows == [[[1, -1], [-1, 1], [1, -1]]])
  }

  @Test("Outputs of any size give finite numbers", arguments: [1e4, 1e10, 3e38] as [Double])
  func extremes(_ scale: Double) throws {
    let given = LabellingCase(
      classes: 6, lengths: [7, 1, 4, 9], labels: [[1, 1, 5], [4], [2, 3], []], seed: 6,
      scale: scale)
    let found = try given.run()
    #expect(found.loss.value.isFinite && found.loss.value > 0)
    #expect(found.rows.allSatisfy { $0.allSatisfy { $0.allSatisfy { abs($0) <= 1 } } })
  }

  /// Losses and gradient of PyTorch 2.15.0 in Double, as ``torchLosses``.
  struct HugeOutputs: Sendable {
    var outputs: [[Float]]
    var labels: [Int]
    var loss: Double
    /// Slopes times ``divisor``.
    var slopes: [[Double]]
    var divisor: Double

    /// Three steps of three classes that are all alike.
    static func even(_ output: Float) -> HugeOutputs {
      HugeOutputs(
        outputs: Array(repeating: [output, output, output], count: 3), labels: [1, 2],
        loss: 1.686398953570229, slopes: [[2, -7, 5], [2, -1, -1], [2, 5, -7]], divisor: 15)
    }

    static let all = [
      even(1e20), even(-1e20),
      HugeOutputs(
        outputs: [
          [1e20, 1e20, -1e20], [-1e20, 1e20, 1e20], [-1e20, -1e20, -1e20], [1e20, 0, 1e20],
        ],
        labels: [1, 2], loss: 0.7801585575495751,
        slopes: [[9, -9, 0], [0, -15, 15], [4, 10, -14], [9, 0, -9]], divisor: 66),
      // Differences that no Float holds.
      HugeOutputs(
        outputs: [
          [3.4e38, -3.4e38, 3.4e38], [3.4e38, 3.4e38, -3.4e38], [3.4e38, 3.4e38, 3.4e38],
        ],
        labels: [2], loss: 1.791759469228055, slopes: [[0, 0, 0], [-3, 3, 0], [-1, 2, -1]],
        divisor: 6),
    ]
  }

  @Test("Outputs of 1e20, all alike or mixed, lose nothing", arguments: HugeOutputs.all)
  func hugeOutputs(_ huge: HugeOutputs) throws {
    var given = LabellingCase(
      classes: 3, lengths: [huge.outputs.count], labels: [huge.labels], seed: 1)
    given.outputs = [huge.outputs]
    let found = try given.run()
    expectClose([found.loss.value], [huge.loss], Self.closeness, "loss")
    for (row, slopes) in zip(found.rows[0], huge.slopes) {
      expectClose(
        row.map { Double($0) }, slopes.map { $0 / huge.divisor }, Self.closeness, "gradient")
    }
    let search = try CTCBeamSearch(width: 100)
    let labellings = try search.labellings(of: huge.outputs.flatMap { $0 }, classes: 3)
    let same = labellings.first { $0.labels == huge.labels.map { Int32($0) } }
    expectClose([same?.logProbability ?? .nan], [-huge.loss], Self.closeness, "beam search")
  }

  @Test("Reductions divide by labels, by sequences, or not at all")
  func reductions() throws {
    let given = LabellingCase(
      classes: 4, lengths: [5, 2, 4], labels: [[1, 2, 2], [], [3, 1]], seed: 2)
    let whole = try given.run()
    for (reduction, count) in [(Loss.Reduction.mean, 6.0), (.perSequence, 3)] {
      let part = try given.run(reduction: reduction)
      #expect(part.loss.elements == 6)
      expectClose(
        [part.loss.value * count], [whole.loss.value],
        Closeness(absolute: 0, relative: 1e-15, reason: "one division"), "loss")
      expectClose(
        part.rows.map { $0.map { $0.map { Double($0) * count } } },
        whole.rows.map { $0.map { $0.map { Double($0) } } }, Self.closeness, "gradient")
    }
  }

  @Test("The bits do not depend on the number of threads", arguments: [2, 3, 7])
  func threads(_ count: Int) throws {
    let given = LabellingCase(
      classes: 37, lengths: [9, 3, 14, 1, 3],
      labels: [[4, 4, 36], [], [9, 1, 9, 9, 2], [1], [2, 3]],
      seed: 4)
    let (alone, together) = (try given.run(), try given.run(threads: count))
    #expect(alone.loss == together.loss)
    #expect(alone.rows == together.rows)
  }

  @Test("A workspace that saw another batch gives the same bits")
  func reuse() throws {
    let workspace = AlignmentWorkspace()
    let large = LabellingCase(
      classes: 5, lengths: [9, 12], labels: [[1, 2, 3], [4, 4]], seed: 1, scale: 9)
    let small = LabellingCase(classes: 3, lengths: [4, 2], labels: [[2], [1, 2]], seed: 2)
    let fresh = try small.run()
    for gradient in [true, false] { _ = try large.run(gradient: gradient, workspace: workspace) }
    let again = try small.run(workspace: workspace)
    #expect(again.loss == fresh.loss && again.rows == fresh.rows)
  }

  @Test("An output that is not finite is found where it is", arguments: [Float.nan, .infinity])
  func nonFinite(_ value: Float) throws {
    var given = LabellingCase(classes: 3, lengths: [2, 4], labels: [[1], [2, 1]], seed: 1)
    given.outputs[1][2][1] = value
    let found = try given.run()
    #expect(found.loss.value.isNaN)
    #expect(found.rows[0].allSatisfy { $0.allSatisfy(\.isFinite) })
    #expect(found.rows[1].map { $0.allSatisfy(\.isNaN) } == [false, false, true, false])
    #expect(try given.run(gradient: false).loss.value.isNaN)
  }

  @Test("A labelling that does not fit its sequence is refused when the batch is made")
  func impossible() throws {
    for (steps, labels) in [(1, [1, 2]), (2, [1, 1]), (4, [2, 2, 2]), (3, [1, 2, 2])] {
      let given = LabellingCase(
        classes: 3, lengths: [6, steps], labels: [[1], labels], seed: 1)
      expectError(.shape, about: "target of sequence 1") { _ = try given.batch() }
    }
    let mixed = [
      Example(input: .tokens([0]), target: .labelling([1])),
      Example(input: .tokens([0]), target: .classPerStep([1])),
    ]
    expectError(.shape, about: "target of sequence 1") { _ = try SequenceBatch(mixed) }
  }
}
