import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("What the recurrent weights bound")
struct RecurrentBoundsTests {
  private static let closeness = Closeness(
    absolute: 1e-12, relative: 1e-12, reason: "Double decompositions of matrices of order one")

  private func bounds(
    _ cell: CellKind, hidden: Int, output: Int? = nil, feedback: FeedbackActivation = .identity,
    _ values: [String: [Float]]
  ) throws -> RecurrentBounds {
    let (network, parameters) = try plainNetwork(
      cell, hidden: hidden, output: output, feedback: feedback, values)
    return try RecurrentBounds(network, parameters: parameters)
  }

  @Test("Pascanu's conditions turn where σ₁ passes 1/γ")
  func conditions() throws {
    let known: [(cell: CellKind, scale: Float, vanishes: Bool, explodes: Bool)] = [
      (.elman(.tanh), 0.5, true, false), (.elman(.tanh), 1, false, false),
      (.elman(.tanh), 2, false, true), (.elman(.relu), 0.5, true, false), (.irnn, 2, false, true),
      (.elman(.sigmoid), 2, true, false), (.elman(.sigmoid), 4, false, false),
      (.elman(.sigmoid), 8, false, true),
    ]
    for (cell, scale, vanishes, explodes) in known {
      let bounds = try bounds(cell, hidden: 2, ["weight_hh": [scale, 0, 0, scale / 4]])
      let block = try #require(bounds.blocks.first)
      #expect(bounds.blocks.count == 1 && block.gate == .hidden)
      expectClose([block.largestSingularValue], [Double(scale)], Self.closeness, "σ₁")
      #expect(block.mustVanish == vanishes, "\(cell) at \(scale)")
      #expect(block.mayExplode == explodes, "\(cell) at \(scale)")
    }
  }

  @Test("A nilpotent matrix has a large singular value and no radius")
  func nilpotent() throws {
    let block = try #require(
      try bounds(.elman(.tanh), hidden: 2, ["weight_hh": [0, 3, 0, 0]])[.hidden])
    expectClose([block.largestSingularValue], [3], Self.closeness, "σ₁")
    expectClose([block.spectralRadius], [0], Self.closeness, "radius")
    #expect(block.mayExplode)
  }

  @Test("Each gate has a block of its own, in the order of the weights")
  func gates() throws {
    let known: [(CellKind, [Gate])] = [
      (.lstm(), [.input, .forget, .candidate, .output]),
      (.lstm(peephole: true, coupled: true), [.input, .candidate, .output]),
      (.gru(.after), [.reset, .update, .candidate]),
      (.gru(.before), [.reset, .update, .candidate]),
    ]
    for (cell, gates) in known {
      let u: [Float] = gates.indices.flatMap { index -> [Float] in [Float(index + 1), 0, 0, 0.5] }
      let bounds = try bounds(cell, hidden: 2, ["weight_hh": u])
      #expect(bounds.blocks.map(\.gate) == gates)
      expectClose(
        bounds.blocks.map(\.largestSingularValue), gates.indices.map { Double($0 + 1) },
        Self.closeness, "σ₁ of \(cell)")
      #expect(bounds.blocks.allSatisfy { $0.slope == ($0.gate == .candidate ? 1 : 0.25) })
      #expect(bounds[.hidden] == nil)
    }
  }

  @Test("A Jordan cell's way round goes through V and the output's function")
  func jordan() throws {
    let known: [(FeedbackActivation, Double)] = [
      (.identity, 1), (.tanh, 1), (.sigmoid, 0.25), (.softmax, 0.5),
    ]
    for (feedback, slope) in known {
      let bounds = try bounds(
        .jordan(.sigmoid, teacherForcing: false), hidden: 3, output: 2, feedback: feedback,
        ["weight_hh": [2, 0, 0, 1, 0, 0], "weight_ho": [0, 3, 0, 5, 0, 0]])
      let block = try #require(bounds[.hidden])
      expectClose([block.largestSingularValue], [2], Self.closeness, "σ₁(U)")
      expectClose([block.feedback], [5 * slope], Self.closeness, "‖∂y/∂h‖")
      expectClose([block.bound], [2.5 * slope], Self.closeness, "bound")
      // V U = [[0, 3], [10, 0]]
      let radius = Double(30).squareRoot()
      expectClose([block.spectralRadius], [radius], Self.closeness, "radius of V U")
    }
  }

  @Test("A hybrid's way round goes through h beside its output")
  func hybrid() throws {
    let bounds = try bounds(
      .jordan(.tanh, teacherForcing: false, hybrid: true), hidden: 2, output: 1,
      feedback: .sigmoid, ["weight_hh": [3, 0, 0, 0, 0, 2], "weight_ho": [0, 12]])
    let block = try #require(bounds[.hidden])
    expectClose([block.largestSingularValue], [3], Self.closeness, "σ₁([U | V])")
    expectClose([block.feedback], [Double(10).squareRoot()], Self.closeness, "‖∂(h, y)/∂h‖")
    // U + V R = [[3, 0], [0, 24]]
    expectClose([block.spectralRadius], [24], Self.closeness, "radius of U + V R")
  }

  @Test(
    "No Jacobian of an Elman or Jordan cell is longer than the bound",
    arguments: OracleCell.all.filter { $0.gateCount == 1 })
  func noJacobianIsLonger(_ cell: OracleCell) throws {
    var closest = 0.0
    for seed in 101...110 {
      let mapCase = try MapCase(
        OracleNetwork(cell: cell, input: 3, hidden: 5, output: cell.isJordan ? 7 : 0),
        seed: UInt64(seed))
      let bounds = try RecurrentBounds(mapCase.engine, parameters: mapCase.parameters)
      let jacobian = try mapCase.map()
        .linearized(state: mapCase.state, input: mapCase.input).jacobian
      let norm = try jacobian.singularValues()[0]
      let bound = try #require(bounds[.hidden]).bound
      #expect(norm <= bound * (1 + 1e-12), "rounding only may pass it")
      closest = max(closest, norm / bound)
    }
    #expect(closest > 0.05, "the bound is not idle")
  }

  @Test("A layer that is not there has no bounds")
  func errors() throws {
    let (network, parameters) = try plainNetwork(.irnn, hidden: 2, [:])
    expectError(.range, about: "layer") {
      _ = try RecurrentBounds(network, layer: 1, parameters: parameters)
    }
  }
}
