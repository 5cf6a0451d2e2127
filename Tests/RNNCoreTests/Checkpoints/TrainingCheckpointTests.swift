import Testing

@testable import RNNCore
@testable import TestSupport

/// A training run of some steps that can be stopped and taken up by another trainer.
private struct RunCase: CustomTestStringConvertible, Sendable {
  var rule: OptimizerRule = .adam()
  var cell: CellKind = .lstm()
  var dropout: Float = 0
  var recurrentDropout: Float = 0
  var schedule: RateSchedule = .constant
  var clipping: Clipping = .none
  var averaging: Float?

  var testDescription: String {
    "\(rule), \(cell), dropout \(dropout) and \(recurrentDropout), \(schedule), \(clipping), averaging \(averaging ?? 0)"
  }

  static let all: [RunCase] = [
    RunCase(), RunCase(averaging: 0.7),
    RunCase(rule: .sgd(momentum: 0.9, nesterov: true), cell: .gru(.after)),
    RunCase(rule: .rmsProp(), cell: .elman(.tanh), dropout: 0.3, clipping: .value(0.01)),
    RunCase(rule: .adamW(), dropout: 0.2, recurrentDropout: 0.4, schedule: .cosine(updates: 9)),
    RunCase(
      rule: .adaGrad(), cell: .jordan(.tanh, teacherForcing: false), recurrentDropout: 0.1,
      schedule: .decay(after: 2, every: 2, factor: 0.5), clipping: .globalNorm(0.05)),
  ]

  var fixture: TrainingFixture {
    TrainingFixture(
      configuration: ModelConfiguration(
        input: .tokens(vocabulary: 7, embedding: 3), body: .recurrent(cell), hiddenSize: 5,
        outputs: 4, dropout: dropout, recurrentDropout: recurrentDropout))
  }

  func makeTrainer(seed: UInt64 = 3) throws -> Trainer<SequenceModel> {
    try Trainer(
      SequenceModel(fixture.configuration, seed: seed), rule: rule, rate: 0.05, schedule: schedule,
      weightDecay: 0.01, clipping: clipping, averaging: averaging, seed: seed)
  }

  /// Steps number `steps` of the run; the state is carried all along.
  func run(_ trainer: Trainer<SequenceModel>, _ steps: Range<Int>, state: inout RecurrentState)
    throws
  {
    for step in steps { try trainer.step(fixture.batch(seed: UInt64(step)), state: &state) }
  }
}

@Suite("Training checkpoints")
struct TrainingCheckpointTests {
  @Test(
    "A run taken up from a file ends with the bits of one that never stopped",
    arguments: RunCase.all)
  fileprivate func resumes(_ test: RunCase) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let whole = try test.makeTrainer()
    var state = whole.model.zeroState(sequences: 3)
    try test.run(whole, 0..<4, state: &state)
    // Neither saving nor a kept model disturbs the run.
    let kept = ParameterStore(layout: whole.model.parameters.layout)
    try kept.fill(seed: 99)
    try whole.save(to: folder.path("kept"), kept: kept, carried: state, metadata: ["a": "b"])
    try whole.save(to: folder.path("plain"), carried: state)
    try test.run(whole, 4..<9, state: &state)

