/// How many chunks are true, predicted, and both.
public struct ChunkCounts: Hashable, Sendable {
  /// Predicted with the right type, first and last token.
  public internal(set) var correct = 0
  /// In the prediction, right or wrong.
  public internal(set) var predicted = 0
  /// In the reference.
  public internal(set) var gold = 0

  /// correct/predicted, 0 when nothing was predicted.
  public var precision: Double { ratio(correct, predicted) }
  /// correct/gold, 0 when there was nothing to find.
  public var recall: Double { ratio(correct, gold) }
  /// The harmonic mean of both: 2 correct/(predicted + gold), 0 when both are empty.
  public var f1: Double { ratio(2 * correct, predicted + gold) }

  static func += (total: inout ChunkCounts, part: ChunkCounts) {
    total.correct += part.correct
    total.predicted += part.predicted
    total.gold += part.gold
  }
}

private func ratio(_ part: Int, _ whole: Int) -> Double {
  whole == 0 ? 0 : Double(part) / Double(whole)
}
