internal import CLibrary
import RNNCore

/// Corpus BLEU of tokenised text against one reference a sentence (Papineni et al., 2002).
///
///     BLEU = 100 BP exp(1/4 Σₙ log pₙ),  n = 1...4
///     pₙ   = n-grams of the hypotheses that their references have too / n-grams of the hypotheses
///     BP   = 1 if c > r, else exp(1 - r/c)
///
/// An n-gram is found at most as often as the reference has it ("clipping"); c and r are the
/// words of all hypotheses and of all references. Counts are summed over sentences before anything
/// is divided, so this is no mean of sentence scores, and scores of parts merge exactly. Equals
/// sacrebleu's `corpus_bleu` with `tokenize='none'`; case and tokenisation are the caller's.
public struct BLEU: Hashable, Sendable {
  /// What is put for the precision of an order of which no n-gram was found.
  public enum Smoothing: String, CaseIterable, Sendable {
    /// Zero, which makes BLEU zero: the definition of 2002.
    case none
    /// 1/(2ᵏ n-grams) for the k-th order without any, as mteval-v13a and sacrebleu's default do.
    case exponential
  }

  /// N, the longest n-grams.
  public static let order = 4

  /// How many n-grams were found in their references: [n - 1].
  public private(set) var matches = [Int](repeating: 0, count: order)
  /// How many n-grams the hypotheses have: [n - 1].
  public private(set) var totals = [Int](repeating: 0, count: order)
  /// c, the words of all hypotheses.
  public private(set) var hypothesisLength = 0
  /// r, the words of all references.
  public private(set) var referenceLength = 0
  /// The words of the longest reference.
  public private(set) var longestReference = 0

  /// Nothing counted yet.
  public init() {}

  /// Adds one sentence, which may be empty. Words are the same where all their scalars are, as in
  /// sacrebleu: é composed and decomposed are two words.
  public mutating func add<Word: StringProtocol>(hypothesis: [Word], reference: [Word]) {
    add(
      hypothesis: hypothesis.map { ExactText(String($0)) },
      reference: reference.map { ExactText(String($0)) })
  }

  /// Adds one sentence, which may be empty: ids that stand for words, or words that are the same
  /// where `==` says so.
  public mutating func add<Word: Hashable>(hypothesis: [Word], reference: [Word]) {
    hypothesisLength += hypothesis.count
    referenceLength += reference.count
    longestReference = max(longestReference, reference.count)
    for n in 1...Self.order {
      let found = ngrams(n, of: hypothesis)
      let wanted = ngrams(n, of: reference)
      totals[n - 1] += max(hypothesis.count - n + 1, 0)
      for (ngram, count) in found { matches[n - 1] += min(count, wanted[ngram] ?? 0) }
    }
  }

  /// Adds the counts of other sentences.
  public mutating func merge(_ other: BLEU) {
    hypothesisLength += other.hypothesisLength
    referenceLength += other.referenceLength
    longestReference = max(longestReference, other.longestReference)
    for index in 0..<Self.order {
      matches[index] += other.matches[index]
      totals[index] += other.totals[index]
    }
  }

  /// BP, from 0 (no words at all) to 1 (not shorter than the references).
  public var brevityPenalty: Double {
    guard hypothesisLength < referenceLength else { return 1 }
    guard hypothesisLength > 0 else { return 0 }
    return exp(1 - Double(referenceLength) / Double(hypothesisLength))
  }

  /// p₁ to p₄ in percent. All are 0 when not even a word was found, smoothed or not.
  public func precisions(smoothing: Smoothing = .none) -> [Double] {
    guard matches.contains(where: { $0 > 0 }) else {
      return [Double](repeating: 0, count: Self.order)
    }
    var divisor = 1.0
    return zip(matches, totals).map { found, total in
      if found > 0 { return 100 * Double(found) / Double(total) }
      guard total > 0, smoothing == .exponential else { return 0 }
      divisor *= 2
      return 100 / (divisor * Double(total))
    }
  }

  /// Whether the references have a run of four words at all. Where they have none, even exact
  /// answers score 0 without smoothing, which says nothing of them.
  public var isDefined: Bool { longestReference >= Self.order }

  /// BLEU in percent; 0 as soon as one precision is.
  public func score(smoothing: Smoothing = .none) -> Double {
    let precisions = precisions(smoothing: smoothing)
    guard precisions.allSatisfy({ $0 > 0 }) else { return 0 }
    let meanLog = precisions.reduce(0) { $0 + log($1) } / Double(Self.order)
    return brevityPenalty * exp(meanLog)
  }
}

/// How often `words` holds each run of n of them.
private func ngrams<Word: Hashable>(_ n: Int, of words: [Word]) -> [ArraySlice<Word>: Int] {
  guard words.count >= n else { return [:] }
  var counts: [ArraySlice<Word>: Int] = [:]
  for start in 0...(words.count - n) { counts[words[start..<start + n], default: 0] += 1 }
  return counts
}
