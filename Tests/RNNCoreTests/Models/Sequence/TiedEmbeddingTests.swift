import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A readout whose weight is the table of embeddings")
struct TiedEmbeddingTests {
  /// Seven tokens; embeddings as wide as what the readout reads.
  private static func configuration(
    _ body: ModelConfiguration.Body, width: Int, hidden: Int, window: Int = 1,
    answer: SequenceBatch.Answer = .everyStep
  ) -> ModelConfiguration {
    ModelConfiguration(
      input: .tokens(vocabulary: 7, embedding: width), contextWindow: window, body: body,
      hiddenSize: hidden, outputs: 7, answer: answer, tiesEmbedding: true)
  }

  static let all: [OracleModelCase] = [
    configuration(.recurrent(.lstm()), width: 5, hidden: 5),
    configuration(.recurrent(.gru(), layers: 2), width: 5, hidden: 5, window: 3),
    configuration(.recurrent(.lstm(), directions: .concatenated), width: 6, hidden: 3),
    configuration(
      .recurrent(.elman(.tanh), layers: 2, directions: .summed), width: 5, hidden: 5,
      answer: .atEnd),
    configuration(
      .recurrent(.jordan(.tanh, teacherForcing: false), directions: .concatenated), width: 14,
      hidden: 3),
    configuration(.feedForward(), width: 5, hidden: 5, window: 3),
  ].map { OracleModelCase(configuration: $0) }

  @Test("Gradients of both uses add up, as in plain Doubles", arguments: all)
  func gradients(_ modelCase: OracleModelCase) throws {
    try expectOracleGradients(modelCase.configuration)
  }

  @Test("There is one tensor for both, and a bias")
  func layout() throws {
    let model = try SequenceModel(Self.all[0].configuration, seed: 1)
    let names = model.parameters.layout.slices.map(\.name)
    #expect(
      names.filter { $0.contains("embedding") || $0.contains("readout") }
        == ["embedding.weight", "readout.bias"])
    #expect(model.parameterCount == 7 * 5 + 4 * 5 * (5 + 5 + 2) + 7)
  }

  @Test("A table starts with the deviation that a readout of its width needs")
  func start() throws {
    var configuration = Self.configuration(.recurrent(.lstm()), width: 100, hidden: 100)
    configuration.input = .tokens(vocabulary: 400, embedding: 100)
    configuration.outputs = 400
    let table = try SequenceModel(configuration, seed: 1).parameters.values(of: "embedding.weight")
    let squares = table.reduce(0.0) { $0 + Double($1) * Double($1) }
    let closeness = Closeness(
      absolute: 0, relative: 0.02, reason: "40,000 draws give a deviation within 0.35 %, 6 of them")
    expectClose(
      [(squares / 40_000).squareRoot()], [0.1], closeness, "deviation")
  }

  @Test("Packed weights follow every change of the table")
  func updates() throws {
    let configuration = Self.all[0].configuration
    let model = try SequenceModel(configuration, seed: 1)
    let batch = try TrainingFixture(configuration: configuration).batch(seed: 3)
    let (pass, trainer) = (model.makePass(), try Trainer(model, rate: 0.1))
    func outputs(_ model: SequenceModel, _ pass: ModelPass) throws -> [[Float]] {
      var state = model.zeroState(sequences: 3)
      return try model.outputs(for: batch, state: &state, pass: pass)
    }
    var seen = [try outputs(model, pass)]
    for step in 0..<3 {
      if step == 1 {
        try model.parameters.set("embedding.weight", to: Array(repeating: 0.25, count: 35))
      } else {
        try trainer.step(batch)
      }
      seen.append(try outputs(model, pass))
      #expect(seen[step + 1] != seen[step])
      let fresh = try SequenceModel(configuration, seed: 9)
      try fresh.parameters.copy(from: model.parameters)
      #expect(try outputs(fresh, fresh.makePass()) == seen[step + 1])
    }
  }

  @Test("What cannot be tied is refused by name")
  func refusals() {
    func expect(_ kind: RNNError.Kind, _ change: (inout ModelConfiguration) -> Void) {
      var configuration = Self.configuration(.recurrent(.lstm()), width: 5, hidden: 5)
      change(&configuration)
      expectError(kind, about: "tied embedding") { try configuration.validate() }
    }
    expect(.unsupported) { $0.input = .features(width: 5) }
    expect(.unsupported) { $0.body = .recurrent(.jordan(.tanh, teacherForcing: false)) }
    expect(.shape) { $0.outputs = 6 }
    expect(.shape) { $0.hiddenSize = 4 }
    expect(.shape) { $0.body = .recurrent(.lstm(), directions: .concatenated) }
  }
}
