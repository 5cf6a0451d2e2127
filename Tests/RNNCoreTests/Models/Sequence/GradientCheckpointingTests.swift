import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Gradient checkpointing")
struct GradientCheckpointingTests {
  /// 1,303 tokens, in three groups.
  private static let lengths = [200, 60, 170, 170, 90, 13, 128, 200, 40, 77, 5, 150]

  /// All that a model can be that is read step by step.
  static let models: [ModelCase] = {
    var all = ModelCase.all.filter {
      $0.configuration.answer == .everyStep && !$0.configuration.loss.isOfWholeSequences
        && !$0.name.contains("bi-") && !$0.name.contains("summed")
    }
    let cells: [(String, CellKind)] = [
      ("min gru", .minGRU()), ("min lstm", .minLSTM()), ("lru", .lru),
    ]
    for (name, cell) in cells {
      all.append(
        ModelCase(
          name: name,
          configuration: ModelConfiguration(
            input: .tokens(vocabulary: 11, embedding: 5), body: .recurrent(cell, layers: 2),
            hiddenSize: 6, outputs: 4, loss: .softmaxCrossEntropy, answer: .everyStep)))
    }
    return all.map { model in
      var model = model
      if case .tokens = model.configuration.input {
        model.configuration.contextWindow = 1
      } else {
        model.configuration.contextSide = .past
      }
      return model
    }
  }()

  private static func model(
    _ configuration: ModelConfiguration, threads: Int = 2
  ) throws -> SequenceModel {
    let model = try SequenceModel(
      configuration, seed: 1, team: ThreadTeam(count: threads, cores: threads))
    try model.parameters.fill(seed: 2, scale: 0.4)
    return model
  }

  /// Whether sums do not depend on how many rows are multiplied together.
  static var isExact: Bool { ThreadTeam.shared.products == .packed }

  private static func expectSameBits(_ one: ParameterStore, _ other: ParameterStore) throws {
    guard isExact else { return expectClose(one, other, within: 1e-5) }
    for slice in one.layout.slices {
      #expect(try one.values(of: slice.name) == other.values(of: slice.name), "\(slice.name)")
    }
  }

