import RNNCore

/// What a training run sees of its gradients: a profile of every n-th update, and what clipping did
/// from each to the next.
package struct GradientHistory {
  /// What happened from a profile to the next, its own update included.
  struct Stretch: Equatable {
    var updates = 0
    var clipped = 0
    /// Updates whose gradient was not finite.
    var nonFinite = 0

    /// Of the updates with a finite gradient; not a number without one.
    var clippedShare: Double { Double(clipped) / Double(updates - nonFinite) }

    static func + (a: Stretch, b: Stretch) -> Stretch {
      Stretch(
        updates: a.updates + b.updates, clipped: a.clipped + b.clipped,
        nonFinite: a.nonFinite + b.nonFinite)
    }
  }

  let profiler: GradientProfiler
  /// One a profile.
  private(set) var stretches: [Stretch] = []

  init(_ profiler: GradientProfiler) { self.profiler = profiler }

  var profiles: [GradientProfile] { profiler.history }

  /// Told of each update right after it.
  mutating func add(_ report: StepReport) {
    while stretches.count < profiles.count { stretches.append(Stretch()) }
    // A run that goes on may have some updates to its first profile.
    guard let last = stretches.indices.last else { return }
    stretches[last].updates += 1
    if report.clip == nil { stretches[last].nonFinite += 1 }
    if report.clip?.isClipped == true { stretches[last].clipped += 1 }
  }

  /// Whether each sequence has one answer that is followed, so that distances from it say how far
  /// back it reaches.
  var followsOneAnswer: Bool {
    profiles.contains { !$0.layers.isEmpty } && !profiles.contains(where: \.hasSeveralLosses)
  }

  /// The names of all layers, in the order of the first profile that has some.
  var layerNames: [String] {
    profiles.first { !$0.layers.isEmpty }?.layers.map(\.name) ?? []
  }

  // MARK: - Columns of figures

  /// The most columns of a map: more profiles share columns.
  private static let mostColumns = 120

  /// The places of each column's profiles.
  var columns: [Range<Int>] { (0..<profiles.count).inParts(atMost: Self.mostColumns) }

  /// ‖δ‖ of a layer, a row a step and a column some updates: the root of the mean square of what a
  /// part holds. Not a number where no sequence has such a step, or one of its norms is none.
  func map(ofLayer name: String) -> (values: [[Double]], stepsInRow: Int) {
    let isOfDistances = followsOneAnswer
    let norms = columns.map { column in
      profiles[column].compactMap { profile in
        profile.layers.first { $0.name == name }.map {
          isOfDistances ? $0.memory.byDistance : $0.memory.byStep
        }
      }
    }
    let steps = norms.joined().map(\.count).max() ?? 0
    let rows = (0..<steps).inParts(atMost: Self.mostColumns)
    let values = rows.map { row in
      norms.map { column in
        let squares = column.flatMap { norms in
          norms[row.clamped(to: norms.indices)].map { $0 * $0 }
        }
        return squares.isEmpty
          ? .nan : (squares.reduce(0, +) / Double(squares.count)).squareRoot()
      }
    }
    return (values, rows.first?.count ?? 1)
  }
}

extension Range<Int> {
  /// Parts of one size, the last one aside: of one number each where there are few.
  fileprivate func inParts(atMost most: Int) -> [Range<Int>] {
    let size = Swift.max(1, (count + most - 1) / most)
    return stride(from: lowerBound, to: upperBound, by: size).map {
      $0..<Swift.min($0 + size, upperBound)
    }
  }
}
