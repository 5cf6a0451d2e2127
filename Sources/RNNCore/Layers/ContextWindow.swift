/// Which neighbours of a step a context window shows beside it.
public enum ContextSide: String, CaseIterable, Codable, Sendable, Hashable {
  /// As many earlier as later ones (Mesnil et al. 2013).
  case both
  /// Earlier ones alone, so that no answer depends on what comes later.
  case past
}

/// Puts the inputs of neighbouring steps side by side: row (t, b) becomes [x_{t−w}, …, x_t, …,
/// x_{t+w}], or [x_{t−n+1}, …, x_t] of the past alone. Zeros stand beyond the sequence's ends;
/// before its first step stands what the recurrent state has kept of earlier stretches.
public struct ContextWindow: Sendable {
  /// n, all steps in view.
  public let size: Int
  /// Neighbours before and after the step.
  let before: Int
  let after: Int

  /// Throws `.range` for less than one step, and for an even number on both sides.
  ///
  /// - Parameters:
  ///   - size: all steps in view: odd for both sides, 2w + 1.
  ///   - side: where the neighbours are.
  public init(size: Int, side: ContextSide) throws(RNNError) {
    guard size >= 1, side == .past || size % 2 == 1 else {
      throw RNNError(
        .range, "context window",
        expected: side == .past ? "at least 1 step" : "an odd number of steps", found: "\(size)")
    }
    self.size = size
    after = side == .past ? 0 : size / 2
    before = size - 1 - after
  }

  /// Whether a row depends on later steps.
  var readsLater: Bool { after > 0 }

  /// Earlier inputs that a stretch has to be handed: none where later ones would be missing as
  /// well.
  var carriedSteps: Int { readsLater ? 0 : before }

  /// [N, n·I] for packed rows [N, I] of whole sequences, or of stretches that go on where the
  /// `context` of a ``RecurrentState`` ends. Throws `.shape` for rows that are not packed steps.
  public func callAsFunction(_ rows: Rows, context: [Float] = []) throws(RNNError) -> Rows {
    let layout = try rows.packedLayout("input of a context window")
    let expected = layout.sequenceCount * carriedSteps * rows.width
    guard context.isEmpty || context.count == expected else {
      throw RNNError(.shape, "context", expected: "\(expected) numbers", found: "\(context.count)")
    }
    guard size > 1 else { return rows }
    let pass = rows.pass
    let record = pass.record { ContextWindowRecord() }
    (record.layer, record.input, record.layout) = (self, rows.source, layout)
    let output = record.output.matrix(rows.count, size * rows.width)
    forward(rows.matrix, context: context, layout: layout, into: output, team: pass.team)
    return rows.giving(output, slope: record.slope, in: record.output)
  }

  /// - Parameters:
  ///   - input: [N, I].
  ///   - context: the last ``carriedSteps`` inputs before the first step, [B, carriedSteps · I] in
  ///     the caller's order; empty for none.
  ///   - output: [N, size · I].
  func forward(
    _ input: Matrix, context: [Float], layout: SequenceLayout, into output: Matrix,
    team: ThreadTeam
  ) {
    let width = input.columns
    context.withUnsafeBufferPointer { context in
      forEachNeighbour(layout, before: before, team: team) { rank, row, place, other, neighbour in
        let part = output.row(row).extracting(place * width..<(place + 1) * width)
        let kept = (layout.order[rank] * carriedSteps + carriedSteps + other) * width
        if let neighbour {
          _ = part.update(fromContentsOf: UnsafeBufferPointer(input.row(neighbour)))
        } else if other < 0, !context.isEmpty {
          _ = part.update(fromContentsOf: context.extracting(kept..<kept + width))
        } else {
          part.update(repeating: 0)
        }
      }
    }
  }

  /// The gradient of x_t gathers from every window that saw it. What was carried gets none.
  func backward(
    _ outputGradient: Matrix, layout: SequenceLayout, into inputGradient: Matrix, team: ThreadTeam
  ) {
    let width = inputGradient.columns
    // Those who see a step as one before them stand after it.
    forEachNeighbour(layout, before: after, team: team) { _, row, place, _, neighbour in
      if place == 0 { inputGradient.row(row).update(repeating: 0) }
      guard let neighbour else { return }
      // Row `row` stands at the mirrored place in its neighbour's window.
      let part = outputGradient.columns((size - 1 - place) * width..<(size - place) * width)
      inputGradient.rows(row..<row + 1).combine(keep: 1, part.rows(neighbour..<neighbour + 1))
    }
  }

  /// Moves `context` on by the first `steps` steps of a pass over `input`, [N, I].
  func advance(
    _ context: inout [Float], over input: Matrix, layout: SequenceLayout, steps: Int
  ) {
    guard carriedSteps > 0 else { return }
    let width = input.columns
    context.withUnsafeMutableBufferPointer { context in
      for (rank, sequence) in layout.order.enumerated() {
        let taken = min(layout.lengths[sequence], steps)
        let own = context.extracting(
          sequence * carriedSteps * width..<(sequence + 1) * carriedSteps * width)
        for place in 0..<carriedSteps {
          let target = own.extracting(place * width..<(place + 1) * width)
          // The step that stands there now, counted from the first of the pass.
          let step = taken - carriedSteps + place
          if step >= 0 {
            let row = input.row(layout.stepOffsets[step] + rank)
            _ = target.update(fromContentsOf: UnsafeBufferPointer(row))
          } else {
            // Kept from before: it moves towards the front, over what has been moved already.
            let source = (place + taken) * width
            _ = target.update(
              fromContentsOf: UnsafeBufferPointer(own.extracting(source..<source + width)))
          }
        }
      }
    }
  }

  /// Calls `body` with each row and its rank, each place in a window with `before` neighbours
  /// before, the step that stands there and its row (nil beyond the ends); places of a row in
  /// order, rows divided among the threads.
  private func forEachNeighbour(
    _ layout: SequenceLayout, before: Int, team: ThreadTeam,
    _ body: (_ rank: Int, _ row: Int, _ place: Int, _ step: Int, _ at: Int?) -> Void
  ) {
    team.run { member in
      for rank in layout.share(of: member.index, of: member.count, in: 0..<layout.stepCount) {
        let length = layout.lengths[layout.order[rank]]
        for step in 0..<length {
          for place in 0..<size {
            let other = step + place - before
            body(
              rank, layout.stepOffsets[step] + rank, place, other,
              (0..<length).contains(other) ? layout.stepOffsets[other] + rank : nil)
          }
        }
      }
    }
  }
}

private final class ContextWindowRecord: LayerRecord {
  var layer: ContextWindow?
  var input: RowSource?
  var layout: SequenceLayout?
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    guard let layer, let input, let layout, let gradient = slope.matrix else { return }
    input.slope?.receive(input.matrix.rows, input.matrix.columns, pass) {
      layer.backward(gradient, layout: layout, into: $0, team: pass.team)
    }
  }
}
