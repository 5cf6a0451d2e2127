import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Shards of a batch")
struct ShardTests {
  @Test("hold each sequence once, as the batch has it", arguments: ModelCase.all.prefix(10))
  func sequencesOnce(_ model: ModelCase) throws {
    let examples = model.examples(lengths: [4, 1, 7, 3, 3, 9, 2])
    let batch = try SequenceBatch(examples)
    for count in [1, 2, 3, 7] {
      let shards = try (0..<count).map { try #require(batch.shard($0, of: count)) }
      let places = shards.compactMap { $0.whole?.places }
      #expect(places.flatMap { $0 }.sorted() == Array(0..<7))
      for (shard, places) in zip(shards, places) {
        let own = try SequenceBatch(places.map { examples[$0] })
        #expect(shard.layout == own.layout && shard.answer == own.answer)
        #expect("\(shard.content)" == "\(own.content)")
        #expect(shard.targets.map { "\($0)" } == own.targets.map { "\($0)" })
      }
      let tokens = shards.map(\.layout.rowCount)
      #expect((tokens.max() ?? 0) - (tokens.min() ?? 0) <= 9)
    }
    #expect(batch.shard(7, of: 8) == nil)
  }

  @Test(
    "add up to the batch's loss and gradient",
    arguments: ModelCase.all.filter { $0.name.contains("lstm") || $0.name.contains("teacher") },
    Loss.Reduction.allCases)
  func sums(_ model: ModelCase, _ reduction: Loss.Reduction) throws {
    var configuration = model.configuration
    if configuration.answer == .everyStep, configuration.loss == .softmaxCrossEntropy {
      configuration.sentenceHead = SentenceHead(classes: 3, weight: 2)
    }
    var examples = model.examples(lengths: [4, 1, 7, 3, 3, 9, 2])
    for index in examples.indices { examples[index].label = Int32(index % 3) }
    let network = try SequenceModel(configuration, seed: 1, team: ThreadTeam(count: 2, cores: 2))
    try network.parameters.fill(seed: 2)
    let batch = try SequenceBatch(examples)
    let pass = network.makePass()
    pass.training.reduction = reduction
    let whole = ParameterStore(layout: network.parameters.layout)
    let loss = try network.addGradient(for: batch, pass: pass, to: whole)
    for count in [2, 4, 8] {
      let sum = ParameterStore(layout: network.parameters.layout)
      let losses = try (0..<count).compactMap { batch.shard($0, of: count) }
        .map { try network.addGradient(for: $0, pass: pass, to: sum) }
      let total = losses.dropFirst().reduce(losses[0], +)
      #expect(abs(total.value - loss.value) < 1e-5 * max(1, abs(loss.value)))
      #expect(total.elements == loss.elements && total.reduction == reduction)
      if let sentence = loss.sentence {
        #expect(total.sentence.map { abs($0 - sentence) < 1e-5 * max(1, sentence) } == true)
      }
      expectClose(sum, whole)
    }
  }

  @Test("of which nothing is asked add nothing")
  func silentShards() throws {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 5, embedding: 3), body: .recurrent(.gru()), hiddenSize: 4,
      outputs: 3)
    let model = try SequenceModel(configuration, seed: 1)
    let examples = [
      Example(input: .tokens([1, 2, 3]), target: .classPerStep([-1, -1, -1])),
      Example(input: .tokens([4, 2]), target: .classPerStep([1, 2])),
    ]
    let batch = try SequenceBatch(examples)
    let whole = ParameterStore(layout: model.parameters.layout)
    let sum = ParameterStore(layout: model.parameters.layout)
    let pass = model.makePass()
    try model.addGradient(for: batch, pass: pass, to: whole)
    let losses = try (0..<2).map {
      try model.addGradient(for: #require(batch.shard($0, of: 2)), pass: pass, to: sum)
    }
    #expect(losses.map(\.elements) == [0, 2] && losses[0].value == 0)
    expectClose(sum, whole)
  }

  @Test("of pairs add up to the batch's loss and gradient", arguments: EncoderDecoderCase.all)
  func pairs(_ pairs: EncoderDecoderCase) throws {
    let model = try pairs.model()
    let batch = try PairBatch(pairs.pairs(seed: 3), for: pairs.configuration)
    let pass = model.makePass()
    let (whole, sum) = (
      ParameterStore(layout: model.parameters.layout),
      ParameterStore(layout: model.parameters.layout)
    )
    let loss = try model.addGradient(for: batch, pass: pass, to: whole)
    let losses = try (0..<3).compactMap { batch.shard($0, of: 3) }
      .map { try model.addGradient(for: $0, pass: pass, to: sum) }
    let total = losses.dropFirst().reduce(losses[0], +)
    #expect(abs(total.value - loss.value) < 1e-5 && total.elements == loss.elements)
    expectClose(sum, whole)
  }
}
