import Testing

@testable import RNNCore
@testable import RNNTasks
@testable import TestSupport

/// One model of questions about images to differentiate.
struct VisualQuestionCase: Sendable, CustomTestStringConvertible {
  var configuration: VisualQuestionConfiguration

  static let all: [VisualQuestionCase] =
    [nil, .dot, .general, .concat].flatMap { (attention: AttentionScore?) in
      Directions.allCases.flatMap { directions in
        [CellKind.elman(.tanh), .gru(), .lstm(peephole: true)].flatMap { cell in
          [(2, 3), (1, 1)].map { rows, columns in
            VisualQuestionCase(
              configuration: VisualQuestionConfiguration(
                vocabulary: 7, embedding: 3, cell: cell, layers: rows, hiddenSize: 4,
                directions: directions,
                image: attention.map {
                  VisualQuestionConfiguration.Image(
                    rows: rows, columns: columns, patchWidth: 5, attention: $0)
                },
                answers: 8))
          }
        }
      }
    }

  var testDescription: String {
    let image = configuration.image.map {
      "\($0.rows) x \($0.columns) regions, \($0.attention.rawValue)"
    }
    return
      "\(configuration.cell) x\(configuration.layers) \(configuration.directions), \(image ?? "no image")"
  }

  /// Ragged questions, one of a single word; an image with three of them, one with two and one with
  /// one, out of order.
  func questions(seed: UInt64) -> [VisualQuestion] {
    var generator = OracleGenerator(seed: seed)
    func id(below count: Int) -> Int32 { Int32(generator.unit() * Double(count)) }
    return [(3, 2), (1, 0), (5, 1), (3, 0), (2, 2), (4, 0)].map { length, image in
      VisualQuestion(
        words: (0..<length).map { _ in id(below: configuration.vocabulary) }, image: image,
        answer: id(below: configuration.answers))
    }
  }

  /// Of three images.
  func patches(seed: UInt64) -> [Float] {
    var generator = OracleGenerator(seed: seed)
    return (0..<3 * (configuration.image?.width ?? 0)).map { _ in Float(generator.value()) }
  }

  func batch(seed: UInt64) throws -> VisualQuestionBatch {
    try VisualQuestionBatch(
      questions(seed: seed), patches: patches(seed: seed + 1), for: configuration)
  }

  func model(threads: Int = 1) throws -> VisualQuestionModel {
    let model = try VisualQuestionModel(
      configuration, seed: 1, team: ThreadTeam(count: threads, cores: threads))
    try model.parameters.fill(seed: 2)
    return model
  }
}

@Suite("Questions about images")
struct VisualQuestionModelTests {
  @Test("tells who follows its gradient what is final", arguments: VisualQuestionCase.all)
  func follower(_ model: VisualQuestionCase) throws {
    try followedGradient(model.model(), model.batch(seed: 3))
  }

  @Test(
    "Loss and gradients are those of the model in plain Doubles", arguments: VisualQuestionCase.all)
  func gradients(_ modelCase: VisualQuestionCase) throws {
    let model = try modelCase.model()
    let gradients = ParameterStore(layout: model.parameters.layout)
    var noDropout: RandomGenerator?
    let loss = try model.addGradient(
      for: modelCase.batch(seed: 3), pass: model.makePass(), dropout: &noDropout, to: gradients)

    let tape = GradientTape()
    let variables = try model.parameters.named().mapValues { values in
      values.map { tape.variable(Double($0)) }
    }
    let expected: Variable = VisualQuestionOracle(configuration: modelCase.configuration)
      .loss(variables, modelCase.questions(seed: 3), modelCase.patches(seed: 4))
    let slopes = tape.gradient(of: expected)
    expectClose([loss.value], [expected.value], oracleCloseness, "loss")
    #expect(loss.elements == 6)
    for (name, values) in variables {
      expectClose(
        try gradients.values(of: name).map(Double.init), values.map { slopes[$0.node] },
        oracleCloseness, name)
    }
  }

  @Test("Shards add up to the batch's loss and gradient", arguments: VisualQuestionCase.all)
  func shards(_ modelCase: VisualQuestionCase) throws {
    let model = try modelCase.model()
    let batch = try modelCase.batch(seed: 3)
    let pass = model.makePass()
    let stores = (0..<2).map { _ in ParameterStore(layout: model.parameters.layout) }
    let whole = try model.addGradient(for: batch, pass: pass, to: stores[0])
    let shards = (0..<4).compactMap { batch.shard($0, of: 4) }
    #expect(shards.count == (modelCase.configuration.image == nil ? 4 : 3))
    #expect(shards.map(\.count).reduce(0, +) == batch.count)
    let losses = try shards.map { try model.addGradient(for: $0, pass: pass, to: stores[1]) }
    #expect(abs(losses.map(\.value).reduce(0, +) - whole.value) < 1e-5)
    #expect(losses.map(\.elements).reduce(0, +) == whole.elements)
    let values = try stores.map { try $0.named() }
    for (name, right) in values[0] {
      expectClose(
        (values[1][name] ?? []).map(Double.init), right.map(Double.init), oracleCloseness, name)
    }
  }

