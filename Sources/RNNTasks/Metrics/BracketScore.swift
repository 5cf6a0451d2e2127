import RNNCore

/// Labelled precision, recall and F1 of brackets by the rules of EVALB (Sekine and Collins, 1997)
/// with its parameters COLLINS.prm.
///
/// A bracket is a constituent's label with the first and last word under it; parts of speech are
/// none. Before, words that the reference tags as punctuation (`,` `:` ` `` ` `''` `.`) are taken
/// out of both trees, and with them constituents that hold nothing else. TOP (also called ROOT or
/// S1) is not counted, PRT counts as ADVP, functions behind a hyphen or `=` are cut off. Equal
/// brackets are matched one to one. Counts are kept, so that scores of parts merge exactly.
public struct BracketScore: Hashable, Sendable {
  /// Labels are the same where all their scalars are.
  private var counts: [ExactText: ChunkCounts] = [:]
  /// Sentences with words that are no punctuation; EVALB skips the others.
  public private(set) var sentences = 0
  /// Sentences with exactly the brackets of the reference.
  public private(set) var exactMatches = 0

  /// Parts of speech that are taken out before brackets are compared.
  public static let punctuation: Set<String> = [",", ":", "``", "''", "."]

  /// A score of no sentences.
  public init() {}

  /// Counts over all labels.
  public var total: ChunkCounts { counts.values.reduce(into: ChunkCounts()) { $0 += $1 } }

  /// The share of predicted brackets that are right; 0 without predictions.
  public var precision: Double { total.precision }
  /// The share of the reference's brackets that were found; 0 without references.
  public var recall: Double { total.recall }
  /// The harmonic mean of precision and recall.
  public var f1: Double { total.f1 }

  /// The share of sentences with exactly the right brackets; 0 without sentences.
  public var exactMatch: Double { sentences == 0 ? 0 : Double(exactMatches) / Double(sentences) }

  /// Counts of every label seen in the reference or a prediction. Labels that are canonically
  /// equivalent are one key, and their counts are added; ``table`` has each by itself.
  public var byLabel: [String: ChunkCounts] {
    counts.reduce(into: [:]) { $0[$1.key.text, default: ChunkCounts()] += $1.value }
  }

  /// The counts of each label in alphabetical order, for printing.
  public var table: [(label: String, counts: ChunkCounts)] {
    counts.sorted { $0.key < $1.key }.map { (label: $0.key.text, counts: $0.value) }
  }

  /// Adds one sentence: two trees with as many words, traces removed.
  public mutating func add(gold: BracketedTree, predicted: BracketedTree) {
    let tags = gold.leaves.map(\.tag)
    precondition(tags.count == predicted.leaves.count, "trees over the same words")
    let isCounted = tags.map { !Self.punctuation.contains($0) }
    guard isCounted.contains(true) else { return }
    let truth = Bracket.counts(in: gold, isCounted: isCounted)
    let answer = Bracket.counts(in: predicted, isCounted: isCounted)
    for (bracket, count) in truth { counts[bracket.label, default: ChunkCounts()].gold += count }
    for (bracket, count) in answer {
      counts[bracket.label, default: ChunkCounts()].predicted += count
      counts[bracket.label, default: ChunkCounts()].correct += min(count, truth[bracket] ?? 0)
    }
    sentences += 1
    if truth == answer { exactMatches += 1 }
  }

  /// Adds the counts of a score of other sentences.
  public mutating func merge(_ other: BracketScore) {
    for (label, part) in other.counts { counts[label, default: ChunkCounts()] += part }
    sentences += other.sentences
    exactMatches += other.exactMatches
  }
}

/// A label over a span of the words that count.
private struct Bracket: Hashable {
  let label: ExactText
  let words: Range<Int>

  static func counts(in tree: BracketedTree, isCounted: [Bool]) -> [Bracket: Int] {
    var counts: [Bracket: Int] = [:]
    var (leaf, word) = (0, 0)
    func visit(_ tree: BracketedTree) {
      guard case .phrase(let label, let children) = tree else {
        if isCounted[leaf] { word += 1 }
        leaf += 1
        return
      }
      let start = word
      for child in children { visit(child) }
      let name = bare(label)
      if start < word, !TreeCleaning.rootLabels.contains(name) {
        counts[Bracket(label: ExactText(name), words: start..<word), default: 0] += 1
      }
    }
    visit(tree)
    return counts
  }

  private static func bare(_ label: String) -> String {
    let label = TreeCleaning().bare(label)
    return label == "PRT" ? "ADVP" : label
  }
}
