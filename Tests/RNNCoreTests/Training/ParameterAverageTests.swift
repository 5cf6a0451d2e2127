import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Averaged parameters")
struct ParameterAverageTests {
  private static let closeness = Closeness(
    absolute: 5e-6, relative: 5e-6,
    reason: "each update rounds the average by 6e-8 of its size, which is a few units, and forgets "
      + "earlier roundings as it forgets parameters")

  private static let configuration = ModelConfiguration(
    input: .tokens(vocabulary: 11, embedding: 5), body: .recurrent(.lstm(), layers: 2),
    hiddenSize: 7, outputs: 4)

  private static func trainer(
    averaging: Float?, threads: Int = 1, normalizesEmbedding: Bool = false
  ) throws -> Trainer<SequenceModel> {
    try Trainer(
      SequenceModel(configuration, seed: 4, team: ThreadTeam(count: threads, cores: threads)),
      rate: 0.05, averaging: averaging, normalizesEmbedding: normalizesEmbedding)
  }

  private static func batch() throws -> SequenceBatch {
    try ModelCase(name: "", configuration: configuration).batch()
  }

  /// Σ β^{t−s} θ_s / Σ β^{t−s}
  private func closedForm(_ history: [[Float]], _ decay: Float) -> [Double] {
    let factors = history.indices.map { pow(Double(decay), Double(history.count - 1 - $0)) }
    let total = factors.reduce(0, +)
    return history[0].indices.map { index in
      zip(history, factors).reduce(0) { $0 + Double($1.0[index]) * $1.1 } / total
    }
  }

