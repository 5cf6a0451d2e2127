import Foundation
import Testing

@testable import RNNCore
@testable import RNNTasks
@testable import TestSupport

@Suite("Profile of a model of questions about images")
struct VisualQuestionProfileTests {
  /// Norms of the oracle's gradients on each way.
  private struct Expected {
    var (loss, state, product, scores) = (0.0, 0.0, 0.0, 0.0)
    /// Of dE/dq, all ways together.
    var query = 0.0
    var regions: [Double] = []

    init(_ modelCase: VisualQuestionCase, _ model: VisualQuestionModel) throws {
      let tape = GradientTape()
      let variables = try model.parameters.named().mapValues { values in
        values.map { tape.variable(Double($0)) }
      }
      let questions = modelCase.questions(seed: 3)
      func zeros() -> [Variable] {
        (0..<modelCase.configuration.hiddenSize).map { _ in tape.variable(0) }
      }
      let images = (0..<3).map { _ in
        (0..<(modelCase.configuration.image?.regionCount ?? 0)).map { _ in zeros() }
      }
      let moves = VisualQuestionMoves(
        state: questions.map { _ in zeros() }, product: questions.map { _ in zeros() },
        scores: questions.map { _ in zeros() }, regions: images)
      let expected: Variable = VisualQuestionOracle(configuration: modelCase.configuration).loss(
        variables, questions, modelCase.patches(seed: 4), moved: moves)
      let slopes = tape.gradient(of: expected)
      func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      func gradient(_ moves: [[Variable]]) -> [Double] { moves.joined().map { slopes[$0.node] } }
      loss = expected.value
      let parts = [moves.state, moves.product, moves.scores].map(gradient)
      (state, product, scores) = (norm(parts[0]), norm(parts[1]), norm(parts[2]))
      query = norm(parts[0].indices.map { index in parts.reduce(0) { $0 + $1[index] } })
      regions = images[0].indices.map { region in norm(gradient(images.map { $0[region] })) }
    }
  }

  @Test(
    "What reaches question and image on each way is the oracle's gradient",
    arguments: VisualQuestionCase.all)
  func paths(_ modelCase: VisualQuestionCase) throws {
    let model = try modelCase.model(threads: 2)
    let profile = try model.profile(for: modelCase.batch(seed: 3))
    let expected = try Expected(modelCase, model)
    func expect(_ value: Double?, _ other: Double, _ name: String) {
      expectClose([value ?? .nan], [other], .float(of: [expected.query]), name)
    }
    expectClose([profile.loss ?? .nan], [expected.loss], oracleCloseness, "loss")
    expect(profile.path("question.state")?.norm, expected.state, "state")
    let configuration = modelCase.configuration
    let isPlain = configuration.layers == 1 && configuration.directions == .forward
    if isPlain, configuration.cell != .lstm(peephole: true) {
      // Of a cell without gates of its own on the output, the last step's dE/dh is that of the
      // answer alone.
      let last = try #require(profile.layers.first)
      expect(last.hidden.byDistance[0], expected.query, "last step of \(last.name)")
    }
    guard configuration.image != nil else {
      #expect(profile.paths.map(\.name) == ["question.state"])
      return
    }
    expect(profile.path("question.product")?.norm, expected.product, "product")
    expect(profile.path("attention.query")?.norm, expected.scores, "scores")
    let image = try #require(profile.path("attention"))
    expectClose(
      image.steps?.byStep ?? [], expected.regions, .float(of: expected.regions), "regions")
    expect(
      image.norm, expected.regions.reduce(0) { $0 + $1 * $1 }.squareRoot(), "norm of the regions")
  }

