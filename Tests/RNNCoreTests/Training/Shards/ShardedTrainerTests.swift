import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A trainer that divides batches")
struct ShardedTrainerTests {
  static let model = ModelConfiguration(
    input: .tokens(vocabulary: 11, embedding: 5),
    body: .recurrent(.lstm(), layers: 2), hiddenSize: 17, outputs: 4, dropout: 0.3,
    recurrentDropout: 0.2)

  @Test("comes to the same bits with any number of ranks and threads")
  func sameBits() throws {
    let expected = try #require(try Self.train(ranks: 1, threads: 1).first)
    for (ranks, threads) in [(1, 2), (1, 3), (2, 1), (2, 2), (3, 1), (4, 2), (5, 1)] {
      for found in try Self.train(ranks: ranks, threads: threads) {
        #expect(found == expected, "\(ranks) ranks of \(threads) threads")
      }
    }
    #expect(Set(expected.losses.map(\.isFinite)) == [true])
  }

  @Test("exchanges what is final beside the rest of BPTT, and comes to the same bits")
  func background() throws {
    let expected = try #require(try Self.train(ranks: 1, threads: 1).first)
    for (ranks, threads) in [(2, 1), (2, 2), (3, 1), (4, 2), (5, 1)] {
      for found in try Self.train(ranks: ranks, threads: threads, isInBackground: true) {
        #expect(found == expected, "\(ranks) ranks of \(threads) threads")
      }
    }
  }

  @Test("goes to the background when the link is slow, all ranks at once")
  func slowLink() throws {
    let works = try RoomRanks.run(2, pause: 1e-3) { group in
      let trainer = try Trainer(SequenceModel(Self.model, seed: 1), rate: 0.01)
      try trainer.divideBatches(into: 2, among: group, plan: ExchangePlan(fewest: 64))
      return try (0..<8).map { _ in
        try trainer.step(Self.batch())
        return group.backgroundWork
      }
    }.map { try $0.get() }
    // Five steps to know, one to say so, and two with three parts each.
    #expect(works == Array(repeating: [0, 0, 0, 0, 0, 0, 3, 6], count: 2))
  }

