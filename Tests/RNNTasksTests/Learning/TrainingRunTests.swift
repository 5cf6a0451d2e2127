import RNNTasks
import Testing

@testable import RNNCore

@Suite("Training runs")
struct TrainingRunTests {
  /// A small run on a stream of characters (carried state), on shuffled sentences, or on generated
  /// data.
  private static func makeRun(_ kind: String, seed: UInt64 = 1) throws -> TrainingRun {
    let task: any SequenceTask
    switch kind {
    case "streams", "windows": task = try TextTask(generating: 900, steps: 7)
    case "sentences":
      let directory = try tinyTaggingFolder(sentences: 23)
      task = try TaggingTask(directory: directory.url, minimumCount: 1, wordDropout: 0.2)
    default: task = try AddingTask(lengths: 3...7, heldOut: HeldOutSizes(validation: 9, test: 2))
    }
    let input: ModelConfiguration.Input =
      switch task.shape.input {
      case .tokens(let vocabulary): .tokens(vocabulary: vocabulary, embedding: 5)
      case .features(let width): .features(width: width)
      }
    let model = try SequenceModel(
      ModelConfiguration(
        input: input, contextWindow: kind == "windows" ? 4 : 1, contextSide: task.shape.contextSide,
        body: .recurrent(.lstm()), hiddenSize: 6, outputs: task.shape.outputs,
        loss: task.shape.objective == .classes ? .softmaxCrossEntropy : .meanSquaredError,
        answer: task.shape.answer == .everyStep ? .everyStep : .atEnd, dropout: 0.2),
      seed: seed)
    let trainer = try Trainer(
      model, rate: 0.02, clipping: .globalNorm(0.5), nonFinite: .skip, seed: seed)
    return try TrainingRun(task, trainer: trainer, batch: 4, seed: seed)
  }

  private func train(_ run: TrainingRun, steps: Range<Int>) throws {
    for step in steps {
      try run.step()
      if step % 5 == 4 { try run.look() }
    }
  }

  @Test(
    "A run that was killed and resumed is the run that was not",
    arguments: ["streams", "windows", "sentences", "generated"])
  func resumes(_ kind: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appendingPathComponent("c").path
    for stop in [0, 3, 5, 17] {
      let whole = try Self.makeRun(kind)
      try train(whole, steps: 0..<stop)
      try whole.save(to: path, metadata: ["mine": "kept"])
      try train(whole, steps: stop..<25)

      let checkpoint = try TrainingCheckpoint(reading: path)
      #expect(checkpoint.model.metadata["mine"] == "kept")
      let second = try Self.makeRun(kind, seed: 77)
      try second.resume(checkpoint)
      try train(second, steps: stop..<25)
      #expect(try Self.values(second) == Self.values(whole))
      #expect(second.course.looks.map(\.validLoss) == whole.course.looks.map(\.validLoss))
      #expect(second.course.best == whole.course.best)
      #expect(second.course.tokens == whole.course.tokens)
      #expect(second.course.epochs == whole.course.epochs)
      #expect(second.course.clippedSteps == whole.course.clippedSteps)
      // The best parameters as well.
      try whole.useBest()
      try second.useBest()
      #expect(try Self.values(second) == Self.values(whole))
    }
  }

  private static func values(_ run: TrainingRun) throws -> [[Float]] {
    try run.model.parameters.layout.slices.map { try run.model.parameters.values(of: $0.name) }
  }

  @Test("The best look's parameters are those of the best look")
  func keepsBest() throws {
    let run = try Self.makeRun("sentences")
    try train(run, steps: 0..<40)
    let best = try #require(run.course.bestLook)
    #expect(run.course.looks.allSatisfy { $0.metric <= best.metric })
    try run.useBest()
    let again = try #require(try run.learner.score(.validation))
    #expect(again.loss == best.validLoss)
    #expect(again.score.metrics[0].value == best.metric)
    #expect(run.course.epochsWithoutGain == run.course.epochs - best.epochs)
  }

  @Test("An epoch ends where its last batch does")
  func epochEnds() throws {
    let run = try Self.makeRun("sentences")
    let updates = try #require(run.updatesPerEpoch)
    #expect(updates == 6)
    for step in 1...18 {
      try run.step()
      #expect(run.isAtEpochEnd == (step % updates == 0))
      #expect(run.course.epochs == step / updates)
    }
  }

  @Test("A run that was saved between the end of an epoch and its look owes that look")
  func owesLook() throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appendingPathComponent("c").path
    let whole = try Self.makeRun("sentences")
    let updates = try #require(whole.updatesPerEpoch)
    for _ in 0..<updates { try whole.step() }
    #expect(whole.owesLook)
    try whole.save(to: path)
    try whole.look()
    #expect(!whole.owesLook)
    try whole.step()

