import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// A model of every layer: shared and used several times, read by several others, with several
/// losses.
private final class Everything: Model {
  struct Batch: ModelBatch {
    var (first, second): (SequenceBatch, SequenceBatch)
    var count: Int { first.count }
    var tokenCount: Int { first.tokenCount + second.tokenCount }
  }

  let words: Embedding, window: ContextWindow, drop: Dropout
  let reader: RecurrentNetwork, second: RecurrentNetwork
  let focus: AttentionPooling, look: Attention, hidden: Linear, tags: Linear, score: Linear
  let parameters: ParameterStore
  let team: ThreadTeam

  init(_ score: AttentionScore, dropout: Float = 0, team: ThreadTeam) throws {
    self.team = team
    var layout = ParameterLayout()
    words = Embedding(vocabulary: 9, width: 3, declaringIn: &layout)
    window = try ContextWindow(size: 3, side: .both)
    drop = try Dropout(rate: dropout)
    reader = try RecurrentNetwork(
      RecurrentConfiguration(
        cell: .lstm(), inputSize: 3, hiddenSize: 4, layers: 2, directions: .concatenated,
        interLayerDropout: dropout),
      prefix: "reader.", declaringIn: &layout)
    second = try RecurrentNetwork(
      RecurrentConfiguration(cell: .gru(), inputSize: 24, hiddenSize: 8), prefix: "second.",
      declaringIn: &layout)
    focus = AttentionPooling(width: 8, size: 5, prefix: "focus.", declaringIn: &layout)
    look = try Attention(score, query: 8, key: 8, declaringIn: &layout)
    hidden = Linear("hidden", input: 16, output: 8, activation: .tanh, declaringIn: &layout)
    tags = Linear("tags", input: 8, output: 4, declaringIn: &layout)
    self.score = Linear("score", input: 8, output: 2, declaringIn: &layout)
    parameters = try ParameterStore(
      layout: layout, start: InitializationPlan(everywhere: 0.5), seed: 3)
  }

  func loss(for batch: Batch, in pass: Pass) throws(RNNError) -> LossValue {
    let (joint, z) = try answers(batch, in: pass)
    let own = try z.loss { row, z, slope in
      slope[0] = 2 * z[0] * Float(row + 1)
      slope[1] = -z[0]
      slope[0] -= z[1]
      return Double(z[0] * z[0]) * Double(row + 1) - Double(z[0] * z[1])
    }
    return try tags(joint).loss(.softmaxCrossEntropy, of: batch.first, reduction: .sum) + own
  }

  func answers(_ batch: Batch, in pass: Pass) throws(RNNError) -> (joint: Rows, z: Rows) {
    let one = try reader.read(drop(words(batch.first, in: pass)))
    let two = try reader.read(drop(words(batch.second, in: pass)))
    let deep = try second(window(drop(one.outputs)))
    let contexts = try look(deep, over: two.outputs)
    let joint = try hidden(.sideBySide(contexts, deep))
    let whole = try focus(two.outputs) * one.ends() + joint.lastSteps() + joint.means()
    let asked = try look(whole, over: joint)
    return (joint, try score(asked + whole.path("own")))
  }
}

/// A model whose losses judge what layers still need on their way back: activated rows, states and
/// rows of other losses.
private final class Judged: Model {
  typealias Batch = Everything.Batch
  let words: Embedding, reader: RecurrentNetwork, bent: Linear
  let parameters: ParameterStore
  let team: ThreadTeam

  init(team: ThreadTeam) throws {
    self.team = team
    var layout = ParameterLayout()
    words = Embedding(vocabulary: 9, width: 3, declaringIn: &layout)
    reader = try RecurrentNetwork(
      RecurrentConfiguration(cell: .elman(.tanh), inputSize: 3, hiddenSize: 4),
      prefix: "reader.", declaringIn: &layout)
    bent = Linear("bent", input: 4, output: 4, activation: .tanh, declaringIn: &layout)
    parameters = try ParameterStore(
      layout: layout, start: InitializationPlan(everywhere: 0.5), seed: 3)
  }

