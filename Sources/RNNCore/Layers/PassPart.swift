/// A stretch of steps of a longer batch that one pass reads. The stretches go forward from the
/// first to the last, and back from the last to the first, see ``GradientCheckpointing``.
struct PassPart: Sendable {
  /// Its number among the parts.
  let index: Int
  /// Where the masks of each part begin.
  let dropout: PartedDropout

  /// Packed rows of the whole batch.
  var count: Int { dropout.borders[dropout.borders.count - 1] }
  /// Whether no other part is read before this one, so that on the way back none follows it.
  var isFirst: Bool { index == 0 }
  /// Whether no other part is read after this one, so that the way back begins with it.
  var isLast: Bool { index == dropout.borders.count - 2 }
}
