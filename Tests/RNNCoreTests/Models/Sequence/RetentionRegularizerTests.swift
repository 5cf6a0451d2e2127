import Testing

@testable import RNNCore
@testable import TestSupport

/// A network of the Elman family, with sequences to train it on.
struct RetentionCase: Sendable, CustomTestStringConvertible {
  var activation: OracleActivation
  var layers: Int
  var directions: Directions
  var answer: SequenceBatch.Answer
  var lengths: [Int]
  var form: RetentionRegularizer.Form

  static let all: [RetentionCase] = [OracleActivation.tanh, .sigmoid, .relu].flatMap { activation in
    [(1, Directions.forward), (2, .forward), (1, .concatenated), (2, .summed)].flatMap { shape in
      [SequenceBatch.Answer.everyStep, .atEnd].flatMap { answer in
        [[4, 1, 7, 3], [5, 5, 5], [1, 1]].flatMap { lengths in
          RetentionRegularizer.Form.allCases.map { form in
            RetentionCase(
              activation: activation, layers: shape.0, directions: shape.1, answer: answer,
              lengths: lengths, form: form)
          }
        }
      }
    }
  }

  var testDescription: String {
    "\(activation), \(layers) layers, \(directions), \(answer), \(lengths), \(form)"
  }

  var configuration: ModelConfiguration {
    ModelConfiguration(
      input: .features(width: 3),
      body: .recurrent(.elman(activation.engine), layers: layers, directions: directions),
      hiddenSize: 5, outputs: 2, loss: .meanSquaredError, answer: answer)
  }

  var oracle: RetentionOracle {
    RetentionOracle(
      activation: activation, layers: layers, directions: directions, hidden: 5,
      atEnd: answer == .atEnd)
  }

  var examples: [Example] {
    TrainingFixture(configuration: configuration, lengths: lengths).examples(seed: 5)
  }

  /// Gradients and report of one step from the same weights.
  func step(
    weight: Float?, scale: Double = 0.8, threads: Int = 1
  ) throws -> (trainer: Trainer<SequenceModel>, report: StepReport, start: [String: [Float]]) {
    let model = try SequenceModel(
      configuration, seed: 1, team: ThreadTeam(count: threads, cores: threads))
    try model.parameters.fill(seed: 2, scale: scale)
    let start = try model.parameters.named()
    let trainer = try Trainer(
      model, rule: .sgd(), rate: 1e-3,
      regularizer: weight.map { try RetentionRegularizer(weight: $0, form: form) })
    return (trainer, try trainer.step(SequenceBatch(examples)), start)
  }
}

@Suite("The regulariser Ω")
struct RetentionRegularizerTests {
  private static let closeness = Closeness(
    absolute: 1e-5, relative: 5e-5,
    reason:
      "a ratio of two lengths, each from Float gradients that are right to about 1e-6 of their "
      + "largest element, squared twice at most")

