import Testing

@testable import RNNCore

@Suite("Teacher forcing")
struct TeacherForcingTests {
  static let cells: [CellKind] = [
    .jordan(.tanh, teacherForcing: true), .jordan(.sigmoid, teacherForcing: true, hybrid: true),
  ]

  @Test("A gradient without an update is that of the trainer, and so is its loss", arguments: cells)
  func oneLoss(_ cell: CellKind) throws {
    let configuration = ModelConfiguration(
      input: .features(width: 3), body: .recurrent(cell), hiddenSize: 6, outputs: 4)
    let model = try SequenceModel(configuration, seed: 1)
    let batch = try ModelCase(name: "", configuration: configuration).batch()
    let (pass, gradients) = (model.makePass(), ParameterStore(layout: model.parameters.layout))
    func zeros() -> RecurrentState { model.zeroState(sequences: batch.layout.sequenceCount) }

    var state = zeros()
    let asked = try model.loss(for: batch, state: &state, pass: pass, asInTraining: true)
    state = zeros()
    let free = try model.loss(for: batch, state: &state, pass: pass)
    state = zeros()
    let added = try model.addGradient(for: batch, state: &state, pass: pass, to: gradients)
    let trainer = try Trainer(model, rule: .sgd(), rate: 1e-20)
    let report = try trainer.step(batch)
    #expect(added.value == report.loss && asked.value == report.loss)
    #expect(free.value != report.loss, "in use the cell is fed its own outputs")
    for name in gradients.layout.slices.map(\.name) {
      #expect(try gradients.values(of: name) == trainer.gradients.values(of: name), "\(name)")
    }
  }

  @Test("The state that a step leaves holds the last target", arguments: cells)
  func carriesTargets(_ cell: CellKind) throws {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(cell), hiddenSize: 2, outputs: 3), seed: 1)
    let trainer = try Trainer(model, rate: 1e-3)
    var state = model.zeroState(sequences: 2)
    let batch = try SequenceBatch([
      Example(input: .features([1], width: 1), target: .classPerStep([2])),
      Example(input: .features([1, 2, 3], width: 1), target: .classPerStep([1, 2, 0])),
    ])
    try trainer.step(batch, state: &state)
    let width = state.stateWidth
    #expect(Array(state.hidden[0][width - 3..<width]) == [0, 0, 1])
    #expect(Array(state.hidden[0][2 * width - 3..<2 * width]) == [1, 0, 0])
  }
}
