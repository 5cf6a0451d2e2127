/// One row a sequence out of the rows of its steps.
extension Rows {
  /// The last step of each sequence, [B, width] in the caller's order. Throws `.shape` for rows
  /// that are not packed steps.
  public func lastSteps() throws(RNNError) -> Rows {
    try lastStepsByRank().gathered(packedLayout("last steps").ranks, as: .examples)
  }

  /// The last step of each sequence, longest sequence first, [B, width].
  func lastStepsByRank() throws(RNNError) -> Rows {
    let layout = try packedLayout("last steps")
    let record = pass.record { LastStepsRecord() }
    (record.input, record.layout) = (source, layout)
    let output = record.output.matrix(layout.sequenceCount, width)
    output.gather(layout.lastRows, from: matrix, team: pass.team)
    return Rows(output, order: .byRank(layout), slope: record.slope, on: pass)
  }

  /// The mean of each sequence's steps, [B, width] in the caller's order. Throws `.shape` for rows
  /// that are not packed steps.
  public func means() throws(RNNError) -> Rows {
    let layout = try packedLayout("means")
    let record = pass.record { MeansRecord() }
    (record.input, record.layout) = (source, layout)
    let output = record.output.matrix(layout.sequenceCount, width)
    pass.team.split(layout.sequenceCount) { sequences in
      for sequence in sequences {
        let mean = output.rows(sequence..<sequence + 1)
        mean.fill(0)
        forEachStep(of: sequence, layout) { mean.combine(keep: 1, matrix.rows($0..<$0 + 1)) }
        kernels.scale(mean.columns, 1 / Float(layout.lengths[sequence]), mean.pointer)
      }
    }
    return Rows(output, order: .examples, slope: record.slope, on: pass)
  }
}

/// Calls `body` with the packed row of each step of a sequence.
private func forEachStep(of sequence: Int, _ layout: SequenceLayout, _ body: (Int) -> Void) {
  for step in 0..<layout.lengths[sequence] {
    body(layout.stepOffsets[step] + layout.ranks[sequence])
  }
}

private final class LastStepsRecord: LayerRecord {
  var input: RowSource?
  var layout: SequenceLayout?
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    guard let input, let layout, let gradient = slope.matrix else { return }
    if let known = input.slope?.matrix {
      known.addScattered(layout.lastRows, from: gradient)
    } else {
      input.slope?.receive(input.matrix.rows, input.matrix.columns, pass) {
        $0.scatter(layout.lastRows, from: gradient)
      }
    }
  }
}

private final class MeansRecord: LayerRecord {
  var input: RowSource?
  var layout: SequenceLayout?
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    guard let input, let layout, let gradient = slope.matrix else { return }
    input.slope?.receive(input.matrix.rows, input.matrix.columns, pass) { share in
      pass.team.split(layout.sequenceCount) { sequences in
        for sequence in sequences {
          kernels.scale(
            gradient.columns, 1 / Float(layout.lengths[sequence]),
            gradient.row(sequence).baseAddress ?? gradient.pointer)
          forEachStep(of: sequence, layout) { share.copyRow($0, from: gradient, sequence) }
        }
      }
    }
  }
}