  @Test("gives the gradients of BPTT that keeps all steps, to the bit", arguments: models)
  func gradients(_ model: ModelCase) throws {
    var configuration = model.configuration
    configuration.dropout = 0.3
    if case .recurrent(let cell, _, _) = configuration.body, cell.hasRecurrentProduct {
      configuration.recurrentDropout = 0.2
    }
    let network = try Self.model(configuration)
    let batch = try SequenceBatch(model.examples(lengths: Self.lengths))
    #expect(batch.layout.groups.count == 4)
    func gradient(_ checkpointing: GradientCheckpointing?, threads: Int) throws -> (
      ParameterStore, LossValue, RecurrentState, RandomGenerator?
    ) {
      let network = threads == 2 ? network : try Self.model(configuration, threads: threads)
      let pass = network.makePass()
      pass.training.checkpointing = checkpointing
      pass.carriesState = true
      pass.initial = network.zeroState(sequences: batch.layout.sequenceCount)
      for layer in pass.initial.hidden.indices {
        for place in pass.initial.hidden[layer].indices {
          pass.initial.hidden[layer][place] = Float(place % 7) / 9 - 0.3
        }
      }
      var state = pass.initial
      var dropout: RandomGenerator? = RandomGenerator(seed: 5)
      let sum = ParameterStore(layout: network.parameters.layout)
      let loss = try network.addGradient(for: batch, pass: pass, dropout: &dropout, to: sum)
      network.carry(pass, into: &state)
      return (sum, loss, state, dropout)
    }
    let whole = try gradient(nil, threads: 2)
    for (checkpointing, threads) in [
      (GradientCheckpointing.squareRoot, 2), (.steps(150), 2), (.steps(1), 3),
    ] {
      let parts = try gradient(checkpointing, threads: threads)
      try Self.expectSameBits(parts.0, whole.0)
      #expect(
        abs(parts.1.value - whole.1.value) <= (Self.isExact ? 1e-9 : 1e-5) * abs(whole.1.value))
      #expect(parts.1.elements == whole.1.elements)
      #expect(parts.3 == whole.3)
      #expect(parts.2 == whole.2 || !Self.isExact)
    }
  }

  @Test("keeps tables, blocks of the readout and gradients of shards", arguments: [11, 300, 900])
  func largeVocabularies(_ vocabulary: Int) throws {
    // Read as rows of the table where these are half as many as the tokens of the whole batch.
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: vocabulary, embedding: 5), body: .recurrent(.lstm(), layers: 2),
      hiddenSize: 6, outputs: vocabulary)
    let examples = ModelCase(name: "", configuration: configuration).examples(
      lengths: Self.lengths)
    let network = try Self.model(configuration)
    let batch = try SequenceBatch(examples)
    let pass = network.makePass()
    for blockRows in [nil, 100] {
      pass.layers.blockRows = blockRows
      let parts = [batch] + (0..<2).compactMap { batch.shard($0, of: 2) }
      let stores = try parts.map { part in
        let (whole, pieces) = (
          ParameterStore(layout: network.parameters.layout),
          ParameterStore(layout: network.parameters.layout)
        )
        pass.training.checkpointing = nil
        try network.addGradient(for: part, pass: pass, to: whole)
        pass.training.checkpointing = .steps(1)
        try network.addGradient(for: part, pass: pass, to: pieces)
        try Self.expectSameBits(pieces, whole)
        return whole
      }
      // An oracle for the order of groups: that of the shards is another.
      let sum = ParameterStore(layout: network.parameters.layout)
      for index in 0..<sum.layout.storageCount {
        sum.storage.pointer[index] =
          stores[1].storage.pointer[index] + stores[2].storage.pointer[index]
      }
      expectClose(sum, stores[0])
    }
  }

  @Test("trains to the same parameters, with a state that is carried on", .enabled(if: isExact))
  func training() throws {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 11, embedding: 5), body: .recurrent(.gru(), layers: 2),
      hiddenSize: 6, outputs: 11, dropout: 0.2)
    let examples = ModelCase(name: "", configuration: configuration).examples(
      lengths: Array(repeating: 150, count: 12))
    func train(_ checkpointing: GradientCheckpointing?) throws -> (ParameterStore, RecurrentState) {
      let network = try Self.model(configuration)
      let trainer = try Trainer(network, rate: 0.01, seed: 4)
      try trainer.checkpointGradients(checkpointing)
      var state = network.zeroState(sequences: 12)
      for _ in 0..<3 { try trainer.step(SequenceBatch(examples), state: &state) }
      return (network.parameters, state)
    }
    let (whole, parts) = (try train(nil), try train(.squareRoot))
    try Self.expectSameBits(parts.0, whole.0)
    #expect(parts.1 == whole.1)
  }

  @Test("finds the step at which numbers stop being finite", arguments: [3, 60, 140])
  func origin(_ step: Int) throws {
    let configuration = ModelConfiguration(
      input: .features(width: 2), body: .recurrent(.elman(.relu)), hiddenSize: 4, outputs: 2,
      loss: .meanSquaredError)
    func origin(_ checkpointing: GradientCheckpointing?) throws -> NonFiniteOrigin? {
      let network = try Self.model(configuration)
      for (place, name) in ["weight_ih_l0", "weight_hh_l0"].enumerated() {
        let slice = try #require(network.parameters.layout.slices.first { $0.name == name })
        let values = network.parameters.matrix(slice)
        values.fill(place == 0 ? 1 : 0)
      }
      let pass = network.makePass()
      pass.training.checkpointing = checkpointing
      let examples = (0..<8).map { sequence in
        var values = [Float](repeating: 0.5, count: 2 * 150)
        if sequence == 5 { (values[2 * step], values[2 * step + 1]) = (3e38, 3e38) }
        return Example(
          input: .features(values, width: 2),
          target: .valuesPerStep(Array(repeating: 0, count: 2 * 150)))
      }
      let sum = ParameterStore(layout: network.parameters.layout)
      try network.addGradient(for: SequenceBatch(examples), pass: pass, to: sum)
      return network.nonFiniteOrigin(pass)
    }
    let found = try #require(try origin(.steps(1)))
    #expect(found == (try origin(nil)))
    #expect(found.step == step && found.sequence == 5)
  }

  @Test("refuses what looks at all steps together")
  func refusals() throws {
    func expectRefusal(_ change: (inout ModelConfiguration) -> Void) throws {
      var configuration = ModelConfiguration(
        input: .tokens(vocabulary: 5, embedding: 3), body: .recurrent(.gru()), hiddenSize: 4,
        outputs: 3)
      change(&configuration)
      let trainer = try Trainer(SequenceModel(configuration, seed: 1), rate: 0.1)
      let error = #expect(throws: RNNError.self) { try trainer.checkpointGradients(.squareRoot) }
      #expect(error?.kind == .unsupported)
    }
    try expectRefusal { $0.body = .recurrent(.gru(), directions: .concatenated) }
    try expectRefusal { $0.answer = .atEnd }
    try expectRefusal { $0.contextWindow = 3 }
    try expectRefusal { $0.loss = .conditionalRandomField }
    try expectRefusal { $0.sentenceHead = SentenceHead(classes: 3, weight: 1) }
    let model = try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: 5, embedding: 3), body: .recurrent(.gru()), hiddenSize: 4,
        outputs: 3), seed: 1)
    let trainer = try Trainer(model, rate: 0.1)
    #expect(throws: RNNError.self) { try trainer.checkpointGradients(.steps(0)) }
    try trainer.checkpointGradients(.steps(3))
    #expect(trainer.training.checkpointing == .steps(3))
  }

  @Test("takes memory that grows with the square root of the steps")
  func memory() throws {
    let configuration = ModelConfiguration(
      input: .features(width: 4), body: .recurrent(.lstm()), hiddenSize: 16, outputs: 4,
      loss: .meanSquaredError)
    func bytes(_ steps: Int, _ checkpointing: GradientCheckpointing?) throws -> Double {
      let network = try Self.model(configuration)
      let trainer = try Trainer(network, rate: 0.01)
      try trainer.checkpointGradients(checkpointing)
      let examples = ModelCase(name: "", configuration: configuration).examples(
        lengths: Array(repeating: steps, count: 16))
      let batch = try SequenceBatch(examples)
      return try Double(EngineMemory.counting { try trainer.step(batch) }.bytes)
    }
    let found = try [1250, 5000, 20_000].map { try bytes($0, .squareRoot) }
    for (less, more) in zip(found, found.dropFirst()) { #expect((1.7...2.1).contains(more / less)) }
    #expect(try bytes(5000, nil) > 30 * found[1])
  }

  @Test("has stretches of about the square root of the steps")
  func stretches() {
    for (steps, wanted) in [(1250, 32), (5000, 64), (20_000, 128)] {
      let layout = SequenceLayout(longestFirst: Array(repeating: steps, count: 16))
      let stretches = GradientCheckpointing.squareRoot.stretches(of: layout)
      #expect(stretches.first?.lowerBound == 0 && stretches.last?.upperBound == steps)
      #expect(stretches.dropLast().allSatisfy { $0.count == wanted })
      #expect(zip(stretches, stretches.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      let most = GradientCheckpointing.squareRoot.stretch(of: BatchExtent(layout))
      #expect(most.tokens >= 16 * wanted)
    }
  }
}
