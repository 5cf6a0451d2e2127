import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// A model whose last state is read by several ways: twice by one name, in a product, and by
/// itself.
private final class Named: Model {
  typealias Batch = SequenceBatch
  let words: Embedding, reader: RecurrentNetwork, first: Linear, second: Linear, third: Linear
  let parameters: ParameterStore

  init() throws {
    var layout = ParameterLayout()
    words = Embedding(vocabulary: 2, width: 3, declaringIn: &layout)
    reader = try RecurrentNetwork(
      RecurrentConfiguration(cell: .gru(), inputSize: 3, hiddenSize: 7), declaringIn: &layout)
    first = Linear("first", input: 7, output: 1, declaringIn: &layout)
    second = Linear("second", input: 14, output: 1, declaringIn: &layout)
    third = Linear("third", input: 7, output: 1, declaringIn: &layout)
    parameters = try ParameterStore(
      layout: layout, start: InitializationPlan(everywhere: 0.5), seed: 3)
  }

  func loss(for batch: SequenceBatch, in pass: Pass) throws(RNNError) -> LossValue {
    let state = try reader.read(words(batch, in: pass).path("words")).ends()
    let twice = state.path("twice")
    let product = try third(state.path("product") * state)
    let rows = try first(twice) + second(.sideBySide(twice, state)) + product
    return try rows.loss { _, values, slope in
      slope[0] = 1
      return Double(values[0])
    }
  }
}

@Suite("Ways that have a name")
struct NamedPathTests {
  private let batch: SequenceBatch

  init() throws {
    batch = try SequenceBatch(
      [5, 9, 2].map { length in
        Example(
          input: .tokens((0..<length).map { Int32($0 * $0 % 3 % 2) }), target: .classAtEnd(0))
      })
  }

  @Test("What comes back by a name is the sum of all that read it, and of nothing else")
  func shares() throws {
    let model = try Named()
    let profile = try model.profile(for: batch)
    #expect(profile.paths.map(\.name) == ["words", "twice", "product"])
    let (first, second) = (
      try model.parameters.values(of: "first.weight"),
      try model.parameters.values(of: "second.weight")
    )
    // The same for each of three sequences.
    let sum = (0..<7).reduce(0.0) { $0 + pow(Double(first[$1]) + Double(second[$1]), 2) }
    let expected = (3 * sum).squareRoot()
    expectClose(
      [profile.path("twice")?.norm ?? .nan], [expected], .float(of: [expected]), "twice")
    let pass = model.makePass()
    try pass.begin()
    let states = try model.reader.read(model.words(batch, in: pass)).ends()
    let third = try model.parameters.values(of: "third.weight")
    let products = states.values.joined().enumerated().map { index, state in
      pow(Double(third[index % 7]) * Double(state), 2)
    }
    let product = products.reduce(0, +).squareRoot()
    expectClose(
      [profile.path("product")?.norm ?? .nan], [product], .float(of: [product]), "product")
    // By the sequences' steps.
    #expect(profile.path("words")?.steps?.byStep.count == 9)
  }

  @Test("A name changes no bit of training, where a profile watches it or not")
  func bits() throws {
    let history = try watchedTraining(on: batch) { try Named() }
    let expected = try Named().profile(for: batch)
    // The table of two words is multiplied instead of its rows, so that these have no gradient of
    // their own.
    #expect(history[0].paths.map(\.name) == ["twice", "product"])
    for path in history[0].paths {
      let other = try #require(expected.path(path.name))
      expectClose([path.norm], [other.norm], .float(of: [other.norm]), path.name)
    }
  }
}
