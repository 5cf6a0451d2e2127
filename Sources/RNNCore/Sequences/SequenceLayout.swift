/// How the sequences of a batch lie in memory: time-major, without padding, longest first.
///
/// Step t holds one row for each sequence longer than t, so that a matrix of all steps has as many
/// rows as there are real tokens, work shrinks with the active rows, and nothing ever reads padding:
///
///     lengths 4, 1, 3:   rows of step 0: a b c    (a: length 4, b: length 3, c: length 1)
///                                     1: a b
///                                     2: a b
///                                     3: a
///
/// "Sequence" is always the caller's index; "rank" is the place in the longest-first order.
public struct SequenceLayout: Sendable, Hashable {
  /// The number of steps of each sequence, in the caller's order.
  public let lengths: [Int]
  /// The sequence of each rank: longest first, equal lengths in the caller's order.
  public let order: [Int]
  /// The rank of each sequence.
  public let ranks: [Int]
  /// The first row of each step, and at the end the number of all rows: T + 1 values.
  public let stepOffsets: [Int]
  /// For each row, the row of the same sequence at the mirrored step (length − 1 − t).
  let mirroredRows: [Int]

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
    let order = lengths.indices.sorted {
      lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1
    }
    self.init(lengths: lengths, order: order)
  }

  /// Lengths that are valid and sorted already.
  init(longestFirst lengths: [Int]) {
    self.init(lengths: lengths, order: Array(lengths.indices))
  }

  private init(lengths: [Int], order: [Int]) {
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

    var mirrored = [Int](repeating: 0, count: offsets[steps])
    for (rank, sequence) in order.enumerated() {
      for step in 0..<lengths[sequence] {
        mirrored[offsets[step] + rank] = offsets[lengths[sequence] - 1 - step] + rank
      }
    }
    mirroredRows = mirrored
  }

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

  /// The ranks that each of `count` workers takes, so that all have about as many tokens.
  func shares(_ count: Int) -> [Range<Int>] {
    var borders = [0]
    var tokens = 0
    for (rank, sequence) in order.enumerated() {
      tokens += lengths[sequence]
      while borders.count < count, tokens * count >= rowCount * borders.count {
        borders.append(rank + 1)
      }
    }
    while borders.count <= count { borders.append(order.count) }
    return (0..<count).map { borders[$0]..<borders[$0 + 1] }
  }
}
