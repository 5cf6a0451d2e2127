import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A training loop of one's own")
struct OwnLoopTests {
  private static let configuration = ModelConfiguration(
    input: .tokens(vocabulary: 11, embedding: 5), body: .recurrent(.gru()), hiddenSize: 6,
    outputs: 4)

  private func parameters(_ model: SequenceModel) -> [Float] {
    model.parameters.withUnsafeMutableValues { Array($0) }
  }

  @Test("has the trainer's bits, with the parts of a step or with all of its second half")
  func sameBits() throws {
    let batch = try ModelCase(name: "", configuration: Self.configuration).batch()
    func model() throws -> SequenceModel { try SequenceModel(Self.configuration, seed: 1) }
    let (trained, inParts, updated) = (try model(), try model(), try model())
    let trainer = try Trainer(trained, rule: .adamW(), rate: 0.02, clipping: .globalNorm(0.1))
    let optimizer = try Optimizer(.adamW(), rate: 0.02, for: inParts.parameters.layout)
    let gradients = ParameterStore(layout: inParts.parameters.layout)
    let updater = try ParameterUpdater(
      updated.parameters, rule: .adamW(), rate: 0.02, clipping: .globalNorm(0.1))
    for _ in 0..<4 {
      let report = try trainer.step(batch)
      for (model, store) in [(inParts, gradients), (updated, updater.gradients)] {
        store.setToZero()
        var state = model.zeroState(sequences: 4)
        let loss = try model.addGradient(
          for: batch, state: &state, pass: model.makePass(), to: store)
        if model === updated {
          let own = try updater.apply(loss)
          #expect(own.loss == report.loss && own.clip == report.clip)
        } else {
          let record = Clipping.globalNorm(0.1).apply(to: store)
          #expect(record == report.clip)
          try optimizer.update(model.parameters, gradients: store)
        }
      }
    }
    #expect(parameters(inParts) == parameters(trained))
    #expect(parameters(updated) == parameters(trained))
    #expect(throws: RNNError.self) {
      try optimizer.update(
        trained.parameters, gradients: ParameterStore(layout: ParameterLayout()))
    }
    #expect(throws: RNNError.self) {
      try Optimizer(.sgd(), rate: 1, for: ParameterLayout())
        .update(trained.parameters, gradients: gradients)
    }
  }

  @Test("can look at the flat gradient before it is clipped, change it, and stop the step")
  func hook() throws {
    let batch = try ModelCase(name: "", configuration: Self.configuration).batch()
    func trainer() throws -> Trainer<SequenceModel> {
      try Trainer(
        SequenceModel(Self.configuration, seed: 1), rule: .sgd(), rate: 0.1,
        clipping: .globalNorm(0.1))
    }
    let (plain, hooked) = (try trainer(), try trainer())
    // Four machines with the same batch: the sum of all, divided by their number.
    hooked.updater.gradientHook = { gradients in
      gradients.withUnsafeMutableValues { values in
        for index in values.indices { values[index] = (values[index] * 4) / 4 }
      }
    }
    #expect(try hooked.step(batch) == plain.step(batch))
    #expect(parameters(hooked.model) == parameters(plain.model))
    var norm = 0.0
    hooked.updater.gradientHook = { gradients in
      norm = gradients.withUnsafeMutableValues { values in
        values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      }
      gradients.setToZero()
    }
    let before = parameters(hooked.model)
    let report = try hooked.step(batch)
    #expect(norm > 0.1 && report.clip?.norm == 0 && parameters(hooked.model) == before)
    hooked.updater.gradientHook = { (_) throws(RNNError) in
      throw RNNError(.unsupported, "step", expected: "all machines", found: "fewer")
    }
    #expect(throws: RNNError.self) { try hooked.step(batch) }
    #expect(parameters(hooked.model) == before)
  }

  @Test(
    "gives a model the slopes of a loss of its own: those of squared errors are the model's own",
    arguments: [SequenceBatch.Answer.everyStep, .atEnd])
  func ownSlopes(_ answer: SequenceBatch.Answer) throws {
    var configuration = Self.configuration
    (configuration.loss, configuration.answer) = (.meanSquaredError, answer)
    let modelCase = ModelCase(name: "", configuration: configuration)
    let (examples, model) = (modelCase.examples(), try SequenceModel(configuration, seed: 1))
    let batch = try SequenceBatch(examples)
    func gradient(
      _ body: (inout RecurrentState, ModelPass, ParameterStore) throws -> LossValue
    ) throws -> (Double, [Float]) {
      let gradients = ParameterStore(layout: model.parameters.layout)
      var state = model.zeroState(sequences: examples.count)
      let loss = try body(&state, model.makePass(), gradients)
      return (loss.value, gradients.withUnsafeMutableValues { Array($0) })
    }
    let expected = try gradient {
      try model.addGradient(for: batch, state: &$0, pass: $1, reduction: .sum, to: $2)
    }
    let own = try gradient { state, pass, gradients in
      try model.addGradient(
        for: SequenceBatch(inputs: examples.map(\.input), answer: answer), state: &state,
        pass: pass, to: gradients
      ) { sequence, step, outputs, slopes in
        let targets: [Float] =
          switch examples[sequence].target {
          case .valuesPerStep(let values): Array(values[step * 4..<(step + 1) * 4])
          case .valuesAtEnd(let values): values
          default: []
          }
        var sum = 0.0
        for column in 0..<4 {
          let error = outputs[column] - targets[column]
          slopes[column] = 2 * error
          sum += Double(error * error)
        }
        return sum
      }
    }
    expectClose(
      [own.0] + own.1.map(Double.init), [expected.0] + expected.1.map(Double.init),
      Closeness(absolute: 1e-5, relative: 1e-5, reason: "sums in another order"), "gradient")
  }

  @Test("asks a model in one call, and packs sequences for an engine in one")
  func oneCall() throws {
    let modelCase = ModelCase(name: "", configuration: Self.configuration)
    let (examples, model) = (modelCase.examples(), try SequenceModel(Self.configuration, seed: 1))
    var state = model.zeroState(sequences: examples.count)
    let expected = try model.predictions(
      for: SequenceBatch(examples), state: &state, pass: model.makePass())
    #expect(try model.predictions(for: examples.map(\.input)) == expected)
    #expect(throws: RNNError.self) { try model.predictions(for: []) }

    let engine = try RecurrentEngine(
      RecurrentConfiguration(cell: .gru(), inputSize: 2, hiddenSize: 3), seed: 1)
    let layout = try engine.pack([[1, 2], [3, 4, 5, 6, 7, 8], [9, 10, 11, 12]])
    #expect(layout.lengths == [1, 3, 2])
    #expect(engine.input.values() == [3, 4, 9, 10, 1, 2, 5, 6, 11, 12, 7, 8])
    #expect(throws: RNNError.self) { try engine.pack([[1, 2, 3]]) }
    #expect(throws: RNNError.self) { try engine.pack([[]]) }
  }
}