  func loss(for batch: Batch, in pass: Pass) throws(RNNError) -> LossValue {
    let read = try reader.read(words(batch.first, in: pass))
    let rows = try bent(read.outputs)
    let ends = try read.ends()
    let classes = (0..<Int32(rows.count)).map { $0 % 4 }
    let both = try rows.loss(.softmaxCrossEntropy, of: batch.first) + rows.crossEntropy(classes)
    let states = try read.outputs.loss(.softmaxCrossEntropy, of: batch.first, reduction: .sum)
    return try both + states + ends.loss(.meanSquaredError, of: batch.second)
      + bent(ends * rows.lastSteps()).crossEntropy([3, 0, 2])
  }
}

@Suite("A pass")
struct PassTests {
  private static func batch(_ lengths: [Int] = [4, 1, 3], seed: UInt64 = 5) throws
    -> Everything.Batch
  {
    var random = RandomGenerator(seed: seed)
    func sequences(_ lengths: [Int]) throws -> SequenceBatch {
      try SequenceBatch(
        lengths.map { length in
          Example(
            input: .tokens((0..<length).map { _ in Int32(random.integer(below: 9)) }),
            target: .classPerStep((0..<length).map { _ in Int32(random.integer(below: 4)) }))
        })
    }
    return Everything.Batch(
      first: try sequences(lengths), second: try sequences(lengths.map { $0 % 3 + 1 }))
  }

  private static func gradient<Case: Model>(
    _ model: Case, _ batch: Everything.Batch, pass: Pass? = nil,
    dropout: UInt64? = nil
  ) throws -> (loss: Double, values: [Float]) where Case.Batch == Everything.Batch {
    let gradients = ParameterStore(layout: model.parameters.layout)
    var random = dropout.map { RandomGenerator(seed: $0) }
    let loss = try model.addGradient(
      for: batch, pass: pass ?? model.makePass(), dropout: &random, to: gradients)
    return (loss.value, gradients.withUnsafeMutableValues { Array($0) })
  }

  @Test(
    "gives the slopes of the loss for all layers, however often a value or a layer is used",
    arguments: AttentionScore.allCases)
  func slopes(_ score: AttentionScore) throws {
    let model = try Everything(score, team: ThreadTeam(count: 2))
    let batch = try Self.batch()
    try Self.expectSlopes(model, batch)
  }

  @Test("gives the slopes of losses of activated rows, of states, and of the same rows twice")
  func slopesOfLosses() throws {
    var batch = try Self.batch()
    batch.second = try SequenceBatch(
      [4, 1, 3].map { length in
        Example(
          input: .tokens(Array(repeating: 1, count: length)),
          target: .valuesAtEnd([0.5, Float(length), -1, 0]))
      })
    try Self.expectSlopes(Judged(team: ThreadTeam(count: 2)), batch)
  }