    let second = try Self.makeRun("sentences", seed: 77)
    #expect(!second.owesLook)
    try second.resume(try TrainingCheckpoint(reading: path))
    #expect(second.owesLook)
    try second.look()
    try second.step()
    #expect(try Self.values(second) == Self.values(whole))
    #expect(second.course.looks.map(\.trainLoss) == whole.course.looks.map(\.trainLoss))
    #expect(second.course.best == whole.course.best)
  }

  @Test("Parameters that are not finite are a divergence, and no model to keep")
  func diverges() throws {
    let run = try Self.makeRun("sentences")
    try run.step()
    try run.look()
    #expect(run.divergence == nil && run.course.best == 0)
    let last = try #require(run.model.parameters.layout.slices.last)
    run.model.parameters.withUnsafeMutableValues { $0[last.offset] = .nan }
    try run.step()
    let divergence = try #require(run.divergence)
    #expect(divergence.epoch == run.course.epochs + (run.isAtEpochEnd ? 0 : 1))
    #expect(divergence.step == 2 && divergence.quantity == .trainingLoss)
    #expect("\(divergence)".contains("not finite in epoch"))
    try run.look()
    #expect(run.course.best == 0)
  }

  @Test("A checkpoint of other data or of a plain trainer is refused")
  func refuses() throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appendingPathComponent("c").path
    let run = try Self.makeRun("sentences")
    try run.learner.save(to: path, kept: nil, metadata: [:])
    #expect(throws: RNNError.self) { try run.resume(TrainingCheckpoint(reading: path)) }
    try run.save(to: path)
    #expect(throws: RNNError.self) {
      try Self.makeRun("generated").resume(TrainingCheckpoint(reading: path))
    }
  }

  /// A file of `run` in the middle of a pass, with one text of its metadata changed.
  private func resume(
    _ kind: String, _ key: String, _ old: String, _ new: String
  ) throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appendingPathComponent("c").path
    let run = try Self.makeRun(kind)
    try train(run, steps: 0..<9)
    try run.save(to: path)
    let file = try SafeTensorsFile(reading: path)
    var metadata = file.metadata
    let text = try #require(metadata[key])
    metadata[key] = text.replacing(old, with: new)
    #expect(old == new || metadata[key] != text, "\(text)")
    try SafeTensorsFile.write(
      file.tensors.map { (name: $0.name, shape: $0.shape) }, metadata: metadata, to: path
    ) { (name: String) throws(RNNError) in try file.values(of: name) }
    try Self.makeRun(kind).resume(TrainingCheckpoint(reading: path))
  }

  @Test("A place, state or count that such a run cannot have is refused")
  func refusesImpossiblePlaces() throws {
    for kind in ["streams", "sentences"] { try resume(kind, "rnntasks.position", "", "") }
    let wrong = [
      // Not between two batches.
      ("sentences", "rnntasks.position", #""taken":12"#, #""taken":11"#),
      ("streams", "rnntasks.position", #""taken":63"#, #""taken":62"#),
      // No carried state, which would silently begin at zeros.
      ("streams", "rnncore.training", #""sequences":4"#, #""sequences":0"#),
      // Updates that a pass does not have, and a bias correction of other updates.
      ("sentences", "rnntasks.course", #""updates":9}"#, #""updates":99}"#),
      ("sentences", "rnncore.training", #""updates":9"#, #""updates":7"#),
    ]
    for (kind, key, old, new) in wrong {
      #expect(throws: RNNError.self, "\(key), \(new)") { try resume(kind, key, old, new) }
    }
  }

  @Test("Batches of any size can be asked for")
  func largestBatch() throws {
    let directory = try tinyTaggingFolder(sentences: 23)
    for groups in [false, true] {
      let task = try TaggingTask(
        directory: directory.url, minimumCount: 1, groupsByLength: groups)
      var source = task.makeTrainingSource(seed: 1)
      #expect(source.batchesPerEpoch(.max) == 1)
      #expect(source.nextBatch(.max).examples.count == 23)
    }
    let text = try TextTask(generating: 900, steps: .max)
    #expect(text.makeTrainingSource(seed: 1).batchesPerEpoch(3) == 1)
  }

  @Test("A course reads back from its text, numbers that are none included")
  func courseText() throws {
    let run = try Self.makeRun("sentences")
    try run.look()
    try train(run, steps: 0..<12)
    #expect(run.course.looks[0].trainLoss.isNaN)
    let text = run.course.json
    #expect(try Course(json: text, name: "it").json == text)
    for bad in [
      "", "{}", text.replacing(#""tokens":"#, with: #""tokens":-"#),
      text.replacing(#""best":"#, with: #""best":9"#),
    ] {
      #expect(throws: RNNError.self) { try Course(json: bad, name: "it") }
    }
  }
}
