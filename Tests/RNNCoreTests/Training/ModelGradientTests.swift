import Testing

@testable import RNNCore

@Suite("The gradient of a whole model")
struct ModelGradientTests {
  /// Embedding, window, body, readout and loss together. The cells themselves are held against the
  /// oracle more sharply elsewhere; here a wrong connection would be off by far more than a percent.
  @Test(
    "agrees with central differences along itself, parameter by parameter", arguments: ModelCase.all
  )
  func agreesWithCentralDifferences(_ model: ModelCase) throws {
    let subject = try Subject(model)
    let gradients = try subject.gradients()
    for slice in subject.model.parameters.layout.slices {
      let gradient = try gradients.values(of: slice.name)
      let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      // Below it, the difference of two Float losses is noise.
      guard length > 1e-3 else { continue }
      let step = 4e-3
      let direction = gradient.map { Double($0) / length }
      let above = try subject.loss(moving: slice.name, along: direction, by: step)
      let below = try subject.loss(moving: slice.name, along: direction, by: -step)
      let slope = (above - below) / (2 * step)
      let bound = 0.01 * length + 2e-4
      #expect(
        abs(slope - length) < bound,
        "\(slice.name): slope \(slope), gradient \(length), bound \(bound)")
    }
  }

  @Test("reaches every parameter", arguments: ModelCase.all)
  func reachesEveryParameter(_ model: ModelCase) throws {
    let subject = try Subject(model)
    let gradients = try subject.gradients()
    for slice in gradients.layout.slices {
      // A feed-back from the last step only reaches sequences that are longer than one step.
      #expect(try gradients.values(of: slice.name).contains { $0 != 0 }, "\(slice.name)")
    }
  }

  private struct Subject {
    let model: SequenceModel
    let batch: SequenceBatch
    let pass: ModelPass
    let forced: Bool

    init(_ model: ModelCase) throws {
      self.model = try SequenceModel(
        model.configuration,
        initialization: InitializationPlan(
          input: .normal(deviation: 0.5), recurrent: .normal(deviation: 0.4),
          bias: .normal(deviation: 0.3)),
        seed: 5, team: ThreadTeam(count: 2))
      batch = try model.batch()
      pass = self.model.makePass()
      forced = self.model.network?.configuration.isTeacherForced ?? false
    }

    private func evaluate() throws -> Double {
      var noDropout: RandomGenerator?
      let outputs = model.forward(
        batch, initial: model.zeroState(sequences: batch.layout.sequenceCount), pass: pass,
        teacherForced: forced, dropout: &noDropout)
      return try model.configuration.loss.evaluate(
        outputs, batch: batch, reduction: .perSequence, weights: pass.answerWeights
      ).value
    }

    func gradients() throws -> ParameterStore {
      let gradients = ParameterStore(layout: model.parameters.layout)
      _ = try evaluate()
      model.backward(pass, gradients: gradients)
      return gradients
    }

    func loss(moving name: String, along direction: [Double], by step: Double) throws -> Double {
      let values = try model.parameters.values(of: name)
      defer { try? model.parameters.set(name, to: values) }
      try model.parameters.set(
        name, to: zip(values, direction).map { Float(Double($0) + step * $1) })
      return try evaluate()
    }
  }
}