  /// Holds each parameter's gradient against differences of the loss.
  private static func expectSlopes<Case: Model>(_ model: Case, _ batch: Everything.Batch)
    throws where Case.Batch == Everything.Batch
  {
    let (loss, gradient) = try Self.gradient(model, batch)
    let pass = model.makePass()
    #expect(try model.loss(for: batch, pass: pass).value == loss)
    let step: Float = 1 / 128
    for slice in model.parameters.layout.slices {
      let values = try model.parameters.values(of: slice.name)
      for index in Set([0, slice.count / 2, slice.count - 1]) {
        func moved(_ change: Float) throws -> Double {
          var other = values
          other[index] += change
          try model.parameters.set(slice.name, to: other)
          return try model.loss(for: batch, pass: pass).value
        }
        // Of fourth order: the error of the difference lies below that of Float sums.
        let slope =
          try (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step)))
          / Double(12 * step)
        expectClose(
          [Double(gradient[slice.offset + index])], [slope],
          Closeness(
            absolute: 8e-4, relative: 2e-4,
            reason:
              "losses of size 10 rounded to 1e-6, eight of them divided by twelve steps of 1/128"),
          "\(slice.name)[\(index)]")
      }
      try model.parameters.set(slice.name, to: values)
    }
  }

  @Test(
    "gives the same bits when it is used again, after larger and smaller batches, and on more threads"
  )
  func reuse() throws {
    let model = try Everything(.concat, dropout: 0.3, team: ThreadTeam(count: 1))
    let batch = try Self.batch()
    let fresh = try Self.gradient(model, batch, dropout: 1)
    let pass = model.makePass()
    for lengths in [[7, 7, 2, 5, 1], [1], [4, 1, 3]] {
      _ = try Self.gradient(model, Self.batch(lengths, seed: 9), pass: pass, dropout: 2)
      let again = try Self.gradient(model, batch, pass: pass, dropout: 1)
      #expect(again.loss == fresh.loss && again.values == fresh.values)
    }
    let parallel = try Everything(.concat, dropout: 0.3, team: ThreadTeam(count: 3, cores: 3))
    let other = try Self.gradient(parallel, batch, dropout: 1)
    #expect(abs(other.loss - fresh.loss) < 1e-5)
  }

  @Test("tells who follows it what is final", arguments: AttentionScore.allCases)
  func follower(_ score: AttentionScore) throws {
    let batch = try Self.batch()
    let model = try Everything(score, dropout: 0.3, team: ThreadTeam(count: 2))
    #expect(try followedGradient(model, batch).count > 4)
  }

  @Test("can be dropped half-way, and be under way beside another")
  func outstanding() throws {
    let model = try Everything(.dot, team: ThreadTeam(count: 1))
    let (batch, other) = (try Self.batch(), try Self.batch([2, 6], seed: 8))
    let expected = try Self.gradient(model, batch)
    let (first, second) = (model.makePass(), model.makePass())
    let (a, b) = (
      ParameterStore(layout: model.parameters.layout),
      ParameterStore(layout: model.parameters.layout)
    )
    try first.begin(gradients: a)
    _ = try model.loss(for: batch, in: first)
    try second.begin(gradients: b)
    _ = try model.loss(for: other, in: second)
    try first.backward()
    #expect(a.withUnsafeMutableValues { Array($0) } == expected.values)
    #expect(b.withUnsafeMutableValues { $0.allSatisfy { $0 == 0 } })
    // The second one is dropped.
    try second.begin(gradients: b)
    _ = try model.loss(for: batch, in: second)
    try second.backward()
    #expect(b.withUnsafeMutableValues { Array($0) } == expected.values)
  }

  @Test(
    "is profiled, whatever the model: all networks, parameters and ways, and nothing stays behind")
  func profile() throws {
    let team = try ThreadTeam(count: 2)
    let (model, batch) = (try Everything(.concat, team: team), try Self.batch())
    let pass = model.makePass()
    let before = try Self.gradient(model, batch, pass: pass)
    let profile = try model.profile(for: batch, pass: pass)
    #expect(
      profile.layers.map(\.name) == ["reader", "reader"].flatMap { reader in
        ["l0", "l0_reverse", "l1", "l1_reverse"].map { "\(reader).\($0)" }
      }.enumerated().map { $0 < 4 ? $1 : "\($1)#2" } + ["second.l0"])
    #expect(
      profile.paths.map(\.name) == [
        "attention", "attention.query", "focus.attention", "attention#2", "attention.query#2",
        "own",
      ])
    #expect(profile.layers.allSatisfy { $0.memory.byStep.allSatisfy { $0 > 0 } })
    #expect(profile.paths.allSatisfy { $0.norm > 0 })
    // dE/d(whole) by way of the score alone is the slope of z times the score's weights.
    try pass.begin()
    let weights = try model.parameters.values(of: "score.weight").map(Double.init)
    let (_, z) = try model.answers(batch, in: pass)
    let squares = z.values.enumerated().map { row, z in
      let slope = (
        2 * Double(z[0]) * Double(row + 1) - Double(z[1]), -Double(z[0])
      )
      return (0..<8).reduce(0.0) {
        $0 + pow(slope.0 * weights[$1] + slope.1 * weights[8 + $1], 2)
      }
    }
    let expected = squares.reduce(0, +).squareRoot()
    expectClose([profile.path("own")?.norm ?? 0], [expected], .float(of: [expected]), "own")
    let gradients = ParameterStore(layout: model.parameters.layout)
    try model.addGradient(for: batch, pass: pass, to: gradients)
    for parameter in profile.parameters {
      let norm = try gradients.values(of: parameter.name)
        .reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      expectClose([parameter.gradientNorm], [norm], .float(of: [norm]), parameter.name)
    }
    #expect(try Self.gradient(model, batch, pass: pass) == before)
  }

  @Test("makes the same bits in training, where a profiler watches it or not", arguments: [0, 0.3])
  func watched(_ dropout: Float) throws {
    let history = try watchedTraining(on: Self.batch()) {
      try Everything(.concat, dropout: dropout, team: ThreadTeam(count: 2))
    }
    #expect(history[0].paths.count == 6 && history[0].layers.count == 9)
  }

  @Test("refuses what it cannot do, by name")
  func refusals() throws {
    let model = try Everything(.dot, team: ThreadTeam(count: 1))
    let batch = try Self.batch()
    let pass = model.makePass()
    func expect(_ kind: RNNError.Kind, _ body: () throws -> Void) {
      #expect(performing: body, throws: { ($0 as? RNNError)?.kind == kind })
    }
    expect(.unsupported) { try pass.backward() }
    try pass.begin()
    let rows = try model.words(batch.first, in: pass)
    expect(.unsupported) { try pass.backward() }
    expect(.shape) { _ = try model.tags(rows) }
    expect(.shape) { _ = try model.second(rows) }
    expect(.shape) { _ = try rows + model.reader(rows) }
    expect(.shape) { _ = try rows.crossEntropy([0]) }
    expect(.shape) { _ = try rows.standing(for: .byRank(batch.first.layout)) }
    #expect(try rows.standing(for: .examples).count == rows.count)
    expect(.shape) { _ = try rows.loss(.meanSquaredError, of: batch.first) }
    expect(.shape) { _ = try rows.loss(.softmaxCrossEntropy, of: batch.second) }
    expect(.shape) { _ = try model.reader(rows.lastSteps()) }
    expect(.shape) { _ = try model.look(model.reader(rows), over: rows) }
    let another = model.makePass()
    try another.begin()
    expect(.unsupported) { _ = try rows + model.words(batch.first, in: another) }
    try pass.begin()
    expect(.unsupported) { _ = try model.reader(rows) }
    expect(.vocabulary) {
      _ = try model.words(SequenceBatch(inputs: [.tokens([9])]), in: pass)
    }
    expect(.shape) {
      _ = try model.words(SequenceBatch(inputs: [.features([1], width: 1)]), in: pass)
    }
    expect(.shape) {
      try pass.begin(gradients: ParameterStore(layout: ParameterLayout()))
    }
    expect(.unsupported) {
      _ = try model.loss(for: batch, pass: Pass(ParameterStore(layout: model.parameters.layout)))
    }
  }

  @Test("is gone when nobody holds it")
  func memory() throws {
    let model = try Everything(.dot, team: ThreadTeam(count: 1))
    weak var pass: Pass?
    do {
      let own = model.makePass()
      pass = own
      _ = try Self.gradient(model, Self.batch(), pass: own)
    }
    #expect(pass == nil)
  }

  @Test(
    "of the models is gone as well, whatever was done with it", arguments: AttentionFeeding.allCases
  )
  func memoryOfModels(_ feeding: AttentionFeeding) throws {
    weak var pairs: EncoderDecoderPass?
    weak var sequences: ModelPass?
    do {
      let model = try EncoderDecoder(
        EncoderDecoderConfiguration(
          source: .tokens(vocabulary: 5, embedding: 3), targetVocabulary: 6, targetEmbedding: 3,
          cell: .gru(), hiddenSize: 4, attention: .general, start: 4, end: 5, feeding: feeding),
        seed: 1)
      let batch = try PairBatch(
        [SequencePair(source: .tokens([1, 2]), target: [3])], for: model.configuration)
      let pass = model.makePass()
      pairs = pass
      _ = try model.profile(for: batch, pass: pass)
      _ = try model.decode([.tokens([1])], search: BeamSearch(width: 2, mostTokens: 3), pass: pass)
      let modelCase = ModelCase.all[0]
      let trainer = try Trainer(SequenceModel(modelCase.configuration, seed: 1), rate: 0.1)
      try trainer.step(modelCase.batch())
      sequences = trainer.pass
    }
    #expect(pairs == nil && sequences == nil)
  }
}