  @Test("exchanges beside BPTT what few sequences leave, and what one rank profiles")
  func fewSequences() throws {
    func train(_ ranks: Int, profiledRank: Int?) throws -> [[UInt32]] {
      try RoomRanks.run(ranks) { group in
        let profiler = try group.rank == profiledRank ? GradientProfiler(every: 1) : nil
        let trainer = try Trainer(
          SequenceModel(Self.model, seed: 1), rate: 0.01, profiler: profiler, seed: 7)
        try trainer.divideBatches(
          into: 5, among: ranks > 1 ? group : nil, plan: Self.plan(true))
        for _ in 0..<2 { try trainer.step(SequenceBatch(Array(Self.examples().prefix(2)))) }
        return trainer.model.parameters.bits
      }.map { try $0.get() }
    }
    let expected = try train(1, profiledRank: nil)[0]
    for (ranks, profiled) in [(3, nil), (3, 0), (2, 1), (5, nil)] {
      for found in try train(ranks, profiledRank: profiled) { #expect(found == expected) }
    }
  }

  @Test("ends every rank when messages fail, whenever that is", arguments: [false, true])
  func lostMessages(_ isInBackground: Bool) throws {
    for failing in 1...10 {
      let results = RoomRanks.run(2) { group in
        if group.rank == 1 { group.failingExchange = failing }
        let trainer = try Trainer(SequenceModel(Self.model, seed: 1), rate: 0.01)
        try trainer.divideBatches(into: 2, among: group, plan: Self.plan(isInBackground))
        for _ in 0..<4 { try trainer.step(Self.batch()) }
      }
      for result in results { expectError(.ranks, about: "") { try result.get() } }
    }
  }

  @Test("says what went wrong first where messages fail as well", arguments: [false, true])
  func firstFailure(_ isInBackground: Bool) throws {
    let results = RoomRanks.run(2) { group in
      let trainer = try Trainer(SequenceModel(Self.model, seed: 1), rate: 0.01)
      try trainer.divideBatches(into: 2, among: group, plan: Self.plan(isInBackground))
      var examples = Self.examples()
      if group.rank == 0 {
        group.failingExchange = 1
        examples[5].input = .tokens(Array(repeating: 99, count: 9))
      }
      try trainer.step(SequenceBatch(examples))
    }
    expectError(.vocabulary) { try results[0].get() }
    expectError(.ranks) { try results[1].get() }
  }

  @Test("says where a model adds to a gradient that has been given away")
  func lateGradients() throws {
    for isInBackground in [false, true] {
      let results = RoomRanks.run(2) { group in
        let trainer = try Trainer(Late(Self.model), rate: 0.01)
        try trainer.divideBatches(into: 2, among: group, plan: Self.plan(isInBackground))
        try trainer.step(Self.batch())
      }
      for result in results {
        guard isInBackground else {
          try result.get()
          continue
        }
        expectError(.unsupported, about: "gradient of a shard") { try result.get() }
      }
    }
  }

  /// Says that its gradient is made by one way back, and adds to it afterwards.
  private final class Late: TrainableModel {
    let inner: SequenceModel
    init(_ configuration: ModelConfiguration) throws {
      inner = try SequenceModel(configuration, seed: 1)
    }
    var parameters: ParameterStore { inner.parameters }
    var team: ThreadTeam { inner.team }
    var usesDropout: Bool { true }
    var hasOneWayBack: Bool { true }
    func makePass() -> ModelPass { inner.makePass() }
    func layers(of pass: ModelPass) -> Pass? { inner.layers(of: pass) }

    func loss(for batch: SequenceBatch, pass: ModelPass) throws(RNNError) -> LossValue {
      try inner.loss(for: batch, pass: pass)
    }

    func addGradient(
      for batch: SequenceBatch, pass: ModelPass, dropout: inout RandomGenerator?,
      to gradients: ParameterStore
    ) throws(RNNError) -> LossValue {
      let loss = try inner.addGradient(
        for: batch, pass: pass, dropout: &dropout, to: gradients)
      gradients.withUnsafeMutableValues { $0[0] += 1 }
      return loss
    }
  }

  @Test("says what a step without shards says, but for rounding and masks", arguments: [1, 2, 5])
  func sameNumbers(_ shards: Int) throws {
    var configuration = Self.model
    (configuration.dropout, configuration.recurrentDropout) = (0, 0)
    let reports = try [1, shards].map { shards in
      let trainer = try Trainer(
        SequenceModel(configuration, seed: 1), rate: 0.01, clipping: .globalNorm(0.1))
      try trainer.divideBatches(into: shards)
      return try (0..<3).map { _ in try trainer.step(Self.batch()) }
    }
    for (one, other) in zip(reports[0], reports[1]) {
      #expect(abs(one.loss - other.loss) < 1e-5 && abs(one.meanLoss - other.meanLoss) < 1e-5)
      #expect(one.elements == other.elements && one.clip?.isClipped == other.clip?.isClipped)
      if shards == 1 { #expect(one == other) }
    }
  }

  @Test("carries the state of each sequence with its shard", arguments: [1, 2, 3])
  func carriesState(_ ranks: Int) throws {
    var configuration = Self.model
    (configuration.dropout, configuration.recurrentDropout) = (0, 0)
    let plain = configuration
    let batches = try Self.stretches()
    let states = try (0..<2).map { divided in
      let trainer = try Trainer(SequenceModel(plain, seed: 1), rule: .sgd(), rate: 1e-4)
      if divided == 1 { try trainer.divideBatches(into: 3) }
      var state = trainer.model.zeroState(sequences: 7)
      for batch in batches { try trainer.step(batch, state: &state) }
      return state
    }
    let pairs = zip(states[0].hidden.joined(), states[1].hidden.joined())
    #expect(pairs.allSatisfy { abs($0 - $1) < 1e-5 })
    // Each rank has the states of its own shards.
    let results = RoomRanks.run(ranks) { group in
      let trainer = try Trainer(SequenceModel(plain, seed: 1), rule: .sgd(), rate: 1e-4)
      try trainer.divideBatches(into: 3, among: group)
      var state = trainer.model.zeroState(sequences: 7)
      for batch in try Self.stretches() { try trainer.step(batch, state: &state) }
      return state
    }
    for (rank, result) in results.enumerated() {
      let own = ShardTree(count: 3).shards(of: rank, among: ranks)
      let sequences = own.flatMap { batches[0].shard($0, of: 3)?.whole?.places ?? [] }
      #expect(try result.get().selecting(sequences) == states[1].selecting(sequences))
    }
  }

  @Test("watches its first shard, and the norms of the whole gradient")
  func profiles() throws {
    let profiler = try GradientProfiler(every: 2)
    let trainers = try [profiler, nil].map { profiler in
      let trainer = try Trainer(
        SequenceModel(Self.model, seed: 1), rate: 0.01, clipping: .globalNorm(0.1),
        profiler: profiler, seed: 3)
      try trainer.divideBatches(into: 3)
      for _ in 0..<3 { try trainer.step(Self.batch()) }
      return trainer
    }
    #expect(trainers[0].model.parameters.bits == trainers[1].model.parameters.bits)
    #expect(profiler.history.map(\.step) == [0, 2])
    for profile in profiler.history {
      #expect(profile.layers.map(\.name) == ["l0", "l1"])
      #expect(profile.clip.map { abs($0.norm / profile.globalNorm - 1) < 1e-6 } == true)
    }
  }

  @Test("names the sequence of the batch where numbers stop being finite")
  func nonFinite() throws {
    let configuration = ModelConfiguration(
      input: .features(width: 1), body: .recurrent(.elman(.relu)), hiddenSize: 2, outputs: 1,
      loss: .meanSquaredError, answer: .atEnd)
    // 1, 2e15, 4e30, and then more than a Float holds.
    let examples = (0..<5).map { index in
      Example(
        input: .features([index == 3 ? 1 : 0, 0, 0, 0, 0], width: 1), target: .valuesAtEnd([0]))
    }
    let origins = try [1, 2, 4, 9].map { shards in
      let model = try SequenceModel(configuration, seed: 1)
      for slice in model.parameters.layout.slices {
        let value: Float =
          slice.name.contains("bias") ? 0 : slice.role == .recurrentWeight ? 1e15 : 1
        try model.parameters.set(slice.name, to: Array(repeating: value, count: slice.count))
      }
      let trainer = try Trainer(model, rate: 0.1, nonFinite: .skip)
      try trainer.divideBatches(into: shards)
      return try trainer.step(SequenceBatch(examples)).nonFiniteOrigin
    }
    #expect(origins[0]?.sequence == 3)
    #expect(origins == Array(repeating: origins[0], count: 4))
  }

  @Test("ends every rank when one of them fails", arguments: [false, true])
  func failures(_ isInBackground: Bool) throws {
    let results = RoomRanks.run(3) { group in
      let trainer = try Trainer(SequenceModel(Self.model, seed: 1), rate: 0.01)
      try trainer.divideBatches(into: 4, among: group, plan: Self.plan(isInBackground))
      var examples = Self.examples()
      // The longest sequence belongs to the first shard; what one rank reads there is no token.
      if group.rank == 0 { examples[5].input = .tokens(Array(repeating: 99, count: 9)) }
      _ = try trainer.step(SequenceBatch(examples))
    }
    let kinds = results.map { result -> RNNError.Kind? in
      guard case .failure(let error) = result else { return nil }
      return (error as? RNNError)?.kind
    }
    #expect(kinds == [.vocabulary, .ranks, .ranks])
  }

  @Test("refuses what has no meaning")
  func refusals() throws {
    let trainer = try Trainer(SequenceModel(Self.model, seed: 1), rate: 0.01)
    expectError(.range, about: "shards") { try trainer.divideBatches(into: 0) }
    let results = RoomRanks.run(3) { group in
      let trainer = try Trainer(SequenceModel(Self.model, seed: 1), rate: 0.01)
      expectError(.range, about: "shards") { try trainer.divideBatches(into: 2, among: group) }
    }
    #expect(results.count == 3)
    var plain = Self.model
    (plain.body, plain.recurrentDropout) = (.recurrent(.elman(.tanh)), 0)
    let regularized = try Trainer(
      SequenceModel(plain, seed: 1), rate: 0.01, regularizer: RetentionRegularizer(weight: 1))
    try regularized.divideBatches(into: 2)
    expectError(.unsupported, about: "regulariser") { try regularized.step(Self.batch()) }
  }

  /// Parameters and losses after some steps.
  struct Outcome: Hashable, Sendable {
    var bits: [UInt32]
    var losses: [Double]
  }

  /// - Parameter isInBackground: whether small parts of the gradient are exchanged beside BPTT.
  static func train(
    ranks: Int, threads: Int, isInBackground: Bool = false
  ) throws -> [Outcome] {
    try RoomRanks.run(ranks) { group in
      let team = try ThreadTeam(count: threads, cores: threads)
      let trainer = try Trainer(
        SequenceModel(model, seed: 1, team: team), rate: 0.01, clipping: .globalNorm(1),
        averaging: 0.9, seed: 7)
      try trainer.divideBatches(
        into: 5, among: ranks > 1 ? group : nil, plan: Self.plan(isInBackground))
      let losses = try (0..<4).map { _ in try trainer.step(Self.batch()).loss }
      // The readout and both layers, four times.
      #expect(group.backgroundWork == (isInBackground ? 12 : 0))
      return Outcome(bits: trainer.model.parameters.bits, losses: losses)
    }.map { try $0.get() }
  }

  private static func plan(_ isInBackground: Bool) -> ExchangePlan {
    isInBackground ? ExchangePlan(fewest: 64, usesBackground: true) : ExchangePlan()
  }

  static func examples() -> [Example] {
    ModelCase(name: "", configuration: model).examples(lengths: [4, 1, 7, 3, 3, 9, 2, 5, 8])
  }

  static func batch() throws -> SequenceBatch { try SequenceBatch(examples()) }

  /// Three batches of seven streams.
  static func stretches() throws -> [SequenceBatch] {
    try (0..<3).map { index in
      try SequenceBatch(
        ModelCase(name: "", configuration: model)
          .examples(lengths: Array(repeating: 6, count: 7), seed: UInt64(index + 1)))
    }
  }
}
