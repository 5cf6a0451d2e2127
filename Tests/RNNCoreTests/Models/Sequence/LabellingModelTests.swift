import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Models of labellings")
struct LabellingModelTests {
  private static func configuration(
    _ body: ModelConfiguration.Body = .recurrent(.lstm(), directions: .concatenated)
  ) -> ModelConfiguration {
    ModelConfiguration(
      input: .tokens(vocabulary: 6, embedding: 3), body: body, hiddenSize: 5, outputs: 4,
      loss: .connectionistTemporalClassification)
  }

  /// Ragged, with a repeated label, an empty labelling and a single step.
  private static let examples = [
    Example(input: .tokens([1, 0, 5, 2]), target: .labelling([3, 3])),
    Example(input: .tokens([4, 4]), target: .labelling([])),
    Example(input: .tokens([2, 3, 1]), target: .labelling([1, 2, 1])),
    Example(input: .tokens([5]), target: .labelling([2])),
  ]

  @Test("Reductions are those of the plain model", arguments: Loss.Reduction.allCases)
  func reductions(_ reduction: Loss.Reduction) throws {
    try expectOracleGradients(Self.configuration(), Self.examples, reduction: reduction)
  }

  @Test("The gradient of every parameter is the slope of the loss by central differences")
  func centralDifferences() throws {
    let configuration = Self.configuration()
    let model = try SequenceModel(configuration, seed: 1)
    try model.parameters.fill(seed: 2)
    let gradients = ParameterStore(layout: model.parameters.layout)
    var state = model.zeroState(sequences: Self.examples.count)
    try model.addGradient(
      for: SequenceBatch(Self.examples), state: &state, pass: model.makePass(), to: gradients)
    let oracle = ModelOracle(configuration: configuration)
    let start = try model.parameters.named().mapValues { $0.map { Double($0) } }
    let probe = 1e-5
    for slice in model.parameters.layout.slices {
      // Some of each: the enumeration of alignments takes its time.
      let elements = Array(stride(from: 0, to: slice.count, by: max(1, slice.count / 3)))
      let slopes = elements.map { element in
        func loss(_ shift: Double) -> Double {
          var moved = start
          moved[slice.name]?[element] += shift
          return oracle.loss(moved, Self.examples, reduction: .mean)
        }
        return (loss(probe) - loss(-probe)) / (2 * probe)
      }
      let found = try gradients.values(of: slice.name)
      expectClose(elements.map { Double(found[$0]) }, slopes, oracleCloseness, slice.name)
    }
  }

  @Test("Loss, training and profile are the same loss, and training finds the labels")
  func entries() throws {
    let model = try SequenceModel(Self.configuration(), seed: 1)
    let batch = try SequenceBatch(Self.examples)
    let (pass, start) = (model.makePass(), model.zeroState(sequences: 4))
    var state = start
    let loss = try model.loss(for: batch, state: &state, pass: pass)
    state = start
    #expect(try model.outputsAndLoss(for: batch, state: &state, pass: pass).loss == loss)
    for probing in ProfiledLoss.allCases {
      #expect(try model.profile(for: batch, probing: probing).loss == loss.value)
    }
    let trainer = try Trainer(model, rate: 0.05)
    #expect(try trainer.step(batch).loss == loss.value)
    for _ in 0..<200 { try trainer.step(batch) }
    #expect(try trainer.step(batch).loss < loss.value / 50)
    state = start
    let found = try model.predictions(for: batch, state: &state, pass: pass)
    #expect(
      found.map(\.answers) == [
        .labelling([3, 3]), .labelling([]), .labelling([1, 2, 1]), .labelling([2]),
      ])
    state = start
    let outputs = try model.outputs(for: batch, state: &state, pass: pass)
    let search = try CTCBeamSearch(width: 8)
    for (values, example) in zip(outputs, Self.examples) {
      #expect(
        .labelling(try search.labellings(of: values, classes: 4)[0].labels) == example.target)
    }
  }

  @Test("A profile of the last answer follows the last output alone")
  func lastAnswer() throws {
    let model = try SequenceModel(Self.configuration(.recurrent(.lstm())), seed: 1)
    let batch = try SequenceBatch([Self.examples[0]])
    let last = try model.profile(for: batch, probing: .lastAnswer)
    let all = try model.profile(for: batch, probing: .allAnswers)
    #expect(last.loss == all.loss)
    #expect(last.layers != all.layers)
  }

  @Test("An output that is not finite is found at its step")
  func nonFiniteOrigin() throws {
    var configuration = Self.configuration(.feedForward(.identity))
    configuration.input = .features(width: 1)
    let model = try SequenceModel(configuration, seed: 1)
    try model.parameters.set("readout.weight", to: Array(repeating: 3e38, count: 20))
    try model.parameters.set("hidden.weight", to: Array(repeating: 1, count: 5))
    try model.parameters.set("hidden.bias", to: Array(repeating: 0, count: 5))
    let trainer = try Trainer(model, rate: 0.1, nonFinite: .skip)
    let report = try trainer.step(
      SequenceBatch([
        Example(input: .features([0, 0], width: 1), target: .labelling([1])),
        Example(input: .features([0, 0, 9, 0], width: 1), target: .labelling([1, 2])),
      ]))
    #expect(!report.didUpdate)
    let origin = NonFiniteOrigin(
      quantity: .outputGradient, layer: "readout", sequence: 1, step: 2)
    #expect(report.nonFiniteOrigin == origin)
  }

  @Test("Shapes that no labelling can have are refused by name")
  func shapes() throws {
    var atEnd = Self.configuration()
    atEnd.answer = .atEnd
    expectError(.unsupported, about: "connectionist") { try atEnd.validate() }
    var blank = Self.configuration()
    blank.outputs = 1
    expectError(.range, about: "outputs") { try blank.validate() }
    let taught = Self.configuration(.recurrent(.jordan(.tanh, teacherForcing: true)))
    expectError(.unsupported, about: "teacher forcing") { try taught.validate() }
  }

  @Test("Targets that do not fit are refused, and change nothing")
  func refusals() throws {
    let model = try SequenceModel(Self.configuration(.recurrent(.lstm())), seed: 1)
    let trainer = try Trainer(model, rate: 0.1)
    let before = model.parameters.bits
    for label in [-1, 0, 4] as [Int32] {
      let batch = try SequenceBatch([
        Example(input: .tokens([0, 1]), target: .labelling([1, label]))
      ])
      expectError(.vocabulary, about: "target label") { try trainer.step(batch) }
    }
    let classes = try SequenceBatch([
      Example(input: .tokens([0]), target: .classPerStep([1]))
    ])
    expectError(.shape, about: "targets") { try trainer.step(classes) }
    let batch = try SequenceBatch(Self.examples)
    var state = model.zeroState(sequences: 4)
    expectError(.unsupported, about: "truncated BPTT") {
      try trainer.step(batch, truncation: TruncatedBPTT(every: 2, through: 2), state: &state)
    }
    #expect(model.parameters.bits == before)
    for loss in Loss.allCases where loss != .connectionistTemporalClassification {
      var other = model.configuration
      other.loss = loss
      let model = try SequenceModel(other, seed: 1)
      expectError(.shape, about: "targets") { try Trainer(model, rate: 0.1).step(batch) }
    }
  }
}