  @Test(
    "Layers, parameters and the focus of attention are those of the batch; nothing is left behind")
  func parts() throws {
    let modelCase = try #require(
      VisualQuestionCase.all.last {
        $0.configuration.image?.attention == .concat && $0.configuration.layers == 2
          && $0.configuration.directions == .concatenated
      })
    let model = try modelCase.model()
    let (batch, pass) = (try modelCase.batch(seed: 3), model.makePass())
    let profile = try model.profile(for: batch, pass: pass)
    try pass.begin()
    let tape = try model.layers.question.read(model.layers.embedding(batch.questions, in: pass))
      .tape
    #expect(tape.layers.allSatisfy { $0.probe == nil })
    #expect(
      profile.layers.map(\.name)
        == ["question.l0", "question.l0_reverse", "question.l1", "question.l1_reverse"])
    let gradients = ParameterStore(layout: model.parameters.layout)
    var noDropout: RandomGenerator?
    try model.addGradient(for: batch, pass: pass, dropout: &noDropout, to: gradients)
    #expect(profile.parameters.map(\.name) == model.parameters.layout.slices.map(\.name))
    for parameter in profile.parameters {
      let norm = try gradients.values(of: parameter.name)
        .reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      expectClose([parameter.gradientNorm], [norm], .float(of: [norm]), parameter.name)
    }
    let maps = try model.answers(for: batch, pass: pass).map(\.attention)
    let entropies = maps.map { map in map.reduce(0) { $0 - Double($1) * log(Double($1)) } }
    let focus = try #require(profile.path("attention")?.focus)
    #expect(abs(focus.entropy - entropies.reduce(0, +) / 6) < 1e-6)
    #expect(abs(focus.uniformEntropy - log(6)) < 1e-12)
    #expect(abs(log(focus.keysLookedAt) - focus.entropy) < 1e-12)
  }

  @Test(
    "A profiler that watches training takes the model's own profile and changes no bit of it",
    arguments: [ProfiledLoss.allAnswers, .lastAnswer])
  func training(_ probing: ProfiledLoss) throws {
    let cases = [0, 1, VisualQuestionCase.all.count - 2, VisualQuestionCase.all.count - 1]
    for modelCase in cases.map({ VisualQuestionCase.all[$0] }) {
      let batch = try modelCase.batch(seed: 3)
      let history = try watchedTraining(on: batch, probing: probing) { try modelCase.model() }
      var expected = try modelCase.model().profile(for: batch)
      expected.probe = probing
      #expect(withoutUpdate(history[0]) == expected && !expected.hasSeveralLosses)
    }
    let modelCase = VisualQuestionCase.all[0]
    let trainer = try Trainer(
      modelCase.model(), rate: 0.01, profiler: GradientProfiler(every: 1, probing: .step(1)))
    expectError(.unsupported, about: "probe") { try trainer.step(modelCase.batch(seed: 3)) }
  }

  @Test("Of a question read by a network with a known horizon the profile says it")
  func horizon() throws {
    let configuration = VisualQuestionConfiguration(
      vocabulary: 7, embedding: 1, cell: .elman(.identity), hiddenSize: 1, image: nil, answers: 3)
    let model = try VisualQuestionModel(configuration, seed: 2)
    try model.parameters.set("question.weight_hh_l0", to: [0.9])
    let words = (0..<60).map { Int32($0 % 7) }
    let batch = try VisualQuestionBatch(
      [VisualQuestion(words: words, image: 0, answer: 1)], patches: [], for: configuration)
    let trainer = try Trainer(model, rate: 1e-3, profiler: GradientProfiler(every: 1))
    let own = try model.profile(for: batch)
    try trainer.step(batch)
    let watched = try #require(trainer.profiler?.history.first)
    for profile in [own, watched] {
      let series = try #require(profile.layers.first).memory
      for distance in 0..<60 {
        let share = series.share(at: distance) ?? .nan
        #expect(abs(share / pow(0.9, Double(distance)) - 1) < 1e-5, "\(distance)")
      }
      // 0.9^43 is 1.08 %, 0.9^44 0.97 %.
      #expect(series.horizon() == 44)
      let verdict = profile.verdicts(VerdictContext(cell: .elman(.identity)))[0]
      #expect(
        verdict.kind == .vanishing
          && verdict.evidence == "the gradient falls to 1 % within 44 steps, the task needs 59")
    }
  }

  @Test("A question without an answer is refused")
  func errors() throws {
    let modelCase = VisualQuestionCase.all[0]
    var questions = modelCase.questions(seed: 3)
    questions[2].answer = nil
    let batch = try VisualQuestionBatch(questions, patches: [], for: modelCase.configuration)
    let model = try modelCase.model()
    expectError(.empty) { _ = try model.profile(for: batch) }
  }
}
