/// A linear-chain conditional random field over the classes of a sequence's steps (Lafferty,
/// McCallum and Pereira 2001; Collobert et al. 2011), whose emissions x are a network's outputs:
///
///     score(y) = start[y_1] + Σ_t x_t[y_t] + Σ_t transitions[y_t, y_t+1] + end[y_T]
///     −log p(y | x) = log Σ_y' e^score(y') − score(y)
///
/// Names and start are those of the package pytorch-crf, under the prefix `crf.`.
struct ConditionalRandomField: Sendable {
  /// [K, K], from i to j
  let transitions: ParameterLayout.Slice
  /// [K]
  let start: ParameterLayout.Slice
  /// [K]
  let end: ParameterLayout.Slice

  init(classes: Int, declaringIn layout: inout ParameterLayout) {
    transitions = layout.add(
      "crf.transitions", layer: "crf", rows: classes, columns: classes, role: .transitionWeight)
    start = layout.add("crf.start_transitions", layer: "crf", rows: classes, role: .transitionBias)
    end = layout.add("crf.end_transitions", layer: "crf", rows: classes, role: .transitionBias)
  }

  /// The reduced loss; with `gradients` the emissions become its gradient, and those of the scores
  /// are added.
  ///
  /// `mean` divides by the number of steps, so that the value compares with softmax
  /// cross-entropy's.
  ///
  /// Costs 3·K² multiplications a token with gradients, K² without, and K exponentials; K² of those
  /// for transitions more than 200 apart.
  ///
  /// - Parameter emissions: [N, K].
  func evaluate(
    _ emissions: Matrix, batch: SequenceBatch, reduction: Loss.Reduction,
    parameters: ParameterStore, gradients: ParameterStore?, workspace: ChainWorkspace,
    team: ThreadTeam
  ) throws(RNNError) -> LossValue {
    try Loss.conditionalRandomField.check(batch, width: emissions.columns)
    guard case .classes(let targets)? = batch.targets else {
      preconditionFailure("a batch that was checked has classes")
    }
    let layout = batch.layout
    let share: Double =
      switch reduction {
      case .mean: 1 / Double(batch.whole?.elements ?? layout.rowCount)
      case .perSequence: 1 / Double(batch.answeringSequenceCount)
      case .sum: 1
      }
    let loss = workspace.loss(
      scores(parameters), ChainRows(emissions, layout), targets: targets, weight: share,
      gradient: gradients?.matrix(transitions), team: team)
    if let gradients {
      // The scores of a start and of the class there add up, and so for the end.
      emissions.rows(0..<layout.sequenceCount)
        .addColumnSums(to: gradients.vector(start), team: team)
      for row in layout.lastRows {
        emissions.rows(row..<row + 1).addColumnSums(of: nil, to: gradients.vector(end))
      }
      emissions.clear(unless: batch.answeredRows)
    }
    return LossValue(value: share * loss, elements: layout.rowCount, reduction: reduction)
  }

  /// The most probable classes of all rows, by Viterbi's algorithm.
  func bestPaths(
    _ emissions: Matrix, _ layout: SequenceLayout, parameters: ParameterStore,
    workspace: ChainWorkspace, team: ThreadTeam
  ) -> [Int32] {
    workspace.bestPaths(scores(parameters), ChainRows(emissions, layout), team: team)
  }

  /// Turns the emissions [N, K] into p(y_t = k | x), by the sums over all paths before and after
  /// each step.
  func makeMarginals(
    _ emissions: Matrix, _ layout: SequenceLayout, parameters: ParameterStore,
    workspace: ChainWorkspace, team: ThreadTeam
  ) {
    workspace.makeMarginals(scores(parameters), ChainRows(emissions, layout), team: team)
  }

  private func scores(_ parameters: ParameterStore) -> ChainScores {
    ChainScores(
      transitions: parameters.matrix(transitions), start: parameters.vector(start),
      end: parameters.vector(end))
  }
}

extension Matrix {
  /// Zeros in the rows that do not count: a profile that is probed by one answer follows what that
  /// step's output sends back, of the loss of the whole sequence.
  func clear(unless counted: [Bool]?) {
    guard let counted else { return }
    for row in 0..<rows where !counted[row] { rows(row..<row + 1).fill(0) }
  }
}
