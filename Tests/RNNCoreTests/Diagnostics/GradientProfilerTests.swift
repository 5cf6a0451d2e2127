import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A profiler watches training without touching it")
struct GradientProfilerTests {
  private static let configuration = ModelConfiguration(
    input: .tokens(vocabulary: 7, embedding: 3), body: .recurrent(.lstm(), layers: 2),
    hiddenSize: 5, outputs: 4)

  private func train(
    _ configuration: ModelConfiguration, steps: Int, profiler: GradientProfiler?,
    watch: (SequenceModel) throws -> Void = { _ in }
  ) throws -> SequenceModel {
    let model = try SequenceModel(configuration, seed: 3)
    let trainer = try Trainer(
      model, rule: .adam(), rate: 0.01, clipping: .globalNorm(0.1), profiler: profiler)
    let fixture = TrainingFixture(configuration: configuration, lengths: [5, 2, 7])
    for step in 0..<steps {
      try watch(model)
      try trainer.step(fixture.batch(seed: UInt64(step)))
    }
    return model
  }

  @Test("Training gives the same bits with and without, for every cell", arguments: trainedCells)
  func sameBits(_ cell: CellKind) throws {
    var configuration = Self.configuration
    configuration.body = .recurrent(cell, layers: cell.isStackable ? 2 : 1)
    let profiler = try GradientProfiler(every: 2)
    let watched = try train(configuration, steps: 5, profiler: profiler)
    let plain = try train(configuration, steps: 5, profiler: nil)
    #expect(watched.parameters.bits == plain.parameters.bits)
    #expect(profiler.history.map(\.step) == [0, 2, 4])
  }

  @Test("Truncated BPTT and a carried state give the same bits with and without")
  func truncated() throws {
    let fixture = TrainingFixture(configuration: Self.configuration, lengths: [9, 4, 11])
    func train(_ profiler: GradientProfiler?) throws -> ([UInt32], RecurrentState) {
      let model = try SequenceModel(Self.configuration, seed: 3)
      let trainer = try Trainer(model, rate: 0.01, profiler: profiler)
      var state = model.zeroState(sequences: 3)
      let truncation = try TruncatedBPTT(every: 2, through: 3)
      try trainer.step(fixture.batch(seed: 1), truncation: truncation, state: &state)
      try trainer.step(fixture.batch(seed: 2), state: &state)
      return (model.parameters.bits, state)
    }
    for probing in [ProfiledLoss.allAnswers, .lastAnswer] {
      let profiler = try GradientProfiler(every: 2, probing: probing)
      let (watched, plain) = (try train(profiler), try train(nil))
      #expect(watched.0 == plain.0 && watched.1 == plain.1)
      // Six windows, and the step after them.
      #expect(profiler.history.map(\.step) == [0, 2, 4, 6])
    }
  }

  @Test("A step that throws leaves nothing behind")
  func throwing() throws {
    func train(_ profiler: GradientProfiler?) throws -> [UInt32] {
      let model = try SequenceModel(Self.configuration, seed: 3)
      let trainer = try Trainer(model, rate: 0.01, profiler: profiler)
      let fixture = TrainingFixture(configuration: Self.configuration, lengths: [5, 2, 7])
      let bad = try SequenceBatch([
        Example(input: .tokens([1, 99]), target: .classPerStep([0, 0]))
      ])
      #expect(throws: RNNError.self) { try trainer.step(bad) }
      #expect(trainer.pass.layers.watcher == nil)
      try trainer.step(fixture.batch(seed: 1))
      return model.parameters.bits
    }
    let profiler = try GradientProfiler(every: 1)
    #expect(try train(profiler) == train(nil))
    #expect(profiler.history.map(\.step) == [1] && !profiler.history[0].layers.isEmpty)
    expectError(.range, about: "steps before") { _ = try GradientProfiler(stepsBefore: -1) }
  }

  @Test("Norms of parameters, gates and updates are those of the numbers themselves")
  func parameterNorms() throws {
    let profiler = try GradientProfiler(every: 1)
    var before: [String: [Float]] = [:]
    let model = try train(Self.configuration, steps: 1, profiler: profiler) {
      before = try $0.parameters.named()
    }
    let after = try model.parameters.named()
    let untouched = try SequenceModel(Self.configuration, seed: 3)
    let gradients = ParameterStore(layout: untouched.parameters.layout)
    var state = untouched.zeroState(sequences: 3)
    let fixture = TrainingFixture(configuration: Self.configuration, lengths: [5, 2, 7])
    try untouched.addGradient(
      for: fixture.batch(seed: 0), state: &state, pass: untouched.makePass(), to: gradients)
    let profile = try #require(profiler.history.first)
    for parameter in profile.parameters {
      let old = try #require(before[parameter.name]).map { Double($0) }
      let new = try #require(after[parameter.name]).map { Double($0) }
      let gradient = try gradients.values(of: parameter.name).map { Double($0) }
      let ratio = norm(zip(new, old).map { $0 - $1 }) / norm(old)
      // Both sides sum the same numbers in Double; the update's difference is a Float.
      #expect(abs(parameter.gradientNorm - norm(gradient)) <= 1e-9 * norm(gradient))
      #expect(abs(parameter.weightNorm - norm(old)) <= 1e-9 * norm(old))
      #expect(abs(try #require(parameter.updateRatio) - ratio) <= 1e-5 * ratio)
      let squares = parameter.gates.reduce(0) { $0 + $1.norm * $1.norm }
      if parameter.name.hasPrefix("weight_hh") {
        #expect(parameter.gates.map(\.gate) == [.input, .forget, .candidate, .output])
        let forget = norm(Array(gradient[25..<50]))
        #expect(abs(parameter.gates[1].norm - forget) <= 1e-9 * forget)
        #expect(abs(squares.squareRoot() - norm(gradient)) <= 1e-9 * norm(gradient))
      }
      #expect(parameter.gates.isEmpty == !parameter.name.contains("_l"))
    }
    let clip = try #require(profile.clip)
    #expect(abs(profile.globalNorm - clip.norm) <= 1e-9 * clip.norm)
    #expect(clip.isClipped)
  }