  @Test(
    "The average is the weighted mean of all parameters so far, from the first update on",
    arguments: [0.1, 0.5, 0.9, 0.999, 0.99999] as [Float], [1, 3])
  func closedForm(decay: Float, threads: Int) throws {
    var layout = ParameterLayout()
    // Above what one thread takes, and no multiple of a vector.
    let slice = layout.add("w", layer: "w", rows: 91, columns: 93, role: .inputWeight)
    let (parameters, team) = (
      ParameterStore(layout: layout), try ThreadTeam(count: threads, cores: threads)
    )
    let average = try ParameterAverage(decay: decay, layout: layout)
    var generator = RandomGenerator(seed: 5)
    var history: [[Float]] = []
    for step in 1...60 {
      history.append((0..<slice.count).map { _ in Float(step) / 30 + generator.normal() })
      try parameters.set("w", to: history[step - 1])
      average.add(parameters, team: team)
      guard [1, 2, 3, 60].contains(step) else { continue }
      let own = try average.store.values(of: "w")
      if step == 1 { #expect(own == history[0]) }
      expectClose(
        own.map { Double($0) }, closedForm(history, decay), Self.closeness, "step \(step)")
    }
  }

  @Test("A trainer's average follows each update, unit embeddings included", arguments: [1, 2])
  func trainer(threads: Int) throws {
    let plain = try Self.trainer(averaging: nil, threads: threads, normalizesEmbedding: true)
    let averaging = try Self.trainer(averaging: 0.8, threads: threads, normalizesEmbedding: true)
    #expect(plain.averaged == nil && averaging.averaged == nil)
    var history: [[Float]] = []
    for _ in 0..<7 {
      let batch = try Self.batch()
      #expect(try plain.step(batch) == averaging.step(batch))
      history.append(plain.model.parameters.withUnsafeMutableValues { Array($0) })
    }
    #expect(averaging.model.parameters.bits == plain.model.parameters.bits)
    let own = try #require(averaging.averaged).withUnsafeMutableValues { $0.map { Double($0) } }
    expectClose(own, closedForm(history, 0.8), Self.closeness, "the average")
    #expect(plain.averaged == nil)
  }

  @Test("A step that does not update does not count")
  func skippedStep() throws {
    let configuration = ModelConfiguration(
      input: .features(width: 1), body: .feedForward(.identity), hiddenSize: 2, outputs: 1,
      loss: .meanSquaredError)
    let trainer = try Trainer(
      SequenceModel(configuration, seed: 1), rate: 0.1, averaging: 0.9, nonFinite: .skip)
    func step(_ value: Float) throws -> StepReport {
      try trainer.step(
        SequenceBatch([Example(input: .features([value], width: 1), target: .valuesPerStep([1]))]))
    }
    #expect(try step(1).didUpdate)
    let before = try #require(trainer.averaged).bits
    #expect(try !step(3e38).didUpdate)
    #expect(trainer.averaged?.bits == before && trainer.updater.average?.updates == 1)
  }

  @Test("Evaluation with the average sees it, and leaves every bit as it was")
  func evaluation() throws {
    let (trainer, batch) = (try Self.trainer(averaging: 0.9), try Self.batch())
    for _ in 0..<4 { try trainer.step(batch) }
    let model = trainer.model
    let pass = model.makePass()
    func loss() throws(RNNError) -> Double {
      var state = model.zeroState(sequences: 4)
      return try model.loss(for: batch, state: &state, pass: pass).value
    }
    let (bits, own) = (model.parameters.bits, try loss())
    let average = try #require(trainer.averaged).bits

    let other = try SequenceModel(Self.configuration, seed: 9, team: ThreadTeam(count: 1))
    try other.parameters.copy(from: #require(trainer.averaged))
    var state = other.zeroState(sequences: 4)
    let expected = try other.loss(for: batch, state: &state, pass: other.makePass()).value
    let found = try trainer.withAveragedParameters {
      let outer = try loss()
      // Once more within changes nothing.
      #expect(try trainer.withAveragedParameters { try loss() } == outer)
      #expect(trainer.averaged?.bits == average)
      return try loss()
    }
    #expect(found == expected && found != own)
    #expect(model.parameters.bits == bits && trainer.averaged?.bits == average)
    #expect(try loss() == own)
  }

  @Test("What is thrown within is thrown on, with the parameters back in place")
  func errors() throws {
    struct Failure: Error {}
    let (trainer, batch) = (try Self.trainer(averaging: 0.9), try Self.batch())
    for _ in 0..<2 { try trainer.step(batch) }
    let bits = trainer.model.parameters.bits
    #expect(throws: Failure.self) {
      try trainer.withAveragedParameters { () throws(Failure) -> Void in
        trainer.model.parameters.setToZero()
        throw Failure()
      }
    }
    #expect(trainer.model.parameters.bits == bits)
    expectError(.unsupported, about: "training step") {
      try trainer.withAveragedParameters { _ = try trainer.step(batch) }
    }
    #expect(trainer.model.parameters.bits == bits)
    #expect(try trainer.step(batch).didUpdate)
  }

  @Test("Without an average the model's own parameters are seen")
  func nothingToShow() throws {
    for averaging in [nil, 0.5] as [Float?] {
      let trainer = try Self.trainer(averaging: averaging)
      let bits = trainer.model.parameters.bits
      #expect(trainer.withAveragedParameters { trainer.model.parameters.bits } == bits)
    }
  }

  @Test("An average that was kept goes on with the same bits")
  func restored() throws {
    let (whole, batch) = (try Self.trainer(averaging: 0.7), try Self.batch())
    for _ in 0..<3 { try whole.step(batch) }
    let kept = try #require(whole.updater.average)
    let layout = whole.model.parameters.layout
    let other = try ParameterAverage(decay: kept.decay, layout: layout)
    try other.restore(kept.store, updates: kept.updates)
    try whole.step(batch)
    other.add(whole.model.parameters, team: whole.model.team)
    #expect(other.store.bits == kept.store.bits && other.updates == 4)
    expectError(.range, about: "updates") { try other.restore(kept.store, updates: -1) }
    expectError(.shape) {
      try other.restore(ParameterStore(layout: ParameterLayout()), updates: 1)
    }
    #expect(other.updates == 4)
  }

  @Test(
    "A decay outside (0, 1) is refused", arguments: [0, 1, -0.5, 1.5, .nan, .infinity] as [Float])
  func decays(_ decay: Float) {
    expectError(.range, about: "averaging") { _ = try Self.trainer(averaging: decay) }
  }
}
