/// Whether a mask of dropout has a row for each token or one for each sequence.
enum MaskedRows {
  /// Each packed row.
  case packed
  /// Each sequence, the longest first: the same at all steps.
  case sequences
}

/// Where the generator of dropout stands, at each place of a model that draws masks, before the
/// masks of each part of a batch: so that parts, in any order, have those of the whole batch, which
/// draws place after place for all of its rows.
///
/// The first pass over the first part finds out, by drawing what the other parts will need: as many
/// numbers as the whole batch draws.
final class PartedDropout: @unchecked Sendable {
  /// The first packed row of each part within the whole batch, and at the end the number of all
  /// rows.
  let borders: [Int]
  /// By place, and of packed rows by part; behind them where the next place begins.
  private var starts: [[RandomGenerator]] = []
  /// How many places have drawn in this pass.
  private var place = 0

  /// - Parameter borders: the first packed row of each part, and the number of all rows.
  init(borders: [Int]) { self.borders = borders }

  /// Begins a pass.
  func begin() { place = 0 }

  /// The generator of a mask of the next place.
  ///
  /// - Parameters:
  ///   - generator: as it stands at this place; becomes that of the next one.
  ///   - mask: of `part`, to be drawn.
  ///   - part: of the batch.
  ///   - rows: what the mask's rows are.
  func start(
    _ generator: inout RandomGenerator, of mask: Matrix, _ part: PassPart, _ rows: MaskedRows
  ) -> RandomGenerator {
    if place == starts.count { starts.append(found(from: generator, mask, rows)) }
    let known = starts[place]
    place += 1
    generator = known[known.count - 1]
    return rows == .packed ? known[part.index] : known[0]
  }

  private func found(
    from start: RandomGenerator, _ mask: Matrix, _ rows: MaskedRows
  ) -> [RandomGenerator] {
    var (generator, found) = (start, [start])
    func pass(_ rows: Int) {
      for _ in 0..<rows * mask.columns { _ = generator.next() }
      found.append(generator)
    }
    switch rows {
    case .packed: for (first, end) in zip(borders, borders.dropFirst()) { pass(end - first) }
    // The first part has all sequences.
    case .sequences: pass(mask.rows)
    }
    return found
  }
}
