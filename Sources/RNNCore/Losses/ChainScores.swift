internal import CKernels

/// The scores of a linear-chain conditional random field over K classes, as the kernels read them.
/// A view.
struct ChainScores {
  /// [K, K], [K] and [K]
  let transitions: Matrix
  let start: UnsafeMutablePointer<Float>
  let end: UnsafeMutablePointer<Float>

  var classes: Int { transitions.rows }

  /// - Parameter powers: space for [2, K, K]; nil where no sums are taken.
  fileprivate func chain(powers: UnsafeMutablePointer<Double>?) -> rnn_chain {
    var top = 0.0
    let hasPowers = kernels.chain_powers(classes, transitions.pointer, powers, &top)
    return rnn_chain(
      classes: classes, transitions: transitions.pointer, start: start, end: end,
      powers: hasPowers ? powers.map { UnsafePointer($0) } : nil, top: top)
  }
}

/// The emissions [N, K] of a packed batch.
struct ChainRows {
  let emissions: Matrix
  /// The first row of each step, and at the end N; a sequence has the same place in each of its
  /// steps.
  let offsets: [Int]
  /// The length of each sequence, and the sequence of each place: the longest first.
  let lengths: [Int]
  let order: [Int]

  func length(_ rank: Int) -> Int { lengths[order[rank]] }
}

/// What the sums over the paths of a batch work in. Reused from batch to batch.
final class ChainWorkspace: @unchecked Sendable {
  private let powers = FloatBuffer()
  private let left = FloatBuffer()
  private let right = FloatBuffer()
  private let pairs = FloatBuffer()
  private let scratch = FloatBuffer()
  private let losses = FloatBuffer()

  /// Σ over sequences of −log p(target | emissions), added in the order of the sequences.
  ///
  /// Each sequence and each row of the transitions' gradient is one thread's work from beginning to
  /// end, so that the bits do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - rows: the emissions; with `gradient` they become weight times the loss's gradient.
  ///   - targets: the class of each row.
  ///   - gradient: [K, K], to which weight times the gradient of the transitions is added; nil for
  ///     the loss alone.
  func loss(
    _ scores: ChainScores, _ rows: ChainRows, targets: [Int32], weight: Double,
    gradient: Matrix?, team: ThreadTeam
  ) -> Double {
    let classes = scores.classes
    let chain = scores.chain(powers: powers.doubles(2 * classes * classes))
    let right = gradient.map { _ in self.right.doubles(rows.emissions.rows * classes) }
    let sum = sumOfLosses(
      chain, rows, targets: targets, weight: weight, right: right, team: team)
    if let gradient, let right {
      let steps = rows.offsets.count - 1
      let left = left.doubles(rows.emissions.rows * classes)
      let pairs = pairs.doubles(classes * classes)
      team.split(classes) { range in
        var own = chain
        kernels.chain_transition_gradient(
          &own, range.lowerBound, range.upperBound, steps, rows.offsets, targets, weight, left,
          right, pairs, gradient.pointer)
      }
    }
    return sum
  }

  /// Turns each emission into the probability of its class at its step, over all paths.
  func makeMarginals(_ scores: ChainScores, _ rows: ChainRows, team: ThreadTeam) {
    let (classes, x) = (scores.classes, rows.emissions)
    // The gradient of any path's loss is the probabilities less one along that path.
    let targets = [Int32](repeating: 0, count: x.rows)
    _ = sumOfLosses(
      scores.chain(powers: powers.doubles(2 * classes * classes)), rows, targets: targets,
      weight: 1, right: right.doubles(x.rows * classes), team: team)
    for row in 0..<x.rows {
      let values = x.row(row)
      values[0] += 1
      for index in values.indices { values[index] = min(max(values[index], 0), 1) }
    }
  }

  /// The losses of all sequences; with `right`, space for [N, K], the emissions become weight times
  /// the gradient.
  private func sumOfLosses(
    _ chain: rnn_chain, _ rows: ChainRows, targets: [Int32], weight: Double,
    right: UnsafeMutablePointer<Double>?, team: ThreadTeam
  ) -> Double {
    let (classes, count, x) = (chain.classes, rows.lengths.count, rows.emissions)
    let left = left.doubles(x.rows * classes)
    let (scratch, losses) = (scratch.doubles(count * 2 * classes), losses.doubles(count))
    team.run { member in
      // Dealt out in turn: long sequences come first.
      for rank in stride(from: member.index, to: count, by: member.count) {
        var own = chain
        losses[rank] = kernels.chain_loss(
          &own, rows.length(rank), rows.offsets, rank, x.pointer, x.stride, targets, weight, left,
          right, scratch + rank * 2 * classes)
      }
    }
    return (0..<count).reduce(0) { $0 + losses[$1] }
  }

  /// The class of each row on its sequence's path of largest score; among equals the lowest
  /// classes, counted from the end.
  func bestPaths(_ scores: ChainScores, _ rows: ChainRows, team: ThreadTeam) -> [Int32] {
    let (classes, count, x) = (scores.classes, rows.lengths.count, rows.emissions)
    let chain = scores.chain(powers: nil)
    let scratch = scratch.doubles(count * 2 * classes)
    var origins = [Int32](repeating: 0, count: x.rows * classes)
    var paths = [Int32](repeating: 0, count: x.rows)
    origins.withUnsafeMutableBufferPointer { origins in
      paths.withUnsafeMutableBufferPointer { paths in
        guard let origin = origins.baseAddress, let path = paths.baseAddress else { return }
        team.run { member in
          for rank in stride(from: member.index, to: count, by: member.count) {
            var own = chain
            kernels.chain_best_path(
              &own, rows.length(rank), rows.offsets, rank, x.pointer, x.stride, origin,
              scratch + rank * 2 * classes, path)
          }
        }
      }
    }
    return paths
  }
}
