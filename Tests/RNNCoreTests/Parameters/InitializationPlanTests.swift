import Foundation
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
    guard !cell.givesOutputs, cell.hasRecurrentProduct else { return }
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
    for slice in store.layout.slices where slice.role != .embedding && slice.start == nil {
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
    for slice in store.layout.slices where slice.start == nil {
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

  @Test("Gates of the input alone start where their option says, whatever the plan")
  func gateStarts() throws {
    for (cell, expected) in [
      (CellKind.minGRU(forgetBias: 2), [-2, nil]), (.minLSTM(forgetBias: 1), [1, -1, nil]),
    ] as [(CellKind, [Float?])] {
      for plan in [InitializationPlan(), InitializationPlan(bias: nil, everywhere: 0.1)] {
        let store = try store(cell, plan)
        let values = try store.values(of: "bias_ih_l0")
        for (gate, value) in expected.enumerated() {
          let block = values[gate * 4..<(gate + 1) * 4]
          #expect(block.allSatisfy { $0 == value } == (value != nil), "\(cell)")
        }
      }
    }
  }

  @Test("A chrono start spreads the times that units keep over all up to its own")
  func chrono() throws {
    var layout = ParameterLayout()
    _ = try RecurrentNetwork(
      RecurrentConfiguration(cell: .lstm(chrono: 200), inputSize: 2, hiddenSize: 400),
      declaringIn: &layout)
    let store = ParameterStore(layout: layout)
    try InitializationPlan(forgetBias: 7).fill(store, seed: 5)
    let sums = zip(try store.values(of: "bias_ih_l0"), try store.values(of: "bias_hh_l0"))
      .map { Double($0) + Double($1) }
    let times = sums[400..<800].map { exp($0) }
    #expect(times.allSatisfy { (1 - 1e-4...199 + 1e-2).contains($0) })
    #expect(zip(sums[..<400], sums[400..<800]).allSatisfy { $0 == -$1 })
    // The mean of a uniform distribution, to five deviations.
    let mean = times.reduce(0, +) / 400
    let deviation = 198 / 12.0.squareRoot() / 400.0.squareRoot()
    #expect(abs(mean - 100) < 5 * deviation)
    #expect(sums[800...].allSatisfy { abs($0) <= 0.1 + 1e-6 })
  }

  @Test("An LRU starts on its ring, with states as large as their inputs, whatever the plan")
  func ring() throws {
    let ring = LRU.Ring(inner: 0.6, outer: 0.9, angle: 0.5)
    func store(seed: UInt64, _ plan: InitializationPlan = InitializationPlan()) throws
      -> ParameterStore
    {
      var layout = ParameterLayout()
      _ = try RecurrentNetwork(
        RecurrentConfiguration(cell: CellKind(LRU(ring: ring)), inputSize: 50, hiddenSize: 400),
        declaringIn: &layout)
      let store = ParameterStore(layout: layout)
      try plan.fill(store, seed: seed)
      return store
    }
    let started = try store(seed: 3)
    func values(_ name: String) throws -> [Double] {
      try started.values(of: "\(name)_l0").map { Double($0) }
    }
    let radii = try values("nu_log").map { exp(-exp($0)) }
    let angles = try values("theta_log").map { exp($0) }
    #expect(radii.count == 200 && radii.allSatisfy { (0.6 - 1e-6...0.9 + 1e-6).contains($0) })
    #expect(angles.allSatisfy { (0...0.5 + 1e-6).contains($0) })
    // Uniform on the ring's area: the mean square is that of both radii, to five deviations of a
    // mean.
    let square = radii.reduce(0) { $0 + $1 * $1 } / 200
    #expect(abs(square - (0.36 + 0.81) / 2) < 5 * 0.45 / 12.0.squareRoot() / 200.0.squareRoot())
    for (radius, gamma) in zip(radii, try values("gamma_log")) {
      #expect(abs(exp(gamma) - (1 - radius * radius).squareRoot()) < 1e-6)
    }
    func variance(_ values: some Collection<Double>) -> Double {
      values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    }
    let weights = try values("weight_ih")
    // Of 20,000 normal numbers: one percent is the deviation of the variance's estimate.
    #expect(abs(variance(weights[..<20_000]) * 100 - 1) < 0.05)
    #expect(abs(variance(weights[20_000...]) * 50 - 1) < 0.05)
    #expect(abs(variance(try values("weight_ho")) * 200 - 1) < 0.05)
    #expect(try store(seed: 3, InitializationPlan(everywhere: 0.1)).bits == started.bits)
    #expect(try store(seed: 4).bits != started.bits)
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
