@testable import RNNCore
@testable import TestSupport

/// Emissions and scores of a chain, with targets, without a network around them.
struct ChainCase {
  let classes: Int
  let lengths: [Int]
  /// [sequence][step][K], in the caller's order
  var emissions: [[[Float]]] = []
  var targets: [[Int32]] = []
  let parameters: ParameterStore
  let field: ConditionalRandomField

  init(
    classes: Int, lengths: [Int], seed: UInt64, scale: Double = 2, transitions: Double = 2
  ) throws {
    (self.classes, self.lengths) = (classes, lengths)
    var layout = ParameterLayout()
    field = ConditionalRandomField(classes: classes, declaringIn: &layout)
    parameters = ParameterStore(layout: layout)
    try parameters.fill(seed: seed, scale: transitions)
    var generator = OracleGenerator(seed: seed + 1)
    for length in lengths {
      emissions.append(
        (0..<length).map { _ in
          (0..<classes).map { _ in Float(generator.value(scale: scale)) }
        })
      targets.append((0..<length).map { _ in Int32(generator.unit() * Double(classes)) })
    }
  }

  func batch() throws -> SequenceBatch {
    try SequenceBatch(
      lengths.indices.map {
        Example(
          input: .features(Array(repeating: 0, count: lengths[$0]), width: 1),
          target: .classPerStep(targets[$0]))
      })
  }

  /// Loss, gradient of the emissions in the caller's order, gradients of the scores, and the best
  /// paths.
  func run(
    threads: Int = 1, reduction: Loss.Reduction = .sum, gradients wantsGradients: Bool = true
  ) throws -> (loss: LossValue, emissions: [[[Float]]], gradients: ParameterStore, paths: [[Int]]) {
    let (batch, team) = (try batch(), try ThreadTeam(count: threads, cores: threads))
    let layout = batch.layout
    let buffer = FloatBuffer()
    // A stride of its own, so that a kernel that ignores it is found out.
    buffer.reserve(layout.rowCount * (classes + 3))
    let rows = Matrix(
      buffer.pointer, rows: layout.rowCount, columns: classes, stride: classes + 3)
    for (sequence, steps) in emissions.enumerated() {
      for (step, values) in steps.enumerated() {
        let row = rows.row(layout.row(sequence: sequence, step: step))
        for (column, value) in values.enumerated() { row[column] = value }
      }
    }
    let (workspace, gradients) = (ChainWorkspace(), ParameterStore(layout: parameters.layout))
    let paths = field.bestPaths(
      rows, layout, parameters: parameters, workspace: workspace, team: team)
    let loss = try field.evaluate(
      rows, batch: batch, reduction: reduction, parameters: parameters,
      gradients: wantsGradients ? gradients : nil, workspace: workspace, team: team)
    func perStep<Value>(_ value: (Int) -> Value) -> [[Value]] {
      lengths.indices.map { sequence in
        (0..<lengths[sequence]).map { value(layout.row(sequence: sequence, step: $0)) }
      }
    }
    return (loss, perStep { Array(rows.row($0)) }, gradients, perStep { Int(paths[$0]) })
  }

  /// The oracle's loss and gradients: of the emissions, then of transitions, start and end.
  func oracle() throws -> (loss: Double, emissions: [[[Double]]], gradients: [String: [Double]]) {
    let tape = GradientTape()
    let rows = emissions.map { $0.map { $0.map { tape.variable(Double($0)) } } }
    let scores = try parameters.named().mapValues { $0.map { tape.variable(Double($0)) } }
    let chain = OracleChain(scores)
    var loss: Variable = 0.0
    for (steps, classes) in zip(rows, targets) {
      loss = loss + chain.loss(steps, classes.map { Int($0) })
    }
    let slopes = tape.gradient(of: loss)
    return (
      loss.value, rows.map { $0.map { $0.map { slopes[$0.node] } } },
      scores.mapValues { $0.map { slopes[$0.node] } }
    )
  }

  func chain() throws -> OracleChain<Double> {
    OracleChain(try parameters.named().mapValues { $0.map(Double.init) })
  }
}
