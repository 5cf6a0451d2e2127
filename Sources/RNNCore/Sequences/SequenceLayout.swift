/// How the sequences of a batch lie in memory: time-major, without padding, longest first.
///
/// Step t holds one row for each sequence longer than t, so that a matrix of all steps has as many
/// rows as there are real tokens, work shrinks with the active rows, and nothing ever reads
/// padding:
///
///     lengths 4, 1, 3:   rows of step 0: a b c    (a: length 4, b: length 3, c: length 1)
///                                     1: a b
///                                     2: a b
///                                     3: a
///
/// "Sequence" is always the caller's index; "rank" is the place in the longest-first order.
///
/// A copy costs one reference.
public struct SequenceLayout: Sendable, Hashable {
  private let tables: Tables

  /// What follows from the lengths, computed once and shared by all copies.
  private final class Tables: Sendable {
    let lengths, order, ranks, stepOffsets, groups, mirroredRows, lastRows: [Int]

    init(lengths: [Int], order: [Int]) {
      self.lengths = lengths
      self.order = order
      var ranks = [Int](repeating: 0, count: lengths.count)
      for (rank, sequence) in order.enumerated() { ranks[sequence] = rank }
      self.ranks = ranks

      let steps = lengths[order[0]]
      var offsets = [0]
      offsets.reserveCapacity(steps + 1)
      var active = lengths.count
      for step in 0..<steps {
        while lengths[order[active - 1]] <= step { active -= 1 }
        offsets.append(offsets[step] + active)
      }
      stepOffsets = offsets

      var groups = [0]
      for step in 1..<steps
      where offsets[step + 1] - offsets[groups[groups.count - 1]] > TokenGroups.rows {
        groups.append(step)
      }
      self.groups = groups + [steps]

      var mirrored = [Int](repeating: 0, count: offsets[steps])
      for (rank, sequence) in order.enumerated() {
        for step in 0..<lengths[sequence] {
          mirrored[offsets[step] + rank] = offsets[lengths[sequence] - 1 - step] + rank
        }
      }
      mirroredRows = mirrored
      lastRows = order.enumerated().map { offsets[lengths[$1] - 1] + $0 }
    }
  }

  /// The number of steps of each sequence, in the caller's order.
  public var lengths: [Int] { tables.lengths }
  /// The sequence of each rank: longest first, equal lengths in the caller's order.
  public var order: [Int] { tables.order }
  /// The rank of each sequence.
  public var ranks: [Int] { tables.ranks }
  /// The first row of each step, and at the end the number of all rows: T + 1 values.
  public var stepOffsets: [Int] { tables.stepOffsets }
  /// The first step of each group of ``TokenGroups``, and at the end the number of all steps.
  var groups: [Int] { tables.groups }
  /// For each row, the row of the same sequence at the mirrored step (length − 1 − t).
  var mirroredRows: [Int] { tables.mirroredRows }
  /// The packed row of each rank's last step.
  var lastRows: [Int] { tables.lastRows }

  /// - Parameter lengths: at least one sequence, every one at least one step long.
  public init(lengths: [Int]) throws(RNNError) {
    guard !lengths.isEmpty else {
      throw RNNError(.empty, "batch", expected: "at least one sequence", found: "none")
    }
    if let bad = lengths.firstIndex(where: { $0 < 1 }) {
      throw RNNError(
        lengths[bad] == 0 ? .empty : .range, "length of sequence \(bad)",
        expected: "at least 1 step", found: "\(lengths[bad])")
    }
    self.init(valid: lengths)
  }

  /// Lengths that are known to be valid.
  init(valid lengths: [Int]) {
    let order = lengths.indices.sorted {
      lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1
    }
    tables = Tables(lengths: lengths, order: order)
  }

  /// The layout of some of the sequences, in the order given.
  package func selecting(_ sequences: [Int]) -> SequenceLayout {
    SequenceLayout(valid: sequences.map { lengths[$0] })
  }

  /// Lengths that are valid and sorted already.
  init(longestFirst lengths: [Int]) {
    tables = Tables(lengths: lengths, order: Array(lengths.indices))
  }

  public static func == (one: SequenceLayout, other: SequenceLayout) -> Bool {
    one.tables === other.tables || one.lengths == other.lengths
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(lengths) }

  /// B, the number of sequences.
  public var sequenceCount: Int { lengths.count }
  /// T, the length of the longest sequence.
  public var stepCount: Int { stepOffsets.count - 1 }
  /// The number of real tokens, which is the number of rows of every packed matrix.
  public var rowCount: Int { stepOffsets[stepCount] }
  /// Whether all sequences are equally long.
  public var isDense: Bool { rowCount == sequenceCount * stepCount }

  /// The rows of step `step` in a packed matrix.
  public func rows(ofStep step: Int) -> Range<Int> { stepOffsets[step]..<stepOffsets[step + 1] }

  /// The row of `sequence` at `step` in a packed matrix.
  public func row(sequence: Int, step: Int) -> Int {
    precondition(step >= 0 && step < lengths[sequence], "step \(step) of \(lengths[sequence])")
    return stepOffsets[step] + ranks[sequence]
  }

  /// The steps from `first` on that have about `rows` rows together: at least one step.
  func stretch(from first: Int, rows: Int) -> Range<Int> {
    var end = first + 1
    while end < stepCount, stepOffsets[end + 1] - stepOffsets[first] <= rows { end += 1 }
    return first..<end
  }

  /// The steps before `end` that have about `rows` rows together: at least one step.
  func stretch(to end: Int, rows: Int) -> Range<Int> {
    var first = end - 1
    while first > 0, stepOffsets[end] - stepOffsets[first - 1] <= rows { first -= 1 }
    return first..<end
  }

  /// The packed rows of some steps.
  func rows(ofSteps steps: Range<Int>) -> Range<Int> {
    stepOffsets[steps.lowerBound]..<stepOffsets[steps.upperBound]
  }

  /// The ranks that worker `index` of `count` takes in some steps, so that all have about as many
  /// tokens.
  func share(of index: Int, of count: Int, in steps: Range<Int>) -> Range<Int> {
    let active = rows(ofStep: steps.lowerBound).count
    if count == 1 { return 0..<active }
    return border(index, of: count, steps, active)..<border(index + 1, of: count, steps, active)
  }

  /// The first rank of part `part`: that before which at least part / count of the tokens lie.
  private func border(_ part: Int, of count: Int, _ steps: Range<Int>, _ active: Int) -> Int {
    let total = rows(ofSteps: steps).count
    if total == active * steps.count { return active * part / count }
    var tokens = 0
    for rank in 0..<active {
      if tokens * count >= total * part { return rank }
      tokens += min(lengths[order[rank]], steps.upperBound) - steps.lowerBound
    }
    return active
  }
}
