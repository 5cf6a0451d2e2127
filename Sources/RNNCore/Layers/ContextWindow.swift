/// Puts the inputs of neighbouring steps side by side: row (t, b) becomes
/// [x_{t−w}, …, x_t, …, x_{t+w}], zeros beyond the sequence's ends (Mesnil et al. 2013).
struct ContextWindow: Sendable {
  /// w, the neighbours on each side.
  let reach: Int

  /// - Parameter size: all steps in view, 2w + 1: odd.
  init(size: Int) throws(RNNError) {
    guard size >= 1, size % 2 == 1 else {
      throw RNNError(.range, "context window", expected: "an odd number of steps", found: "\(size)")
    }
    reach = size / 2
  }

  var size: Int { 2 * reach + 1 }

  /// - Parameter output: [N, size · I].
  func forward(_ input: Matrix, layout: SequenceLayout, into output: Matrix, team: ThreadTeam) {
    forEachNeighbour(layout, team: team) { row, place, neighbour in
      let part = output.columns(place * input.columns..<(place + 1) * input.columns)
      if let neighbour {
        part.copyRow(row, from: input, neighbour)
      } else {
        part.row(row).update(repeating: 0)
      }
    }
  }

  /// The gradient of x_t gathers from every window that saw it.
  func backward(
    _ outputGradient: Matrix, layout: SequenceLayout, into inputGradient: Matrix, team: ThreadTeam
  ) {
    let width = inputGradient.columns
    forEachNeighbour(layout, team: team) { row, place, neighbour in
      if place == 0 { inputGradient.row(row).update(repeating: 0) }
      guard let neighbour else { return }
      // Row `row` stands at the mirrored place in its neighbour's window.
      let part = outputGradient.columns((size - 1 - place) * width..<(size - place) * width)
      inputGradient.rows(row..<row + 1).combine(keep: 1, part.rows(neighbour..<neighbour + 1))
    }
  }

  /// Calls `body` with each row, each place in its window, and the row that stands there (nil beyond the
  /// ends); places of a row in order, rows divided among the threads.
  private func forEachNeighbour(
    _ layout: SequenceLayout, team: ThreadTeam,
    _ body: (_ row: Int, _ place: Int, _ at: Int?) -> Void
  ) {
    team.run { member in
      for rank in layout.share(of: member.index, of: member.count, in: 0..<layout.stepCount) {
        let length = layout.lengths[layout.order[rank]]
        for step in 0..<length {
          for place in 0..<size {
            let other = step + place - reach
            body(
              layout.stepOffsets[step] + rank, place,
              (0..<length).contains(other) ? layout.stepOffsets[other] + rank : nil)
          }
        }
      }
    }
  }
}
