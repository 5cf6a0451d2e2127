internal import CKernels

/// What the sums over the alignments of a batch work in. Reused from batch to batch.
final class AlignmentWorkspace: @unchecked Sendable {
  private let tables = FloatBuffer()
  private let scratch = FloatBuffer()
  private let losses = FloatBuffer()

  /// Σ over sequences of −log p(labelling | outputs), added in the order of the ranks.
  ///
  /// Each sequence is one thread's work from beginning to end, so that the bits do not depend on
  /// the number of threads.
  ///
  /// - Parameters:
  ///   - rows: the outputs; with `hasGradient` they become weight times the loss's gradient.
  ///   - labellings: of labels in 1..<K that can be aligned with the sequences.
  ///   - weight: of the gradient.
  ///   - hasGradient: whether there is one.
  ///   - team: divides the sequences.
  func loss(
    _ rows: ChainRows, _ labellings: PackedLabellings, weight: Double, hasGradient: Bool,
    team: ThreadTeam
  ) -> Double {
    let (x, count, steps) = (rows.emissions, rows.lengths.count, rows.offsets.count - 1)
    let tables =
      hasGradient ? self.tables.doubles(labellings.tables[labellings.tables.count - 1]) : nil
    let share = steps + x.columns + 2 * (2 * labellings.longest + 1)
    let (scratch, losses) = (scratch.doubles(team.shares * share), losses.doubles(count))
    team.run { member in
      // Dealt out in turn: long sequences come first.
      for rank in stride(from: member.index, to: count, by: member.count) {
        losses[rank] = kernels.ctc_loss(
          x.columns, rows.length(rank), rows.offsets, rank, x.pointer, x.stride, labellings.labels,
          labellings.borders, weight, tables.map { $0 + labellings.tables[rank] },
          scratch + member.index * share)
      }
    }
    return (0..<count).reduce(0) { $0 + losses[$1] }
  }
}
