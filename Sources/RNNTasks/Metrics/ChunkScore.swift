import RNNCore

/// Precision, recall and F1 of whole chunks, by the rules of the CoNLL-2000 shared task's
/// conlleval (Tjong Kim Sang and Buchholz, 2000).
///
/// A chunk starts at B-, and at an I- that follows O or another type; it ends before the next
/// start or O. So IOB1, IOB2 and malformed tag sequences all have a meaning. A chunk is correct
/// when type, first and last token agree. Counts are kept, so that scores of parts merge exactly.
public struct ChunkScore: Hashable, Sendable {
  /// Types are the same where all their scalars are.
  private var counts: [ExactText: ChunkCounts] = [:]
  /// Words that were tagged.
  public private(set) var tokens = 0
  /// Words that got exactly the right tag.
  public private(set) var correctTokens = 0

  /// A score of no sentences.
  public init() {}

  /// Counts over all types: what "F1" means without further words (the micro average).
  public var total: ChunkCounts { counts.values.reduce(into: ChunkCounts()) { $0 += $1 } }

  /// The share of predicted chunks that are right; 0 without predictions.
  public var precision: Double { total.precision }
  /// The share of the reference's chunks that were found; 0 without references.
  public var recall: Double { total.recall }
  /// The harmonic mean of precision and recall.
  public var f1: Double { total.f1 }

  /// The share of tokens with exactly the right tag; 0 without tokens.
  public var tokenAccuracy: Double { tokens == 0 ? 0 : Double(correctTokens) / Double(tokens) }

  /// Counts of every type seen in the reference or a prediction. Types that are canonically
  /// equivalent are one key, and their counts are added; ``table`` has each by itself.
  public var byType: [String: ChunkCounts] {
    counts.reduce(into: [:]) { $0[$1.key.text, default: ChunkCounts()] += $1.value }
  }

  /// The counts of each type in alphabetical order, for printing.
  public var table: [(type: String, counts: ChunkCounts)] {
    counts.sorted { $0.key < $1.key }.map { (type: $0.key.text, counts: $0.value) }
  }

  /// Adds one sequence: as many predicted as reference tags.
  public mutating func add(gold: [ChunkTag], predicted: [ChunkTag]) {
    precondition(gold.count == predicted.count, "one predicted tag a token")
    tokens += gold.count
    for (truth, answer) in zip(gold, predicted) where truth == answer { correctTokens += 1 }
    let goldChunks = Chunk.all(in: gold)
    let predictedChunks = Chunk.all(in: predicted)
    for chunk in goldChunks { counts[chunk.type, default: ChunkCounts()].gold += 1 }
    for chunk in predictedChunks { counts[chunk.type, default: ChunkCounts()].predicted += 1 }
    let truth = Set(goldChunks)
    for chunk in predictedChunks where truth.contains(chunk) {
      counts[chunk.type, default: ChunkCounts()].correct += 1
    }
  }

  /// Adds the counts of a score of other sequences.
  public mutating func merge(_ other: ChunkScore) {
    tokens += other.tokens
    correctTokens += other.correctTokens
    for (type, part) in other.counts { counts[type, default: ChunkCounts()] += part }
  }
}
