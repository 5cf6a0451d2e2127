import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Who follows a gradient")
struct GradientFollowerTests {
  private static let models: [ModelCase] =
    ModelCase.all.filter { !$0.name.contains(", teacher") || $0.name.contains("tokens") }
    + GradientCheckpointingTests.models.suffix(3)

  @Test("is told of a sequence model what is final, and of nothing else", arguments: models)
  func sequenceModels(_ model: ModelCase) throws {
    var configuration = model.configuration
    configuration.dropout = 0.2
    if configuration.answer == .everyStep, configuration.loss == .softmaxCrossEntropy {
      configuration.sentenceHead = SentenceHead(classes: 3, weight: 2)
    }
    let network = try Self.network(configuration)
    var examples = model.examples()
    for index in examples.indices { examples[index].label = Int32(index % 3) }
    try followedGradient(network, SequenceBatch(examples))
  }

  @Test("is told of the layers one by one", arguments: [11, 2])
  func layers(_ vocabulary: Int) throws {
    // With two tokens the network reads the table itself.
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: vocabulary, embedding: 5),
      body: .recurrent(.lstm(), layers: 3, directions: .concatenated), hiddenSize: 6, outputs: 4,
      tiesEmbedding: false)
    let network = try Self.network(configuration)
    let model = ModelCase(name: "", configuration: configuration)
    let places = try followedGradient(network, SequenceBatch(model.examples()))
    let layout = network.parameters.layout
    let starts = try ["readout.weight", "weight_ih_l2", "weight_ih_l1", "weight_ih_l0"].map {
      try layout.slice(named: $0).offset
    }
    let found = places.map { place in starts.first { $0 <= place } ?? 0 }
    #expect(Set(found) == Set(starts + [0]))
  }

  @Test("is told of a tied embedding in the end alone")
  func tied() throws {
    var configuration = ModelConfiguration(
      input: .tokens(vocabulary: 4, embedding: 6), body: .recurrent(.gru(), layers: 2),
      hiddenSize: 6, outputs: 4)
    configuration.tiesEmbedding = true
    let network = try Self.network(configuration)
    let model = ModelCase(name: "", configuration: configuration)
    let places = try followedGradient(network, SequenceBatch(model.examples()))
    let readout = try network.parameters.layout.slice(named: "readout.bias").offset
    #expect(places.dropLast().allSatisfy { $0 > 0 } && places.contains { $0 <= readout && $0 > 0 })
  }

  @Test("is told once all stretches of a checkpointed gradient have gone back")
  func stretches() throws {
    let (_, places) = try Self.follow(outputs: 4, lengths: [400, 300, 350, 400]) {
      $0.training.checkpointing = .squareRoot
    }
    #expect(places.count >= 4)
  }

  @Test("is told of a readout by blocks before BPTT begins")
  func blocks() throws {
    let (layout, places) = try Self.follow(outputs: 40, lengths: [4, 1, 7, 3]) {
      $0.layers.blockRows = 4
    }
    #expect(places.first == (try layout.slice(named: "bias_hh_l1").range.upperBound))
  }

  /// Follows the gradient of two layers on a pass that `prepare` sets up.
  private static func follow(
    outputs: Int, lengths: [Int], _ prepare: (ModelPass) -> Void
  ) throws -> (layout: ParameterLayout, places: [Int]) {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 11, embedding: 5), body: .recurrent(.lstm(), layers: 2),
      hiddenSize: 6, outputs: outputs)
    let network = try network(configuration)
    let model = ModelCase(name: "", configuration: configuration)
    let pass = network.makePass()
    prepare(pass)
    let batch = try SequenceBatch(model.examples(lengths: lengths))
    return (network.parameters.layout, try followedGradient(network, batch, pass: pass))
  }

  @Test("is told of encoders and decoders what is final", arguments: EncoderDecoderCase.all)
  func encoderDecoders(_ model: EncoderDecoderCase) throws {
    let network = try model.model(threads: 2)
    try followedGradient(
      network, PairBatch(model.pairs(seed: 3), for: model.configuration))
  }

  @Test("may not be followed by another way back")
  func oneWay() throws {
    let configuration = ModelConfiguration(
      input: .features(width: 2), body: .recurrent(.gru()), hiddenSize: 3, outputs: 4)
    let network = try Self.network(configuration)
    let batch = try ModelCase(name: "", configuration: configuration).batch()
    let (pass, gradients) = (
      network.makePass(), ParameterStore(layout: network.parameters.layout)
    )
    pass.layers.follower = Listener()
    try network.addGradient(for: batch, pass: pass, to: gradients)
    expectError(.unsupported, about: "gradient of a shard") {
      try network.addGradient(for: batch, pass: pass, to: gradients)
    }
    pass.layers.follower = nil
    try network.addGradient(for: batch, pass: pass, to: gradients)
  }

  @Test("hears nothing of a gradient to which a regulariser adds")
  func regulariser() throws {
    let configuration = ModelConfiguration(
      input: .features(width: 2), body: .recurrent(.elman(.tanh)), hiddenSize: 3, outputs: 4)
    let network = try Self.network(configuration)
    let batch = try ModelCase(name: "", configuration: configuration).batch()
    let (pass, listener) = (network.makePass(), Listener())
    pass.training.regularizer = try RetentionRegularizer(weight: 1)
    pass.layers.follower = listener
    try network.addGradient(
      for: batch, pass: pass, to: ParameterStore(layout: network.parameters.layout))
    #expect(listener.calls == 0)
  }

  private final class Listener: GradientFollower {
    private(set) var calls = 0
    func gradientIsFinal(from place: Int) { calls += 1 }
  }

  private static func network(_ configuration: ModelConfiguration) throws -> SequenceModel {
    let network = try SequenceModel(configuration, seed: 1, team: ThreadTeam(count: 2, cores: 2))
    try network.parameters.fill(seed: 2, scale: 0.4)
    return network
  }
}
