import Testing

@testable import RNNCore
@testable import TestSupport

/// Every cell with every option that changes its computation.
let trainedCells: [CellKind] = [
  .elman(.tanh), .elman(.sigmoid), .elman(.relu), .irnn, .jordan(.tanh, teacherForcing: false),
  .jordan(.sigmoid, teacherForcing: true), .jordan(.tanh, teacherForcing: false, hybrid: true),
  .jordan(.sigmoid, teacherForcing: true, hybrid: true), .lstm(), .lstm(peephole: true),
  .lstm(coupled: true), .lstm(peephole: true, coupled: true), .lstm(forgetBias: 1),
  .lstm(linear: [.input, .output]), .elman(.identity), .gru(.after), .gru(.before),
  .minGRU(), .minGRU(positive: true, forgetBias: 1), .minLSTM(forgetBias: 2),
  .minLSTM(positive: true), .lru, CellKind(LRU(ring: .init(inner: 0.5, outer: 0.9))),
]

extension CellKind {
  /// Whether it may stand in two layers or directions.
  var isStackable: Bool { !isTeacherForced }
}

/// Random examples that suit a model.
struct TrainingFixture {
  var configuration: ModelConfiguration
  var lengths = [3, 1, 4]

  func examples(seed: UInt64) -> [Example] {
    var generator = OracleGenerator(seed: seed)
    return lengths.map { length in
      Example(
        input: input(length, using: &generator), target: target(length, using: &generator))
    }
  }

  func batch(seed: UInt64) throws -> SequenceBatch { try SequenceBatch(examples(seed: seed)) }

  private func input(_ length: Int, using generator: inout OracleGenerator) -> Example.Input {
    switch configuration.input {
    case .tokens(let vocabulary, _):
      .tokens((0..<length).map { _ in Int32(generator.unit() * Double(vocabulary)) })
    case .features(let width):
      .features((0..<length * width).map { _ in Float(generator.value()) }, width: width)
    }
  }

  private func target(_ length: Int, using generator: inout OracleGenerator) -> Example.Target {
    let outputs = configuration.outputs
    func values(_ count: Int) -> [Float] {
      // In [0, 1], which suits a probability and a number alike.
      (0..<count).map { _ in Float(0.5 + generator.value(scale: 0.5)) }
    }
    switch (configuration.loss, configuration.answer) {
    case (.softmaxCrossEntropy, .everyStep):
      // From -1: some steps ask for nothing.
      return .classPerStep(
        (0..<length).map { step in
          step == 0
            ? Int32(generator.unit() * Double(outputs))
            : Int32(generator.unit() * Double(outputs + 1)) - 1
        })
    case (.conditionalRandomField, .everyStep):
      return .classPerStep((0..<length).map { _ in Int32(generator.unit() * Double(outputs)) })
    case (.connectionistTemporalClassification, _):
      // So few that equal neighbours have room for a blank between them.
      return .labelling(
        (0..<(length + 1) / 2).map { _ in 1 + Int32(generator.unit() * Double(outputs - 1)) })
    case (.softmaxCrossEntropy, .atEnd), (.conditionalRandomField, .atEnd):
      return .classAtEnd(Int32(generator.unit() * Double(outputs)))
    case (_, .everyStep): return .valuesPerStep(values(length * outputs))
    case (_, .atEnd): return .valuesAtEnd(values(outputs))
    }
  }
}