  @Test(
    "The oracle's gradients are its differences",
    arguments: [nil, AttentionScore.dot, .general, .concat])
  func oracle(_ attention: AttentionScore?) throws {
    let modelCase = try #require(
      VisualQuestionCase.all.first { $0.configuration.image?.attention == attention })
    let oracle = VisualQuestionOracle(configuration: modelCase.configuration)
    let (questions, patches) = (modelCase.questions(seed: 3), modelCase.patches(seed: 4))
    let start = try modelCase.model().parameters.named().mapValues { $0.map(Double.init) }
    let tape = GradientTape()
    let variables = start.mapValues { $0.map { tape.variable($0) } }
    let loss: Variable = oracle.loss(variables, questions, patches)
    let slopes = tape.gradient(of: loss)
    for (name, values) in variables {
      for index in [0, values.count / 2, values.count - 1] {
        func moved(_ distance: Double) -> Double {
          var parameters = start
          parameters[name]?[index] += distance
          return oracle.loss(parameters, questions, patches)
        }
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(difference - slopes[values[index].node]) < 1e-8, "\(name)[\(index)]")
      }
    }
  }

  @Test("With dropout the gradient is the slope of the loss with the same masks")
  func dropout() throws {
    var modelCase = VisualQuestionCase.all[36]
    #expect(modelCase.configuration.image?.attention == .general)
    modelCase.configuration.dropout = 0.4
    let model = try modelCase.model()
    let (batch, pass) = (try modelCase.batch(seed: 3), model.makePass())
    func loss(_ gradients: ParameterStore) throws -> Double {
      var generator: RandomGenerator? = RandomGenerator(seed: 8)
      return try model.addGradient(
        for: batch, pass: pass, dropout: &generator, to: gradients
      ).value
    }
    let gradients = ParameterStore(layout: model.parameters.layout)
    _ = try loss(gradients)
    let rest = ParameterStore(layout: model.parameters.layout)
    for name in [
      "question.embedding.weight", "question.weight_ih_l0", "image.region.weight",
      "image.position.weight", "attention.key.weight", "combination.weight", "readout.weight",
    ] {
      let (values, slopes) = (
        try model.parameters.values(of: name), try gradients.values(of: name)
      )
      let index = try #require(slopes.indices.max { abs(slopes[$0]) < abs(slopes[$1]) })
      func moved(_ distance: Float) throws -> Double {
        var changed = values
        changed[index] += distance
        try model.parameters.set(name, to: changed)
        return try loss(rest)
      }
      let difference = (try moved(4e-3) - moved(-4e-3)) / 8e-3
      try model.parameters.set(name, to: values)
      // Single precision of the loss over the distance, and the third derivative times its square.
      #expect(abs(difference - Double(slopes[index])) < 1e-3, "\(name)")
    }
  }

  @Test("Threads divide images, questions and regions, and the gradients stay", arguments: [2, 3])
  func threads(count: Int) throws {
    for modelCase in VisualQuestionCase.all {
      func gradient(_ threads: Int) throws -> [Float] {
        let model = try modelCase.model(threads: threads)
        let gradients = ParameterStore(layout: model.parameters.layout)
        var noDropout: RandomGenerator?
        try model.addGradient(
          for: modelCase.batch(seed: 3), pass: model.makePass(), dropout: &noDropout, to: gradients)
        return try model.parameters.layout.slices.flatMap { try gradients.values(of: $0.name) }
      }
      expectClose(
        try gradient(count).map(Double.init), try gradient(1).map(Double.init), oracleCloseness,
        "\(modelCase)")
    }
  }

  @Test(
    "Answers and maps of attention are the oracle's, in the order of the questions",
    arguments: VisualQuestionCase.all)
  func answers(_ modelCase: VisualQuestionCase) throws {
    let model = try modelCase.model()
    let oracle = VisualQuestionOracle(configuration: modelCase.configuration)
    let parameters = try model.parameters.named().mapValues { $0.map(Double.init) }
    var questions = modelCase.questions(seed: 5)
    for index in questions.indices { questions[index].answer = nil }
    let patches = modelCase.patches(seed: 6)
    let answers = try model.answers(
      for: VisualQuestionBatch(questions, patches: patches, for: modelCase.configuration),
      pass: model.makePass())
    #expect(answers.count == questions.count)
    for (question, answer) in zip(questions, answers) {
      let expected = oracle.answer(parameters, question, patches)
      expectClose(
        answer.probabilities.map(Double.init), expected.probabilities, oracleCloseness, "answers")
      expectClose(answer.attention.map(Double.init), expected.attention, oracleCloseness, "map")
      #expect(answer.attention.count == modelCase.configuration.image?.regionCount ?? 0)
      let likeliest = expected.probabilities.max() ?? 0
      #expect(abs(expected.probabilities[answer.best] - likeliest) < 1e-5)
    }
  }

  @Test("A question without an answer is answered, but gives no loss")
  func noAnswer() throws {
    let modelCase = VisualQuestionCase.all[40]
    var questions = modelCase.questions(seed: 3)
    questions[2].answer = nil
    let batch = try VisualQuestionBatch(
      questions, patches: modelCase.patches(seed: 4), for: modelCase.configuration)
    let model = try modelCase.model()
    #expect(try model.answers(for: batch, pass: model.makePass()).count == 6)
    expectError(.empty, about: "answers") { _ = try model.loss(for: batch, pass: model.makePass()) }
  }

  @Test("One pass serves batches of any size one after the other")
  func reuse() throws {
    let modelCase = VisualQuestionCase.all[40]
    let (model, all) = (try modelCase.model(), modelCase.questions(seed: 3))
    let (pass, patches) = (model.makePass(), modelCase.patches(seed: 4))
    let whole = try model.loss(for: modelCase.batch(seed: 3), pass: pass)
    let width = modelCase.configuration.image?.width ?? 0
    let sum = try all.reduce(0.0) { sum, question in
      let image = Array(patches[question.image * width..<(question.image + 1) * width])
      var alone = question
      alone.image = 0
      let batch = try VisualQuestionBatch([alone], patches: image, for: modelCase.configuration)
      return try sum + model.loss(for: batch, pass: pass).value
    }
    #expect(abs(sum / 6 - whole.value) < 1e-5)
    #expect(try model.loss(for: modelCase.batch(seed: 3), pass: pass).value == whole.value)
  }

  @Test("Shapes and batches without meaning are refused")
  func errors() throws {
    let plain = VisualQuestionCase.all[60].configuration
    func expect(
      _ kind: RNNError.Kind, _ change: (inout VisualQuestionConfiguration) -> Void
    ) {
      var configuration = plain
      change(&configuration)
      expectError(kind) { _ = try VisualQuestionModel(configuration, seed: 1) }
      expectError(kind) { _ = try configuration.parameterCount() }
    }
    expect(.range) { $0.vocabulary = 0 }
    expect(.range) { $0.embedding = 0 }
    expect(.range) { $0.answers = 0 }
    expect(.range) { $0.layers = 0 }
    expect(.range) { $0.dropout = 1 }
    expect(.range) { $0.image?.rows = 0 }
    expect(.range) { $0.image?.columns = -1 }
    expect(.range) { $0.image?.patchWidth = 0 }
    expect(.memory) {
      $0.image?.rows = 1 << 24
      $0.image?.columns = 1 << 24
    }
    expect(.range) { $0.image?.patchWidth = 1 << 25 }
    expect(.shape) { ($0.hiddenSize, $0.directions) = (5, .concatenated) }
    expect(.unsupported) { $0.cell = .jordan(.tanh, teacherForcing: false) }

    let modelCase = VisualQuestionCase(configuration: plain)
    let (model, patches) = (try modelCase.model(), modelCase.patches(seed: 1))
    func expectBatch(
      _ kind: RNNError.Kind, _ patches: [Float], _ change: (inout [VisualQuestion]) -> Void
    ) {
      var questions = modelCase.questions(seed: 2)
      change(&questions)
      expectError(kind) {
        let batch = try VisualQuestionBatch(questions, patches: patches, for: plain)
        _ = try model.loss(for: batch, pass: model.makePass())
      }
    }
    expectBatch(.vocabulary, patches) { $0[1].words = [7] }
    expectBatch(.vocabulary, patches) { $0[1].answer = 8 }
    expectBatch(.vocabulary, patches) { $0[1].answer = -1 }
    expectBatch(.empty, patches) { $0[1].words = [] }
    expectBatch(.empty, patches) { $0 = [] }
    expectBatch(.empty, patches) { $0.remove(at: 2) }
    expectBatch(.range, patches) { $0[1].image = 3 }
    expectBatch(.range, patches) { $0[1].image = -1 }
    expectBatch(.shape, patches.dropLast()) { _ in }
    expectBatch(.nonFinite, patches.dropLast() + [.infinity]) { _ in }

    // A batch for a model of other images.
    for image in [nil, VisualQuestionCase.all[61].configuration.image] {
      var other = plain
      other.image = image
      expectError(.shape, about: "patches") {
        let batch = try VisualQuestionCase(configuration: other).batch(seed: 2)
        _ = try model.answers(for: batch, pass: model.makePass())
      }
    }
  }
}
