import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

extension ProfiledLoss {
  /// Those that need no step.
  static let allCases: [ProfiledLoss] = [.allAnswers, .lastAnswer]
}

/// A linear recurrence with one unit, h_t = 0.9 h_{t−1} + …, of which everything is known: 0.9^τ of
/// a gradient arrives τ steps back, less than 1 % from 44 steps on (0.9^43 is 1.08 %, 0.9^44 0.97
/// %).
@Suite("Of a network with a known horizon the profile says it, whatever is probed")
struct KnownHorizonTests {
  private static let rate = 0.9
  private static let steps = 60
  private static let horizon = 44

  private func remember(_ parameters: ParameterStore) throws {
    for slice in parameters.layout.slices where slice.name.contains("weight_hh") {
      try parameters.set(slice.name, to: [Float(Self.rate)])
    }
  }

  /// That distances are counted from the probed step, with 0.9 a step and nothing beyond the
  /// sequence.
  private func expectDecay(
    _ layer: GradientProfile.Layer, steps: Int, of profile: GradientProfile, holds: Int? = nil
  ) {
    // Float's rounding of 0.9 alone makes 3e-8 a step.
    let series = layer.memory
    #expect(series.byDistance.count == steps)
    for distance in 0..<steps {
      let share = series.share(at: distance) ?? .nan
      #expect(
        abs(share / pow(Self.rate, Double(distance)) - 1) < 1e-5, "\(layer.name), \(distance)")
    }
    #expect(series.horizon() == (steps > Self.horizon ? Self.horizon : nil))
    #expect(series.decayRate().map { abs($0 - Self.rate) < 1e-6 } == true)
    var part = profile
    part.layers = [layer]
    let verdict = part.verdicts(VerdictContext(cell: .elman(.identity)))[0]
    if steps > Self.horizon {
      #expect(verdict.kind == .vanishing)
      #expect(
        verdict.evidence == "the gradient falls to 1 % within 44 steps, the task needs \(steps - 1)"
      )
    } else {
      #expect(verdict.kind == .holding && verdict.evidence.contains("0.90 a step"))
    }
  }

  private func model(_ answer: SequenceBatch.Answer, _ directions: Directions = .forward) throws
    -> SequenceModel
  {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(.elman(.identity), directions: directions),
        hiddenSize: 1, outputs: 1, loss: .meanSquaredError, answer: answer), seed: 2)
    try remember(model.parameters)
    return model
  }

  private func batch(_ answer: SequenceBatch.Answer) throws -> SequenceBatch {
    let values = (0..<Self.steps).map { Float($0 % 7) - 3 }
    return try SequenceBatch([
      Example(
        input: .features(values, width: 1),
        target: answer == .atEnd
          ? .valuesAtEnd([9]) : .valuesPerStep(Array(repeating: 9, count: Self.steps)))
    ])
  }

  @Test("A model of sequences, with one answer and with one a step", arguments: Directions.allCases)
  func sequences(_ directions: Directions) throws {
    let atEnd = try model(.atEnd, directions)
    for probing in [ProfiledLoss.lastAnswer, .allAnswers] {
      let profile = try atEnd.profile(for: batch(.atEnd), probing: probing)
      for layer in profile.layers { expectDecay(layer, steps: Self.steps, of: profile) }
    }
    let everyStep = try model(.everyStep, directions)
    let last = try everyStep.profile(for: batch(.everyStep), probing: .lastAnswer)
    for layer in last.layers { expectDecay(layer, steps: Self.steps, of: last) }
    for step in [50, 20] {
      let profile = try everyStep.profile(for: batch(.everyStep), probing: .step(step))
      expectDecay(profile.layers[0], steps: step + 1, of: profile)
      #expect(profile.probe == .step(step))
      // The reverse direction has come to the step from the end.
      if directions != .forward {
        expectDecay(profile.layers[1], steps: Self.steps - step, of: profile)
      }
    }
  }

  @Test(
    "With a loss at every step the norms are the sums that they are, and the verdict says what they hide"
  )
  func everyStep() throws {
    let model = try model(.everyStep)
    let batch = try batch(.everyStep)
    let profile = try model.profile(for: batch, probing: .allAnswers)
    var state = model.zeroState(sequences: 1)
    let outputs = try model.outputs(for: batch, state: &state, pass: model.makePass())[0]
    let weight = Double(try model.parameters.values(of: "readout.weight")[0])
    var (carried, expected) = (0.0, [Double]())
    for output in outputs.reversed() {
      carried = Self.rate * carried + weight * 2 * (Double(output) - 9) / Double(Self.steps)
      expected.append(abs(carried))
    }
    let found = profile.layers[0].memory.byDistance
    for (found, expected) in zip(found, expected) { #expect(abs(found / expected - 1) < 1e-4) }
    #expect(profile.hasSeveralLosses && profile.probe == .allAnswers)
    let verdict = profile.verdicts(VerdictContext(cell: .elman(.identity)))[0]
    #expect(verdict.kind == .masked && verdict.evidence.contains("losses at several steps"))
  }

  @Test("A profiler that watches training probes what it is told to")
  func training() throws {
    for (probing, steps) in [(ProfiledLoss.lastAnswer, Self.steps), (.step(30), 31)] {
      let model = try model(.everyStep)
      let plain = try self.model(.everyStep)
      let profiler = try GradientProfiler(every: 1, probing: probing)
      let batch = try batch(.everyStep)
      try Trainer(model, rate: 1e-3, profiler: profiler).step(batch)
      try Trainer(plain, rate: 1e-3).step(batch)
      #expect(model.parameters.bits == plain.parameters.bits)
      let profile = try #require(profiler.history.first)
      #expect(profile.probe == probing && !profile.hasSeveralLosses)
      expectDecay(profile.layers[0], steps: steps, of: profile)
      #expect(profile.parameters.contains { $0.updateRatio ?? 0 > 0 })
    }
    // A batch that does not reach the step is trained on all the same.
    let far = try GradientProfiler(every: 1, probing: .step(Self.steps))
    try Trainer(model(.everyStep), rate: 1e-3, profiler: far).step(batch(.everyStep))
    #expect(far.history[0].layers.isEmpty && far.history[0].probe == .step(Self.steps))
    #expect(far.history[0].parameters.contains { $0.updateRatio ?? 0 > 0 })
    let all = try GradientProfiler(every: 1)
    try Trainer(model(.everyStep), rate: 1e-3, profiler: all).step(batch(.everyStep))
    #expect(all.history[0].hasSeveralLosses)
    let atEnd = try GradientProfiler(every: 1)
    try Trainer(model(.atEnd), rate: 1e-3, profiler: atEnd).step(batch(.atEnd))
    expectDecay(atEnd.history[0].layers[0], steps: Self.steps, of: atEnd.history[0])
  }

  @Test("An encoder-decoder: the way back through the decoder and on through the encoder")
  func pairs() throws {
    let model = try EncoderDecoder(
      EncoderDecoderConfiguration(
        source: .features(width: 1), targetVocabulary: 3, targetEmbedding: 1,
        cell: .elman(.identity), hiddenSize: 1, directions: .forward, attention: nil, start: 0,
        end: 1), seed: 4)
    try remember(model.parameters)
    let source = (0..<Self.steps).map { Float($0 % 5) - 2 }
    // The end is a target too.
    let batch = try PairBatch(
      [
        SequencePair(
          source: .features(source, width: 1),
          target: Array(repeating: 2, count: Self.steps - 1))
      ], for: model.configuration)
    for (probing, steps) in [(ProfiledLoss.lastAnswer, Self.steps), (.step(20), 21)] {
      let profile = try model.profile(for: batch, probing: probing)
      #expect(
        profile.layers.map(\.name) == ["encoder.l0", "decoder.l0"] && profile.probe == probing)
      expectDecay(profile.layers[0], steps: Self.steps, of: profile)
      expectDecay(profile.layers[1], steps: steps, of: profile)
    }
    let all = try model.profile(for: batch, probing: .allAnswers)
    let verdicts = all.verdicts(VerdictContext(cell: .elman(.identity)))
    #expect(verdicts.map(\.kind) == [.masked, .masked])
    #expect(throws: RNNError.self) { try model.profile(for: batch, probing: .step(60)) }
  }

  @Test("A model of one's own, with a loss of its ends and with one of its steps")
  func own() throws {
    for answer in [SequenceBatch.Answer.atEnd, .everyStep] {
      let model = try OneUnit()
      try remember(model.parameters)
      let profile = try model.profile(for: batch(answer))
      if answer == .atEnd {
        expectDecay(profile.layers[0], steps: Self.steps, of: profile)
      } else {
        let verdict = profile.verdicts(VerdictContext(cell: .elman(.identity)))[0]
        #expect(profile.hasSeveralLosses && verdict.kind == .masked)
      }
    }
  }

  @Test(
    "What stays of a state is told by the gate that says so",
    arguments: [
      (CellKind.lstm(), Gate.forget, false), (.lstm(coupled: true), .input, true),
      (.gru(), .update, false), (.minGRU(forgetBias: 2), .update, true),
      (.minLSTM(forgetBias: 2), .forget, false),
    ])
  func kept(_ cell: CellKind, _ gate: Gate, isShareReplaced: Bool) throws {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(cell), hiddenSize: 5, outputs: 1,
        loss: .meanSquaredError, answer: .atEnd), seed: 2)
    let layer = try model.profile(for: batch(.atEnd)).layers[0]
    let mean = try #require(layer.gates.first { $0.gate == gate }).values.mean
    #expect(layer.kept == (isShareReplaced ? 1 - mean : mean))
    for cell in [CellKind.elman(.tanh), .lru] {
      var configuration = model.configuration
      configuration.body = .recurrent(cell)
      let other = try SequenceModel(configuration, seed: 2)
      #expect(try other.profile(for: batch(.atEnd)).layers[0].kept == nil)
    }
  }

  @Test("The ring that is advised keeps what it promises, over any number of steps")
  func advisedRing() throws {
    for steps in [10, 199, 10_000] {
      let text = LRU().advice(MemoryAim(share: 0.01, steps: steps))
      let number = try #require(text.split(separator: "=").last?.split(separator: " ").first)
      let inner = try #require(Double(number))
      #expect(inner < 1 && pow(inner, Double(steps)) >= 0.01, "\(text)")
      _ = try CellKind("lru:r-min=\(number)")
    }
    #expect(LRU().advice(MemoryAim(share: 0.01, steps: 1 << 30)).contains("0.999999"))
  }

  @Test("What cannot be probed is refused")
  func refused() throws {
    let atEnd = try model(.atEnd)
    expectError(.unsupported, about: "probe") {
      _ = try atEnd.profile(for: batch(.atEnd), probing: .step(3))
    }
    let everyStep = try model(.everyStep)
    expectError(.range, about: "probe") {
      _ = try everyStep.profile(for: batch(.everyStep), probing: .step(Self.steps))
    }
    for text in ["", "first", "-1", "1.5"] {
      #expect(throws: RNNError.self, "\(text)") { try ProfiledLoss(text) }
    }
    for probing in [ProfiledLoss.allAnswers, .lastAnswer, .step(7)] {
      #expect(try ProfiledLoss(probing.description) == probing)
    }
    let engine = try RecurrentEngine(
      RecurrentConfiguration(cell: .gru(), inputSize: 1, hiddenSize: 2), seed: 1)
    engine.profiler = try GradientProfiler(every: 1, probing: .lastAnswer)
    engine.prepare(try SequenceLayout(lengths: [3]))
    var state = engine.zeroState(sequences: 1)
    expectError(.unsupported, about: "profiler") { _ = try engine.forward(&state) }
  }

  @Test("An engine says whether its gradients come from several steps", arguments: [true, false])
  func engine(isOfLastStep: Bool) throws {
    let engine = try RecurrentEngine(
      RecurrentConfiguration(cell: .elman(.identity), inputSize: 1, hiddenSize: 1), seed: 1)
    try remember(engine.parameters)
    let profiler = try GradientProfiler(every: 1)
    engine.profiler = profiler
    try engine.pack([(0..<Self.steps).map { Float($0) }])
    var state = engine.zeroState(sequences: 1)
    _ = try engine.forward(&state)
    let gradient = (0..<Self.steps).map { Float(isOfLastStep && $0 < Self.steps - 1 ? 0 : 1) }
    try engine.outputGradient.set(to: gradient)
    engine.gradients.setToZero()
    try engine.backward()
    let profile = try #require(profiler.history.first)
    #expect(profile.hasSeveralLosses == !isOfLastStep)
    if isOfLastStep { expectDecay(profile.layers[0], steps: Self.steps, of: profile) }
  }
}

/// One linear unit and a readout, written as its way forward.
private final class OneUnit: Model {
  let parameters: ParameterStore
  private let reader: RecurrentNetwork
  private let answer: Linear

  init() throws {
    var layout = ParameterLayout()
    reader = try RecurrentNetwork(
      RecurrentConfiguration(cell: .elman(.identity), inputSize: 1, hiddenSize: 1),
      declaringIn: &layout)
    answer = Linear("answer", input: 1, output: 1, declaringIn: &layout)
    parameters = ParameterStore(layout: layout)
    try InitializationPlan().fill(parameters, seed: 3)
  }

  func loss(for batch: SequenceBatch, in pass: Pass) throws(RNNError) -> LossValue {
    let reading = try reader.read(pass.features(batch, width: 1))
    let read = batch.answer == .atEnd ? try reading.ends() : reading.outputs
    return try answer(read).loss(.meanSquaredError, of: batch)
  }
}
