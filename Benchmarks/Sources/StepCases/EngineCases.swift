import RNNCore

private let cells: [CellKind] = [
  .lstm(), .gru(), .gru(.before), .elman(.tanh), .lstm(peephole: true),
]

/// Those whose steps are only counted.
private let otherCells: [CellKind] = [
  .lstm(coupled: true), .irnn, .jordan(.tanh, teacherForcing: false),
  .jordan(.tanh, teacherForcing: false, hybrid: true), .minGRU(), .minLSTM(positive: true), .lru,
]

/// Of several lengths, not sorted: 122 tokens of 8 sequences.
let raggedLengths = [24, 1, 30, 17, 9, 24, 12, 5]

private let twoThreads = Result { try ThreadTeam(count: 2) }

extension StepCase {
  /// Training steps and inference passes of two layers over a ragged batch.
  static let engineCases: [StepCase] = (cells + otherCells).flatMap { cell in
    [Directions.forward, .concatenated, .summed].flatMap { directions in
      let configuration = RecurrentConfiguration(
        cell: cell, inputSize: 32, hiddenSize: 64, layers: 2, directions: directions,
        outputSize: cell.givesOutputs ? 16 : nil)
      let name = "\(cell) \(directions.rawValue)"
      return [
        StepCase("train \(name)") {
          let work = try EngineWork(configuration, lengths: raggedLengths)
          return Workload(step: work.train)
        },
        StepCase("infer \(name)") {
          let work = try EngineWork(configuration, lengths: raggedLengths)
          return Workload(step: work.infer)
        },
      ]
    }
  }

  /// One time step a call, the state carried; a hundred calls, because one takes a few
  /// microseconds.
  static let streamCases: [StepCase] = cells.flatMap { cell in
    [1, 8].map { sequences in
      StepCase("stream \(cell) B \(sequences), 100 calls") {
        let work = try EngineWork(
          RecurrentConfiguration(cell: cell, inputSize: 32, hiddenSize: 64, layers: 2),
          lengths: Array(repeating: 1, count: sequences))
        return Workload { for _ in 0..<100 { try work.advance() } }
      }
    }
  }

  /// One sequence and two threads, which divide the hidden units.
  static let dividedCases: [StepCase] = [CellKind.lstm(), .gru(), .elman(.tanh)].flatMap { cell in
    let configuration = RecurrentConfiguration(cell: cell, inputSize: 32, hiddenSize: 128)
    return [
      StepCase("train \(cell) B 1 divided") {
        let work = try EngineWork(configuration, lengths: [50], team: twoThreads.get())
        return Workload(step: work.train)
      },
      StepCase("infer \(cell) B 1 divided") {
        let work = try EngineWork(configuration, lengths: [50], team: twoThreads.get())
        return Workload(step: work.infer)
      },
    ]
  }

  /// Forward and backward by themselves: B 32, T 50, I = H = 128.
  static let passCases: [StepCase] = cells.flatMap { cell in
    let configuration = RecurrentConfiguration(cell: cell, inputSize: 128, hiddenSize: 128)
    let lengths = Array(repeating: 50, count: 32)
    return [
      StepCase("forward \(cell)", measure: .time) {
        let work = try EngineWork(configuration, lengths: lengths)
        return Workload(step: work.recordedPass)
      },
      StepCase("backward \(cell)", measure: .time) {
        let work = try EngineWork(configuration, lengths: lengths)
        return Workload(prepare: work.recordedPass, step: work.backwardPass)
      },
    ]
  }
}
