import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A generator of sequences")
struct SequenceGeneratorTests {
  private static let prefix: [Int32] = [3, 0, 12, 7, 7, 1]

  static let bodies: [ModelConfiguration.Body] = [
    .feedForward(), .recurrent(.lstm(peephole: true), layers: 2), .recurrent(.gru(), layers: 3),
    .recurrent(.jordan(.tanh, teacherForcing: false)),
    .recurrent(.jordan(.tanh, teacherForcing: true, hybrid: true)),
  ]

  private static func configuration(_ body: ModelConfiguration.Body) -> ModelConfiguration {
    ModelConfiguration(
      input: .tokens(vocabulary: 13, embedding: 5), body: body, hiddenSize: 9, outputs: 13,
      dropout: 0.5)
  }

  /// - Parameter window: tokens of the past side by side.
  private static func model(
    _ body: ModelConfiguration.Body = bodies[1], window: Int = 1
  ) throws -> SequenceModel {
    var configuration = configuration(body)
    (configuration.contextWindow, configuration.contextSide) = (window, .past)
    let model = try SequenceModel(configuration, seed: 21, team: ThreadTeam(count: 1))
    try model.parameters.fill(seed: 22, scale: 1.5)
    return model
  }

  /// The model's outputs after the last of some tokens, from one pass over them all.
  private static func whole(_ model: SequenceModel, _ tokens: [Int32]) throws -> [Float] {
    var state = model.zeroState(sequences: 1)
    let outputs = try model.outputs(
      for: SequenceBatch(inputs: [.tokens(tokens)]), state: &state, pass: model.makePass())[0]
    return Array(outputs.suffix(model.configuration.outputs))
  }

  private static func expectSame(_ actual: [Float], _ expected: [Float], _ what: String) {
    let expected = expected.map { Double($0) }
    expectClose(actual.map { Double($0) }, expected, .float(of: expected), what)
  }

  @Test("expects what one pass over all tokens so far does", arguments: bodies, [1, 2, 9])
  func wholePass(_ body: ModelConfiguration.Body, window: Int) throws {
    let model = try Self.model(body, window: window)
    let generator = try SequenceGenerator(model, sampler: TokenSampler(), seed: 1)
    try generator.prime(with: Self.prefix)
    #expect(generator.logits == (try Self.whole(model, Self.prefix)))
    var tokens = Self.prefix
    for step in 0..<20 {
      tokens.append(try generator.next())
      Self.expectSame(generator.logits, try Self.whole(model, tokens), "after \(step + 1) tokens")
    }
  }

  @Test("reads a prefix of any length, at once or in parts", arguments: [1, 2, 255, 256, 257, 700])
  func prefixes(length: Int) throws {
    let model = try Self.model()
    var random = RandomGenerator(seed: 23)
    let tokens = (0..<length).map { _ in Int32(random.integer(below: 13)) }
    let (once, parts) = (
      try SequenceGenerator(model, sampler: .greedy, seed: 1),
      try SequenceGenerator(model, sampler: .greedy, seed: 1)
    )
    try once.prime(with: tokens)
    try parts.prime(with: [tokens[0]])
    if length > 1 { try parts.prime(with: Array(tokens[1...])) }
    let expected = try Self.whole(model, tokens)
    Self.expectSame(once.logits, expected, "at once")
    Self.expectSame(parts.logits, expected, "in parts")
  }

  @Test("draws with its sampler from these outputs, and the same text with the same seed")
  func seeds() throws {
    let model = try Self.model()
    let sampler = try TokenSampler(temperature: 1.3, topK: 9, topP: 0.95)
    func text(seed: UInt64) throws -> [Int32] {
      let generator = try SequenceGenerator(model, sampler: sampler, seed: seed)
      try generator.prime(with: Self.prefix)
      return try (0..<40).map { _ in try generator.next() }
    }
    let first = try text(seed: 5)
    #expect(try text(seed: 5) == first)
    #expect(try text(seed: 6) != first)

    let generator = try SequenceGenerator(model, sampler: sampler, seed: 5)
    try generator.prime(with: Self.prefix)
    var random = RandomGenerator(seed: 5, for: .generation)
    for token in first {
      #expect(try sampler.sample(generator.logits, using: &random) == Int(token))
      #expect(try generator.next() == token)
    }
  }

  @Test("writes the likeliest token when it is greedy", arguments: bodies)
  func greedy(_ body: ModelConfiguration.Body) throws {
    let generator = try SequenceGenerator(try Self.model(body), sampler: .greedy, seed: 1)
    try generator.prime(with: [4])
    for _ in 0..<20 {
      let largest = generator.logits.max()
      let expected = generator.logits.firstIndex { $0 == largest }
      #expect(try Int(generator.next()) == expected)
    }
  }

  @Test("starts anew after it is reset")
  func reset() throws {
    let model = try Self.model()
    let generator = try SequenceGenerator(model, sampler: .greedy, seed: 1)
    try generator.prime(with: Self.prefix)
    let text = try (0..<9).map { _ in try generator.next() }
    generator.reset()
    #expect(generator.logits.isEmpty && generator.state == model.zeroState(sequences: 1))
    expectError(.empty, about: "generator") { _ = try generator.next() }
    try generator.prime(with: Self.prefix)
    #expect(try (0..<9).map { _ in try generator.next() } == text)
  }

  @Test("refuses tokens that it cannot read, and stays where it was")
  func badTokens() throws {
    let model = try Self.model()
    let generator = try SequenceGenerator(model, sampler: TokenSampler(), seed: 1)
    expectError(.empty, about: "generator") { _ = try generator.next() }
    try generator.prime(with: Self.prefix)
    let (logits, state) = (generator.logits, generator.state)
    expectError(.empty, about: "prefix") { try generator.prime(with: []) }
    for bad in [-1, 13, .max] as [Int32] {
      expectError(.vocabulary, about: "token") { try generator.prime(with: [1, bad]) }
    }
    #expect(generator.logits == logits && generator.state == state)
  }

  @Test("names outputs that are not finite")
  func nonFinite() throws {
    let model = try Self.model()
    let generator = try SequenceGenerator(model, sampler: TokenSampler(), seed: 1)
    model.parameters.withUnsafeMutableValues { $0[0] = .nan }
    try generator.prime(with: [0])
    expectError(.nonFinite, about: "logits") { _ = try generator.next() }
  }

  @Test("takes no model whose outputs are not the next token's")
  func unsupported() throws {
    let changes: [@Sendable (inout ModelConfiguration) -> Void] = [
      { $0.input = .features(width: 13) }, { $0.outputs = 12 }, { $0.answer = .atEnd },
      { $0.loss = .meanSquaredError }, { $0.loss = .bernoulliCrossEntropy },
      { $0.contextWindow = 3 },
      { $0.body = .recurrent(.gru(), directions: .concatenated) },
      { $0.body = .recurrent(.gru(), directions: .summed) },
    ]
    for change in changes {
      var configuration = Self.configuration(.recurrent(.gru()))
      change(&configuration)
      let model = try SequenceModel(configuration, seed: 1)
      expectError(.unsupported, about: "generator") {
        _ = try SequenceGenerator(model, sampler: .greedy, seed: 1)
      }
    }
  }
}
