import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A plane through a model's parameters")
struct ModelSliceTests {
  private static let cells: [CellKind] = [
    .elman(.tanh), .jordan(.tanh, teacherForcing: false),
    .jordan(.tanh, teacherForcing: false, hybrid: true), .lstm(peephole: true), .gru(.after),
  ]

  private static func fixture(_ cell: CellKind) -> TrainingFixture {
    TrainingFixture(
      configuration: ModelConfiguration(
        input: .tokens(vocabulary: 5, embedding: 3), body: .recurrent(cell), hiddenSize: 4,
        outputs: 3))
  }

  private static func model(_ fixture: TrainingFixture) throws -> SequenceModel {
    let model = try SequenceModel(fixture.configuration, seed: 1)
    try model.parameters.fill(seed: 2)
    return model
  }

  @Test("The slopes in the plane are central differences of the loss", arguments: cells)
  func slopes(_ cell: CellKind) throws {
    let fixture = Self.fixture(cell)
    let model = try Self.model(fixture)
    var generator = RandomGenerator(seed: 3)
    let slice = try ModelSlice(
      model, batch: fixture.batch(seed: 4), first: model.randomDirection(using: &generator),
      second: model.randomDirection(using: &generator), reduction: .sum)
    let (u, v, probe) = (0.2, -0.3, 1e-2)
    let point = try slice.point(u, v)
    let differences = [
      try (slice.value(u + probe, v) - slice.value(u - probe, v)) / (2 * probe),
      try (slice.value(u, v + probe) - slice.value(u, v - probe)) / (2 * probe),
    ]
    expectClose(
      [point.slopeU, point.slopeV], differences,
      Closeness(
        absolute: 5e-3, relative: 2e-3,
        reason: "a loss near 10 in Float has steps of 1e-6, which the probe makes 1e-4 of; "
          + "the probe's own square, 1e-4, meets third derivatives up to 50 in the rest"), "slopes")
  }

  @Test("The origin is the model's own loss, and an element's direction moves it alone")
  func origin() throws {
    let fixture = Self.fixture(.gru(.after))
    let model = try Self.model(fixture)
    let batch = try fixture.batch(seed: 4)
    let slice = try ModelSlice(
      model, batch: batch, first: model.direction(of: "weight_hh_l0", element: 7),
      second: model.direction(of: "bias_ih_l0", element: 2))
    var state = model.zeroState(sequences: batch.layout.sequenceCount)
    let pass = model.makePass()
    #expect(try slice.value(0, 0) == model.loss(for: batch, state: &state, pass: pass).value)
    let moved = try slice.value(0.5, -0.25)
    var weights = try model.parameters.values(of: "weight_hh_l0")
    weights[7] += 0.5
    try model.parameters.set("weight_hh_l0", to: weights)
    var bias = try model.parameters.values(of: "bias_ih_l0")
    bias[2] -= 0.25
    try model.parameters.set("bias_ih_l0", to: bias)
    state = model.zeroState(sequences: batch.layout.sequenceCount)
    #expect(try moved == model.loss(for: batch, state: &state, pass: pass).value)
  }

  @Test("Grids, descents and errors leave the parameters' bits as they were", arguments: cells)
  func restores(_ cell: CellKind) throws {
    let fixture = Self.fixture(cell)
    let model = try Self.model(fixture)
    let before = model.parameters.bits
    var generator = RandomGenerator(seed: 3)
    let directions = (
      model.randomDirection(using: &generator), model.randomDirection(using: &generator)
    )
    let slice = try ModelSlice(
      model, batch: fixture.batch(seed: 4), first: directions.0, second: directions.1)
    let axis = try SurfaceAxis(-1...1, count: 3)
    let grid = try slice.grid(u: axis, v: axis)
    #expect(grid.rows.joined().allSatisfy { $0.isFinite && $0 > 0 })
    #expect(model.parameters.bits == before)
    _ = try slice.descend(
      from: (0.5, 0.5), DescentRule(rate: 0.1, steps: 3), within: (-1...1, -1...1))
    #expect(model.parameters.bits == before)
    // Without targets a forward pass succeeds and the loss throws.
    let blind = try SequenceBatch(inputs: [.tokens([0, 1, 2])])
    let broken = try ModelSlice(
      model, batch: blind, first: directions.0, second: directions.1)
    expectError(.shape, about: "targets") { _ = try broken.value(0.3, 0.3) }
    expectError(.shape, about: "targets") { _ = try broken.point(0.3, 0.3) }
    #expect(model.parameters.bits == before)
  }

  @Test("Rows of a random direction have the norms of the model's rows, biases are zero")
  func filterNormalisation() throws {
    let model = try Self.model(Self.fixture(.lstm(peephole: true)))
    var generator = RandomGenerator(seed: 5)
    let direction = model.randomDirection(using: &generator)
    for slice in model.parameters.layout.slices {
      let (own, drawn) = (
        try model.parameters.values(of: slice.name), try direction.values(of: slice.name)
      )
      if slice.name.contains("bias") {
        #expect(drawn.allSatisfy { $0 == 0 }, "\(slice.name)")
        continue
      }
      for row in 0..<slice.rows {
        let range = row * slice.columns..<(row + 1) * slice.columns
        let norms = [own, drawn].map { values in
          values[range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        // Each element is rounded to Float once.
        #expect(abs(norms[0] / norms[1] - 1) < 1e-6, "\(slice.name), row \(row)")
      }
    }
    var again = RandomGenerator(seed: 5)
    #expect(model.randomDirection(using: &again).bits == direction.bits)
  }

  @Test("Planes that are none, and elements that do not exist, are refused")
  func refusals() throws {
    let fixture = Self.fixture(.elman(.tanh))
    let model = try Self.model(fixture)
    let batch = try fixture.batch(seed: 4)
    let first = try model.direction(of: "weight_hh_l0", element: 0)
    let zero = ParameterStore(layout: model.parameters.layout)
    let other = ParameterStore(
      layout: try Self.model(Self.fixture(.gru(.after))).parameters.layout)
    expectError(.range, about: "direction") {
      _ = try ModelSlice(model, batch: batch, first: first, second: zero)
    }
    expectError(.range, about: "direction") {
      _ = try ModelSlice(model, batch: batch, first: first, second: first)
    }
    expectError(.shape, about: "direction") {
      _ = try ModelSlice(model, batch: batch, first: other, second: first)
    }
    expectError(.range, about: "weight_hh_l0[16]") {
      _ = try model.direction(of: "weight_hh_l0", element: 16)
    }
    expectError(.format) { _ = try model.direction(of: "weights", element: 0) }
    let features = try SequenceBatch(inputs: [.features([1, 2], width: 2)])
    let second = try model.direction(of: "weight_hh_l0", element: 1)
    expectError(.shape) {
      _ = try ModelSlice(model, batch: features, first: first, second: second)
    }
  }
}
