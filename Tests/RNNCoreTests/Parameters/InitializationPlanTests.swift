import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Initialisation of a whole model")
struct InitializationPlanTests {
  private func store(
    _ cell: CellKind, _ plan: InitializationPlan? = nil, seed: UInt64 = 1
  ) throws -> ParameterStore {
    try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: 6, embedding: 3), body: .recurrent(cell, layers: 2),
        hiddenSize: 4, outputs: 5), initialization: plan, seed: seed
    ).parameters
  }

  @Test("The biases of the forget gate add up to what the cell names")
  func forgetBias() throws {
    for peephole in [false, true] {
      let store = try store(.lstm(peephole: peephole, forgetBias: 1.5))
      for layer in 0..<2 {
        let input = try store.values(of: "bias_ih_l\(layer)")
        let recurrent = try store.values(of: "bias_hh_l\(layer)")
        for unit in 0..<16 {
          let sum = input[unit] + recurrent[unit]
          #expect((sum == 1.5) == (4..<8).contains(unit))
        }
      }
    }
  }

  @Test("An IRNN starts with the identity and without biases")
  func irnn() throws {
    let store = try store(.irnn)
    let identity: [Float] = (0..<16).map { $0 % 5 == 0 ? 1 : 0 }
    for layer in 0..<2 {
      #expect(try store.values(of: "weight_hh_l\(layer)") == identity)
      let zeros = [Float](repeating: 0, count: 4)
      #expect(try store.values(of: "bias_ih_l\(layer)") == zeros)
      #expect(try store.values(of: "bias_hh_l\(layer)") == zeros)
    }
  }

  @Test("Each gate's recurrent block is orthogonal by itself", arguments: trainedCells)
  func blocks(cell: CellKind) throws {
    guard !cell.givesOutputs else { return }
    let store = try store(cell, InitializationPlan(recurrent: .orthogonal(gain: 1)))
    let weights = try store.values(of: "weight_hh_l0").map(Double.init)
    let closeness = Closeness(absolute: 1e-6, relative: 0, reason: "LAPACK's QR in Float")
    for block in 0..<weights.count / 16 {
      for row in 0..<4 {
        let vector = weights[block * 16 + row * 4..<block * 16 + row * 4 + 4]
        expectClose([vector.reduce(0) { $0 + $1 * $1 }], [1], closeness, "length of a row")
      }
    }
  }

  @Test("By default everything is within PyTorch's bounds", arguments: trainedCells)
  func bounds(cell: CellKind) throws {
    guard cell.isStackable, cell != .irnn, cell != .lstm(forgetBias: 1) else { return }
    let store = try store(cell)
    for slice in store.layout.slices where slice.role != .embedding {
      let values = try store.values(of: slice.name)
      #expect(values.allSatisfy { abs($0) <= 0.5 }, "\(slice.name)")
      #expect(Set(values).count > slice.count / 2, "\(slice.name)")
    }
  }

  @Test(
    "Within one bound is everything, embeddings and biases too, but for a forget gate's that is named",
    arguments: trainedCells)
  func everywhere(cell: CellKind) throws {
    guard cell.isStackable else { return }
    let store = try store(cell, InitializationPlan(everywhere: 0.1))
    for slice in store.layout.slices {
      let values = try store.values(of: slice.name)
      #expect(values.allSatisfy { abs($0) <= 0.1 }, "\(slice.name)")
      #expect(values.contains { abs($0) > 0.03 }, "\(slice.name)")
      #expect(Set(values).count > slice.count / 2, "\(slice.name)")
    }
    let named = try self.store(cell, InitializationPlan(forgetBias: 1, everywhere: 0.1))
    for slice in named.layout.slices {
      guard case .bias(let gate?) = slice.role else { continue }
      for (row, value) in try named.values(of: slice.name).enumerated() {
        #expect(row / 4 == gate ? value == 0.5 : abs(value) <= 0.1, "\(slice.name)")
      }
    }
  }

  @Test("The same seed gives the same bits, another seed others")
  func seeds() throws {
    #expect(try store(.lstm(), seed: 7).bits == store(.lstm(), seed: 7).bits)
    #expect(try store(.lstm(), seed: 7).bits != store(.lstm(), seed: 8).bits)
  }

  @Test("A sparse start of a Jordan network's rectangular weights is refused")
  func jordanSparse() {
    let plan = InitializationPlan(recurrent: .sparse(connections: 2, spectralRadius: 0.9))
    expectError(.unsupported, about: "sparse") {
      _ = try store(.jordan(.tanh, teacherForcing: false), plan)
    }
  }
}