    for name in ["kept", "plain"] {
      let checkpoint = try TrainingCheckpoint(reading: folder.path(name))
      #expect(checkpoint.updates == 4)
      // Another seed: everything has to come from the file.
      let second = try test.makeTrainer(seed: 8)
      try checkpoint.restore(second)
      var carried = try checkpoint.carriedState(for: second.model)
      try test.run(second, 4..<9, state: &carried)
      #expect(second.model.parameters.bits == whole.model.parameters.bits, "\(name)")
      #expect(carried == state, "\(name)")
      #expect(second.averaged?.bits == whole.averaged?.bits, "\(name)")
      #expect(second.optimizer.updates == 9)
      for (mine, theirs) in zip(second.optimizer.memory, whole.optimizer.memory) {
        #expect(mine.bits == theirs.bits, "\(name)")
      }
      let layout = second.model.parameters.layout
      #expect(try checkpoint.kept(layout: layout)?.bits == (name == "kept" ? kept.bits : nil))
    }
  }

  @Test("A checkpoint is a model file with the model to be used")
  func isModelFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let trainer = try RunCase().makeTrainer()
    let kept = ParameterStore(layout: trainer.model.parameters.layout)
    try kept.fill(seed: 4)
    try trainer.save(to: folder.path("c"), kept: kept, metadata: ["task": "test"])
    let loaded = try SequenceModel(contentsOf: folder.path("c"))
    #expect(loaded.parameters.bits == kept.bits)
    #expect(try ModelFile(reading: folder.path("c")).metadata == ["task": "test"])
  }

  @Test("Without a carried state the next batch begins with zeros")
  func nothingCarried() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let trainer = try RunCase().makeTrainer()
    try trainer.save(to: folder.path("c"))
    let checkpoint = try TrainingCheckpoint(reading: folder.path("c"))
    #expect(try checkpoint.carriedState(for: trainer.model).sequenceCount == 0)
  }

  @Test("Another model, optimiser or dropout is refused")
  func refusesOthers() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("c")
    try RunCase().makeTrainer().save(to: path)
    let checkpoint = try TrainingCheckpoint(reading: path)
    expectError(.shape, about: path) {
      try checkpoint.restore(RunCase(cell: .gru(.after)).makeTrainer())
    }
    expectError(.unsupported, about: "optimiser") {
      try checkpoint.restore(RunCase(rule: .adamW()).makeTrainer())
    }
    expectError(.unsupported, about: "averaging") {
      try checkpoint.restore(RunCase(averaging: 0.5).makeTrainer())
    }
    // The configurations are equal; one trainer's generator is taken away.
    let dropping = try RunCase(dropout: 0.5).makeTrainer()
    dropping.dropout = nil
    try dropping.save(to: path)
    let silent = try TrainingCheckpoint(reading: path)
    expectError(.unsupported, about: "dropout") {
      try silent.restore(RunCase(dropout: 0.5).makeTrainer())
    }
  }

  @Test("A plain model is no checkpoint")
  func plainModel() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try RunCase().makeTrainer().model.save(to: folder.path("m"))
    expectError(.format, about: folder.path("m")) {
      _ = try TrainingCheckpoint(reading: folder.path("m"))
    }
  }

  @Test("A state for more sequences than its tensors have is refused before memory is taken")
  func hugeState() throws {
    try rewriting { texts in
      texts["rnncore.training"] = texts["rnncore.training"]?.replacing(
        #""sequences":3"#, with: #""sequences":9007199254740992"#)
    } expecting: { path in
      expectError(.shape, about: "hidden0") {
        _ = try TrainingCheckpoint(reading: path).carriedState(for: RunCase().makeTrainer().model)
      }
    }
  }

  @Test("Tensors that are missing are named")
  func missingTensor() throws {
    try rewriting { texts in
      texts["rnncore.training"] = texts["rnncore.training"]?.replacing(
        #""ownParameters":false"#, with: #""ownParameters":true"#)
    } expecting: { path in
      expectError(.format, about: path) {
        try TrainingCheckpoint(reading: path).restore(RunCase().makeTrainer())
      }
    }
  }

  @Test("Damaged words of the training state are refused, or are another state")
  func damagedRecords() throws {
    var mutator = Mutator(seed: 13)
    var refused = 0
    try rewriting { _ in
    } expecting: { path in
      let file = try SafeTensorsFile(reading: path)
      let original = Array((file.metadata["rnncore.training"] ?? "").utf8)
      for round in 0..<2000 {
        let text = String(decoding: mutator.mutated(original), as: UTF8.self)
        do throws(RNNError) {
          let record = try TrainingRecord(json: text, name: "it")
          let again = try TrainingRecord(json: record.json, name: "it")
          #expect(again == record, "round \(round)")
        } catch {
          refused += 1
          #expect(error.argument.hasPrefix("it"), "round \(round): \(error)")
        }
      }
    }
    #expect(refused > 1000)
  }

  @Test("Each of 1000 damaged checkpoints is refused with its name, or is the same")
  func damagedFiles() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let test = RunCase(dropout: 0.5)
    let trainer = try test.makeTrainer()
    var state = trainer.model.zeroState(sequences: 3)
    try test.run(trainer, 0..<1, state: &state)
    try trainer.save(to: folder.path("c"), carried: state)
    let original = try folder.bytes(of: "c")
    let other = try test.makeTrainer(seed: 9)
    var mutator = Mutator(seed: 17)
    for round in 0..<1000 {
      let path = try folder.write(mutator.mutated(original), to: "bad")
      do throws(RNNError) {
        let checkpoint = try TrainingCheckpoint(reading: path)
        try checkpoint.restore(other)
        #expect(other.model.parameters.bits == trainer.model.parameters.bits, "round \(round)")
        #expect(try checkpoint.carriedState(for: other.model) == state, "round \(round)")
      } catch {
        #expect(error.argument.hasPrefix(path), "round \(round): \(error)")
      }
    }
  }

  /// A checkpoint after one step whose metadata were changed under a right checksum.
  private func rewriting(
    _ change: (inout [String: String]) -> Void, expecting body: (String) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let test = RunCase()
    let trainer = try test.makeTrainer()
    var state = trainer.model.zeroState(sequences: 3)
    try test.run(trainer, 0..<1, state: &state)
    try trainer.save(to: folder.path("c"), carried: state)
    let file = try SafeTensorsFile(reading: folder.path("c"))
    var texts = file.metadata
    change(&texts)
    try SafeTensorsFile.write(
      file.tensors.map { ($0.name, $0.shape) }, metadata: texts, to: folder.path("d")
    ) { (name: String) throws(RNNError) in try file.values(of: name) }
    try body(folder.path("d"))
  }
}
