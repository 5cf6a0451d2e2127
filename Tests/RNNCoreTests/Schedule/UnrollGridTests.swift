import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Grids of threads")
struct UnrollGridTests {
  @Test("Texts mean grids, and nothing else does")
  func texts() throws {
    #expect(try UnrollGrid.parse(nil) == nil)
    #expect(try UnrollGrid.parse("") == nil)
    #expect(try UnrollGrid.parse("2x4") == UnrollGrid(rows: 2, units: 4))
    for text in ["2", "x", "2x", "0x1", "1x0", "2x4x1", "ax2", "1x1025", "-1x2"] {
      #expect(throws: RNNError.self) { try UnrollGrid.parse(text) }
    }
    #expect(UnrollGrid(rows: 16, units: 2).description == "16x2")
  }

  @Test("A grid has no more threads than there are, and no more parts than there is work")
  func fitting() throws {
    #expect(UnrollGrid(rows: 4, units: 2).fitting(8) == UnrollGrid(rows: 4, units: 2))
    #expect(UnrollGrid(rows: 4, units: 2).fitting(5) == UnrollGrid(rows: 2, units: 2))
    #expect(UnrollGrid(rows: 4, units: 8).fitting(3) == UnrollGrid(rows: 1, units: 3))
    let loop = try #require(TimeLoop(.lstm(), hidden: 128))
    let work = UnrollWork(loop, .forward, steps: 5, sequences: 3)
    let vectors = 128 / kernels.lanes
    #expect(work.fitting(UnrollGrid(rows: 8, units: 64)) == UnrollGrid(rows: 3, units: vectors))
  }

  struct Team: Sendable, CustomStringConvertible {
    var threads: Int
    var grid: UnrollGrid
    var description: String { "\(threads) threads as \(grid)" }

    /// Teams of 1 to 64 threads in all grids of powers of two, and in some uneven ones.
    static let all: [Team] =
      [1, 2, 4, 8, 16, 32, 64].flatMap { threads in
        (0...6).filter { 1 << $0 <= threads }.map {
          Team(threads: threads, grid: UnrollGrid(rows: threads >> $0, units: 1 << $0))
        }
      }
      + [(3, 1, 3), (3, 3, 1), (5, 1, 5), (6, 2, 3), (7, 3, 2), (12, 4, 3), (48, 6, 7)].map {
        Team(threads: $0.0, grid: UnrollGrid(rows: $0.1, units: $0.2))
      }
  }

  private struct Bits: Equatable {
    var outputs: [[[Double]]]
    var parameters: [String: [Double]]
    var sequences: [[[Double]]]
    var initial: [[[Double]]]
  }

  private struct Batch {
    var cell: OracleCell
    var hidden: Int
    var lengths: [Int]
    var layers = 1
    var output = 0

    /// Several vectors of units and a part of one; 160 are whole ones, projected in parts.
    static let all = [
      Batch(
        cell: .lstm(peephole: false, coupled: false), hidden: 70, lengths: [7, 3, 3, 1, 7],
        layers: 2),
      Batch(cell: .lstm(peephole: true, coupled: true), hidden: 160, lengths: [6, 6, 6]),
      Batch(cell: .gru(resetAfter: true), hidden: 160, lengths: [9, 9, 9, 9, 9, 9, 9]),
      Batch(cell: .gru(resetAfter: false), hidden: 70, lengths: [5, 2, 6]),
      Batch(cell: .elman(.tanh), hidden: 70, lengths: [4]),
      Batch(cell: .jordan(.tanh, feedback: .softmax), hidden: 9, lengths: [3, 5, 2], output: 4),
    ]

    /// A pass forward and back.
    func bits(threads: Int, grid: UnrollGrid?) throws -> Bits {
      let network = OracleNetwork(
        cell: cell, layers: layers, input: 5, hidden: hidden, output: output)
      var generator = OracleGenerator(seed: 21)
      let arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: 0.3) }
      let cotangent = network.cotangent(lengths: lengths) { _, _ in generator.value() }
      let engine = try EngineRun(network, threads: threads, products: .packed, grid: grid)
      engine.tape.shortenStretches(rows: 4 * lengths.count)
      let result = try engine.forward(arguments)
      let gradient = engine.backward(cotangent)
      return Bits(
        outputs: result.outputs, parameters: gradient.parameters, sequences: gradient.sequences,
        initial: gradient.initialHidden)
    }
  }

  @Test("Every grid of teams of 1 to 64 threads gives the same bits", arguments: Team.all)
  func bits(_ team: Team) throws {
    for batch in Batch.all {
      let expected = try batch.bits(threads: 1, grid: nil)
      let found = try batch.bits(threads: team.threads, grid: team.grid)
      #expect(found == expected, "\(batch.cell), H \(batch.hidden)")
    }
  }
}
