internal import CLibrary
import RNNCore

/// Counts of answers to ``PairItem``s.
struct PairScore {
  private let encoding: PairEncoding
  /// Whether answers were searched for with less than the final search: their scores have a name of
  /// their own.
  private let isGreedy: Bool
  /// Of the sets that items are of; one at least.
  private var sets: [Counts]
  private var byLength: [Int: Counts] = [:]

  /// The most sources lengths of one row of scores by length.
  private static let rows = 6

  /// What a set of answers is worth.
  fileprivate struct Counts {
    var name = ""
    var sentences = 0
    var exact = 0
    var malformed = 0
    var bleu = BLEU()
    var brackets = BracketScore()
  }

  init(_ encoding: PairEncoding, setNames: [String], isGreedy: Bool) {
    self.encoding = encoding
    self.isGreedy = isGreedy
    sets = setNames.isEmpty ? [Counts()] : setNames.map { Counts(name: $0) }
  }

  /// Adds what was written for an item.
  mutating func add(_ answer: [Int32], for item: PairItem) {
    let tokens = encoding.names(ofTarget: answer)
    add(tokens, item, to: &sets[item.set])
    add(tokens, item, to: &byLength[item.source.count, default: Counts()])
  }

  private func add(_ tokens: [String], _ item: PairItem, to counts: inout Counts) {
    counts.sentences += 1
    switch item.reference {
    case .tokens(let reference):
      if tokens.elementsEqual(reference, by: String.areSame) { counts.exact += 1 }
      counts.bleu.add(hypothesis: tokens, reference: reference)
    case .tree(let gold):
      let leaves = gold.leaves
      let (tree, wasRepaired) = LinearizedTree.tree(
        from: tokens, words: leaves.map(\.word), tags: leaves.map(\.tag))
      if wasRepaired { counts.malformed += 1 }
      counts.brackets.add(gold: gold, predicted: tree)
    }
  }

  func taskScore(meanLoss: Double) -> TaskScore {
    var metrics = metrics(of: sets[0])
    // The loss and perplexity search for nothing.
    if isGreedy {
      for index in metrics.indices { metrics[index].name = "greedy " + metrics[index].name }
    }
    for set in sets.dropFirst() where set.sentences > 0 {
      metrics += self.metrics(of: set).map { metric in
        var metric = metric
        metric.name += ", \(set.name)"
        return metric
      }
    }
    if encoding.kind == .translate {
      metrics.append(
        Metric(name: "perplexity", value: exp(meanLoss), higherIsBetter: false))
    }
    let brackets = sets.reduce(into: BracketScore()) { $0.merge($1.brackets) }
    return TaskScore(
      metrics: metrics, brackets: encoding.kind == .parse ? brackets : nil,
      byLength: lengthRows)
  }

  private func metrics(of counts: Counts) -> [Metric] {
    let all = Double(max(1, counts.sentences))
    func share(_ name: String, _ value: Double, isGood: Bool = true) -> Metric {
      Metric(name: name, value: value, higherIsBetter: isGood, notation: .share)
    }
    let exact = share("exact match", Double(counts.exact) / all)
    switch encoding.kind {
    case .translate, .autoencode:
      return [
        Metric(
          name: "BLEU", value: counts.bleu.isDefined ? counts.bleu.score() : .nan,
          higherIsBetter: true, notation: .number),
        exact,
      ]
    case .parse:
      let brackets = counts.brackets
      return [
        share("bracket F1", brackets.f1), share("precision", brackets.precision),
        share("recall", brackets.recall), share("exact match", brackets.exactMatch),
        share("malformed", Double(counts.malformed) / all, isGood: false),
      ]
    case .transduce: return [exact]
    }
  }

  /// The main score by source length, in rows of alike numbers of sentences.
  private var lengthRows: [LengthScore] {
    let total = byLength.values.reduce(0) { $0 + $1.sentences }
    var rows: [LengthScore] = []
    var (open, first) = (Counts(), 0)
    let lengths = byLength.keys.sorted()
    for length in lengths {
      if open.sentences == 0 { first = length }
      open.add(byLength[length, default: Counts()])
      if open.sentences * Self.rows >= total || length == lengths.last {
        rows.append(
          LengthScore(
            lengths: first...length, sentences: open.sentences, metric: metrics(of: open)[0]))
        open = Counts()
      }
    }
    return rows
  }
}

extension PairScore.Counts {
  fileprivate mutating func add(_ other: PairScore.Counts) {
    sentences += other.sentences
    exact += other.exact
    malformed += other.malformed
    bleu.merge(other.bleu)
    brackets.merge(other.brackets)
  }
}
