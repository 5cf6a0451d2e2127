import RNNCore
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite struct ProductFlopsTests {
  private static let shape = BenchmarkShape(batch: 1, steps: 1, input: 3, hidden: 5)

  @Test func `one LSTM layer by hand`() {
    // 4 gates of 5 units: input 2·20·3 = 120, recurrent 2·20·5 = 200.
    let flops = ProductFlops(Self.shape, cell: .lstm())
    #expect(flops.perToken(.forward) == 320)
    #expect(flops.perToken(.inference) == 320)
    // Forward 320, dW and dU 320, recurrent backward 200.
    #expect(flops.perToken(.train) == 840)
    #expect(flops.perToken(.trainDX) == 960)
  }

  @Test func `other cells by hand`() {
    // 3 gates: 90 and 150. 1 gate: 30 and 50.
    #expect(ProductFlops(Self.shape, cell: .gru()).perToken(.train) == 630)
    #expect(ProductFlops(Self.shape, cell: .gru(.before)).perToken(.forward) == 240)
    #expect(ProductFlops(Self.shape, cell: .elman(.relu)).perToken(.train) == 210)
    #expect(ProductFlops(Self.shape, cell: .irnn).perToken(.trainDX) == 240)
    #expect(ProductFlops(Self.shape, cell: .lstm(coupled: true)).perToken(.forward) == 240)
  }

  @Test func `two bidirectional GRU layers by hand`() {
    var shape = Self.shape
    (shape.layers, shape.isBidirectional) = (2, true)
    // First layer twice (90 + 150), second twice (2·15·10 + 150): input 780, recurrent 600.
    let flops = ProductFlops(shape, cell: .gru())
    #expect(flops.perToken(.forward) == 1380)
    // Forward, dW and dU, recurrent backward, and dX of the second layer, 600.
    #expect(flops.perToken(.train) == 1380 + 1380 + 600 + 600)
    #expect(flops.perToken(.trainDX) == 4140)
  }

  @Test(arguments: [CellKind.lstm(), .lstm(coupled: true), .gru(), .gru(.before), .elman(.tanh)])
  func `forward agrees with the network's own count`(cell: CellKind) throws {
    for isBidirectional in [false, true] {
      let shape = BenchmarkShape(
        batch: 1, steps: 1, input: 7, hidden: 6, layers: 3, isBidirectional: isBidirectional)
      let engine = try RecurrentEngine(shape.configuration(cell), seed: 1)
      #expect(
        ProductFlops(shape, cell: cell).perToken(.forward) == engine.network.flopsPerToken)
    }
  }
}