  private func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test("Gate values are those on the tape")
  func gateValues() throws {
    let model = try SequenceModel(Self.configuration, seed: 4)
    let fixture = TrainingFixture(configuration: Self.configuration, lengths: [5, 2, 7])
    let batch = try fixture.batch(seed: 1)
    let profile = try model.profile(for: batch)
    let network = try #require(model.network)
    let pass = model.makePass()
    var state = model.zeroState(sequences: 3)
    _ = try model.outputs(for: batch, state: &state, pass: pass, recording: true)
    let tape = try #require(pass.tape)
    for (level, layer) in profile.layers.enumerated() {
      #expect(layer.gates.map(\.gate) == [.input, .forget, .candidate, .output])
      for entry in layer.gates {
        let view = try network.gateValues(entry.gate, of: tape, layer: level)
        let values = [5, 2, 7].enumerated().flatMap { sequence, length in
          (0..<length).flatMap { view[sequence: sequence, step: $0] }
        }
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        // The same Floats, summed in another order.
        #expect(abs(entry.values.mean - mean) < 1e-12)
        #expect(entry.values.count == values.count)
        #expect(entry.values.histogram.reduce(0, +) == values.count)
        #expect(
          entry.values.range == (entry.gate == .candidate ? -1...1 : 0...1))
      }
      #expect(layer.units == 5 && layer.deadUnits == 0)
    }
  }

  @Test("The probe of the last answer is the gradient of a batch that asks for no other")
  func lastAnswer() throws {
    for loss in [Loss.softmaxCrossEntropy, .meanSquaredError] {
      var configuration = Self.configuration
      configuration.loss = loss
      let model = try SequenceModel(configuration, seed: 5)
      let fixture = TrainingFixture(configuration: configuration, lengths: [5, 2, 7])
      let batch = try SequenceBatch(fixture.examples(seed: 2))
      let profile = try model.profile(for: batch, probing: .lastAnswer)
      let probed = batch.keepingAnswers(batch.answers(at: .last))
      let answered = try #require(probed.answeredRows)
      #expect(answered.count { $0 } == 3)
      // Nothing may reach a step after a sequence's last answer, and all answers give another
      // gradient.
      let all = try model.profile(for: batch, probing: .allAnswers)
      #expect(all.layers != profile.layers)
      var state = model.zeroState(sequences: 3)
      let gradients = ParameterStore(layout: model.parameters.layout)
      let value = try model.addGradient(
        for: probed, state: &state, pass: model.makePass(), to: gradients)
      #expect(value.elements == 3 * (loss == .meanSquaredError ? 4 : 1))
      #expect(value.value == profile.loss)
    }
  }

  @Test("An engine is profiled like a trainer")
  func engine() throws {
    let engine = try RecurrentEngine(
      RecurrentConfiguration(cell: .gru(), inputSize: 3, hiddenSize: 4), seed: 1)
    let profiler = try GradientProfiler(every: 2)
    engine.profiler = profiler
    engine.prepare(try SequenceLayout(lengths: [4, 3]))
    try engine.input.set(to: (0..<21).map { Float($0) / 21 })
    for _ in 0..<4 {
      var state = engine.zeroState(sequences: 2)
      _ = try engine.forward(&state)
      try engine.outputGradient.set(to: (0..<28).map { 1 - Float($0) / 28 })
      try engine.backward()
    }
    #expect(profiler.history.map(\.step) == [0, 2])
    #expect(profiler.history.allSatisfy { $0.layers[0].hidden.byStep.allSatisfy { $0 > 0 } })
    #expect(profiler.history[0].layers == profiler.history[1].layers)
  }

  @Test("A feed-forward model has parameters and no layers in time")
  func feedForward() throws {
    var configuration = Self.configuration
    configuration.body = .feedForward()
    let profiler = try GradientProfiler(every: 1)
    _ = try train(configuration, steps: 2, profiler: profiler)
    #expect(profiler.history.allSatisfy { $0.layers.isEmpty && $0.globalNorm > 0 })
    expectError(.range, about: "steps") { _ = try GradientProfiler(every: 0) }
  }
}
