@testable import RNNCore
@testable import TestSupport

/// Outputs with labellings, without a network around them.
struct LabellingCase {
  let classes: Int
  /// [sequence][step][K], in the caller's order
  var outputs: [[[Float]]]
  var labels: [[Int]]

  /// Random outputs in [−scale, scale].
  init(classes: Int, lengths: [Int], labels: [[Int]], seed: UInt64, scale: Double = 2) {
    (self.classes, self.labels) = (classes, labels)
    var generator = OracleGenerator(seed: seed)
    outputs = lengths.map { length in
      (0..<length).map { _ in (0..<classes).map { _ in Float(generator.value(scale: scale)) } }
    }
  }

  func batch() throws -> SequenceBatch {
    try SequenceBatch(
      outputs.indices.map {
        Example(
          input: .features(Array(repeating: 0, count: outputs[$0].count), width: 1),
          target: .labelling(labels[$0].map { Int32($0) }))
      })
  }

  /// The loss, and the outputs afterwards, in the caller's order: their gradient unless that is not
  /// asked for.
  func run(
    threads: Int = 1, reduction: Loss.Reduction = .sum, gradient: Bool = true,
    workspace: AlignmentWorkspace = AlignmentWorkspace()
  ) throws -> (loss: LossValue, rows: [[[Float]]]) {
    let batch = try batch()
    let layout = batch.layout
    let buffer = FloatBuffer()
    // A stride of its own, so that a kernel that ignores it is found out.
    buffer.reserve(layout.rowCount * (classes + 3))
    let rows = Matrix(
      buffer.pointer, rows: layout.rowCount, columns: classes, stride: classes + 3)
    for (sequence, steps) in outputs.enumerated() {
      for (step, values) in steps.enumerated() {
        let row = rows.row(layout.row(sequence: sequence, step: step))
        for (column, value) in values.enumerated() { row[column] = value }
      }
    }
    let loss = try ConnectionistTemporalClassification.evaluate(
      rows, batch: batch, reduction: reduction, hasGradient: gradient, workspace: workspace,
      team: ThreadTeam(count: threads, cores: threads))
    let after = outputs.indices.map { sequence in
      outputs[sequence].indices.map {
        Array(rows.row(layout.row(sequence: sequence, step: $0)))
      }
    }
    return (loss, after)
  }

  /// The sum of the enumerated losses.
  func oracle() -> Double {
    zip(outputs, labels).reduce(0) { sum, pair in
      sum + OracleLabelling.loss(pair.0.map { $0.map { Double($0) } }, pair.1)
    }
  }

  /// Slopes of the enumerated loss of `sequence` by central differences.
  func slopes(of sequence: Int) -> [[Double]] {
    let rows = outputs[sequence].map { $0.map { Double($0) } }
    let probe = 1e-4
    return rows.indices.map { step in
      rows[step].indices.map { column in
        func loss(_ shift: Double) -> Double {
          var moved = rows
          moved[step][column] += shift
          return OracleLabelling.loss(moved, labels[sequence])
        }
        return (loss(probe) - loss(-probe)) / (2 * probe)
      }
    }
  }
}