  @Test("Ω is that of plain Doubles, and only U learns from it", arguments: RetentionCase.all)
  func agreesWithOracle(_ item: RetentionCase) throws {
    let weight: Float = 3
    let plain = try item.step(weight: nil)
    let regular = try item.step(weight: weight)
    let parameters = plain.start.mapValues { $0.map(Double.init) }
    let (loss, frozen) = item.oracle.run(parameters, item.examples)
    expectClose([regular.report.loss], [loss], Self.closeness, "loss")
    #expect(regular.report.loss == plain.report.loss && plain.report.regularization == nil)
    let omega = item.oracle.omega(parameters, frozen, item.form)
    expectClose(
      [try #require(regular.report.regularization)], [omega], Self.closeness, "omega")

    for name in parameters.keys {
      let added = zip(
        try regular.trainer.gradients.values(of: name), try plain.trainer.gradients.values(of: name)
      ).map { Double($0 - $1) / Double(weight) }
      guard name.hasPrefix("weight_hh") else {
        #expect(added.allSatisfy { $0 == 0 }, "\(name) moved")
        continue
      }
      let slopes = Self.centralDifferences(parameters, name) { recurrent in
        item.oracle.omega(recurrent, frozen, item.form)
      }
      expectClose(added, slopes, Self.closeness, name)
    }
  }

  /// dΩ/dU in `Double`: a step of 1e-5 leaves errors of about 1e-10.
  private static func centralDifferences(
    _ parameters: [String: [Double]], _ name: String, _ omega: ([String: [Double]]) -> Double
  ) -> [Double] {
    let step = 1e-5
    return (parameters[name] ?? []).indices.map { index in
      let values = [step, -step].map { change in
        var moved = parameters
        moved[name]?[index] += change
        return omega(moved)
      }
      return (values[0] - values[1]) / (2 * step)
    }
  }

  /// With weights this small a gradient loses two digits a step: 25 steps are beyond both bounds.
  @Test(
    "Steps where no gradient arrives do not count", arguments: RetentionRegularizer.Form.allCases)
  func skipsVanished(_ form: RetentionRegularizer.Form) throws {
    let item = RetentionCase(
      activation: .sigmoid, layers: 1, directions: .forward, answer: .atEnd, lengths: [25, 9],
      form: form)
    let regular = try item.step(weight: 1, scale: 0.02)
    let parameters = regular.start.mapValues { $0.map(Double.init) }
    let frozen = item.oracle.run(parameters, item.examples).frozen
    let vanished = frozen.flatMap(\.gradients).filter { step in
      step.reduce(0) { $0 + $1 * $1 } < form.bound
    }
    #expect(!vanished.isEmpty)
    expectClose(
      [try #require(regular.report.regularization)],
      [item.oracle.omega(parameters, frozen, form)], Self.closeness, "omega")
    #expect(regular.report.clip?.norm.isFinite == true)
  }

  @Test("Any number of threads gives the same Ω", arguments: RetentionRegularizer.Form.allCases)
  func threads(_ form: RetentionRegularizer.Form) throws {
    let item = RetentionCase(
      activation: .tanh, layers: 2, directions: .concatenated, answer: .everyStep,
      lengths: [9, 4, 17, 8, 8], form: form)
    let omegas = try (1...3).map {
      try #require(item.step(weight: 1, threads: $0).report.regularization)
    }
    for omega in omegas { expectClose([omega], [omegas[0]], Self.closeness, "omega") }
  }

  @Test("A weight of 0 measures and changes nothing")
  func weightZero() throws {
    let item = RetentionCase.all[0]
    let (plain, measured) = (try item.step(weight: nil), try item.step(weight: 0))
    #expect(try #require(measured.report.regularization) > 0)
    #expect(measured.trainer.gradients.bits == plain.trainer.gradients.bits)
  }

  @Test("Training with it brings Ω down")
  func trains() throws {
    let item = RetentionCase(
      activation: .tanh, layers: 1, directions: .forward, answer: .atEnd, lengths: [12, 9, 12],
      form: .paper)
    let model = try SequenceModel(item.configuration, seed: 1)
    let trainer = try Trainer(
      model, rule: .sgd(), rate: 0.05, clipping: .globalNorm(1),
      regularizer: RetentionRegularizer(weight: 4))
    let batch = try SequenceBatch(item.examples)
    let first = try #require(try trainer.step(batch).regularization)
    for _ in 0..<300 { try trainer.step(batch) }
    let last = try #require(try trainer.step(batch).regularization)
    #expect(last < 0.3 * first, "from \(first) to \(last)")
  }

  @Test("IRNN counts as relu")
  func irnn() throws {
    var configuration = RetentionCase.all[0].configuration
    configuration.body = .recurrent(.irnn)
    let trainer = try Trainer(
      SequenceModel(configuration, seed: 1), rule: .sgd(), rate: 1e-3,
      regularizer: RetentionRegularizer(weight: 1))
    #expect(try trainer.step(SequenceBatch(RetentionCase.all[0].examples)).regularization != nil)
  }

  @Test(
    "Bodies whose state does not pass through U and f' alone are refused",
    arguments: [
      (ModelConfiguration.Body.feedForward(), "feed-forward"),
      (.recurrent(.jordan(.tanh, teacherForcing: false)), "found jordan"),
      (.recurrent(.lstm()), "found lstm"), (.recurrent(.gru(.before)), "found gru"),
    ])
  func refusesCells(_ body: ModelConfiguration.Body, says: String) throws {
    var configuration = RetentionCase.all[0].configuration
    configuration.body = body
    let model = try SequenceModel(configuration, seed: 1)
    #expect {
      try Trainer(model, rate: 0.1, regularizer: RetentionRegularizer(weight: 1))
    } throws: { error in
      (error as? RNNError)?.kind == .unsupported && "\(error)".contains(says)
    }
  }

  @Test("Recurrent dropout and bad weights are refused")
  func refusesSettings() throws {
    var configuration = RetentionCase.all[0].configuration
    configuration.recurrentDropout = 0.2
    let model = try SequenceModel(configuration, seed: 1)
    expectError(.unsupported, about: "regulariser") {
      _ = try Trainer(model, rate: 0.1, regularizer: RetentionRegularizer(weight: 1))
    }
    for weight in [-1, .nan, .infinity] as [Float] {
      expectError(.range, about: "weight") { _ = try RetentionRegularizer(weight: weight) }
    }
  }
}
