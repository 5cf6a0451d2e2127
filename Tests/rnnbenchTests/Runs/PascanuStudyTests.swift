import RNNTasks
import Testing

@testable import RNNCore
@testable import RNNReport
@testable import RNNStudies
@testable import rnnbench

@Suite("Pascanu's experiment")
struct PascanuStudyTests {
  private static func plan(updates: Int = 3) -> PascanuPlan {
    PascanuPlan(
      starts: [.smartTanh], lengths: [10...12], seeds: [1, 2], updates: updates, heldOut: 30)
  }

  private static func task() throws -> OneHotTask {
    try OneHotTask(TemporalOrderTask(lengths: 10...10))
  }

  @Test("Weights start as in the paper", arguments: PascanuPlan.Start.allCases)
  func starts(_ start: PascanuPlan.Start) throws {
    let model = try Self.plan().makeModel(start, task: Self.task(), seed: 3, team: .shared)
    for slice in model.parameters.layout.slices where slice.columns == 1 {
      #expect(try model.parameters.values(of: slice.name).allSatisfy { $0 == 0 }, "\(slice.name)")
    }
    let expected = start == .tanh ? 0.1 : 0.01
    for name in ["weight_ih_l0", "readout.weight"] {
      try expectDeviation(model.parameters.values(of: name), expected, name)
    }
    let recurrent = try model.parameters.values(of: "weight_hh_l0")
    guard start == .smartTanh else {
      return expectDeviation(recurrent, expected, "weight_hh_l0")
    }
    for row in 0..<50 { #expect(recurrent[row * 50..<row * 50 + 50].count { $0 != 0 } == 15) }
    let radius = try #require(LAPACK.spectralRadius(recurrent, size: 50))
    // Eigenvalues of a 50 × 50 matrix in Float.
    #expect(abs(radius - 0.95) < 1e-3)
  }

  /// Of n normal numbers the sample deviation scatters by 1/√(2n), 5 % for 200: four times that.
  private func expectDeviation(_ values: [Float], _ expected: Double, _ name: String) {
    let squares = values.reduce(0) { $0 + Double($1) * Double($1) }
    let deviation = (squares / Double(values.count)).squareRoot()
    #expect(abs(deviation / expected - 1) < 4 / (2 * Double(values.count)).squareRoot(), "\(name)")
  }

  @Test("Each method trains with what it is named after", arguments: PascanuPlan.Method.allCases)
  func methods(_ method: PascanuPlan.Method) throws {
    let plan = Self.plan()
    let model = try plan.makeModel(.tanh, task: Self.task(), seed: 1, team: .shared)
    let trainer = try plan.makeTrainer(model, method)
    #expect(trainer.clipping == (method == .sgd ? .none : .globalNorm(1)))
    #expect(trainer.training.regularizer?.weight == (method == .regularized ? 4 : nil))
    #expect(trainer.optimizer.rule == .sgd() && trainer.optimizer.rate == 0.01)
    #expect(trainer.nonFinitePolicy == (method == .sgd ? .skip : .rescale))
  }

  @Test("A run depends on its setting alone, not on the number of threads")
  func deterministic() throws {
    let studies = try [1, 3].map { threads in
      var study = PascanuStudy(Self.plan())
      try study.run(threads: threads, progress: ProgressReporter(write: { _ in }))
      return study
    }
    #expect(studies[0].runs.count == 6)
    for (one, many) in zip(studies[0].runs, studies[1].runs) {
      #expect(one.setting.method == many.setting.method && one.setting.seed == many.setting.seed)
      #expect(one.error == many.error && one.omega == many.omega)
      #expect(one.clips.meanNorm == many.clips.meanNorm)
    }
    #expect(studies[0].runs[0].clips.meanNorm != studies[0].runs[1].clips.meanNorm)
  }

  @Test("Cells count successes and the median of their updates")
  func cells() {
    let runs = [(true, 500), (false, 900), (true, 700), (true, 300)].map { solved, updates in
      var run = PascanuRun(
        setting: .init(start: .tanh, lengths: 20...20, method: .sgd, seed: 1), updates: updates)
      run.isSolved = solved
      return run
    }
    let cell = PascanuStudy.Cell(start: .tanh, lengths: 20...20, method: .sgd, runs: runs)
    #expect(cell.success == Proportion(3, of: 4))
    #expect(cell.updatesToSolve == 500)
  }

  @Test("The paper's size is the paper's")
  func paper() {
    let plan = PascanuPlan.standard(paper: true)
    #expect(plan.updates == 5_000_000 && plan.heldOut == 10_000 && plan.seeds.count == 5)
    #expect(plan.starts.count == 3 && plan.lengths.contains(50...200))
  }

  @Test("One-hot inputs hold one 1 a step, where the token says")
  func oneHot() throws {
    let base = try TemporalOrderTask(lengths: 10...15, seed: 4)
    let task = try OneHotTask(base)
    #expect(task.shape.input == .features(width: 6))
    for (example, tokens) in zip(task.test, base.test) {
      guard case .features(let values, 6) = example.input, case .tokens(let ids) = tokens.input
      else {
        Issue.record("inputs of another kind")
        return
      }
      #expect(values.count == 6 * ids.count && values.reduce(0, +) == Float(ids.count))
      #expect(ids.enumerated().allSatisfy { values[6 * $0.offset + Int($0.element)] == 1 })
      #expect(example.target == tokens.target)
    }
    #expect(throws: RNNError.self) { try OneHotTask(AddingTask()) }
  }
}
