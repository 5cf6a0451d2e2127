import RNNCore
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite struct BenchmarkShapeTests {
  @Test func `lengths are drawn within their ends, by the seed`() throws {
    let shape = BenchmarkShape(batch: 200, steps: 12, input: 2, hidden: 2, lengths: 5...9)
    let lengths = try shape.makeLayout(seed: 3).lengths
    // 200 draws from five lengths miss one of them with probability 5 · 0.8^200, about 1e-19.
    #expect(Set(lengths) == [5, 6, 7, 8, 9])
    #expect(try shape.makeLayout(seed: 3).lengths == lengths)
    #expect(try shape.makeLayout(seed: 4).lengths != lengths)
  }

  @Test func `without lengths all sequences have all steps`() throws {
    let shape = BenchmarkShape(batch: 3, steps: 12, input: 2, hidden: 2)
    #expect(try shape.makeLayout(seed: 1).lengths == [12, 12, 12])
  }

  @Test(arguments: ShapePreset.allCases)
  func `every preset has valid shapes with names of their own`(preset: ShapePreset) throws {
    let shapes = preset.shapes
    #expect(!shapes.isEmpty)
    #expect(Set(shapes.map(\.name)).count == shapes.count)
    for shape in shapes {
      for cell in shape.cell.map({ [$0] }) ?? [.lstm(), .gru(), .elman(.tanh)] {
        try shape.configuration(cell).validate()
        #expect(shape.estimatedBytes(cell) < 8 * 0x1p30, "\(shape.name) \(cell)")
      }
      let layout = try shape.makeLayout(seed: 1)
      #expect(layout.sequenceCount == shape.batch && layout.stepCount <= shape.steps)
    }
  }

  @Test func `the presets hold what their sources list`() {
    #expect(ShapePreset.table.shapes.count == 7)
    // 12 vanilla, 16 + 3 + 3 LSTM and 16 + 2 + 1 GRU shapes.
    #expect(ShapePreset.deepbench.shapes.count == 53)
    #expect(ShapePreset.published.shapes.contains { $0.lengths == 500...1000 })
    #expect(ShapePreset.onednn.shapes.contains { $0.isBidirectional })
  }
}
