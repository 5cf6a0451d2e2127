import RNNCore

/// A problem of writing one sequence of tokens for another, which an ``/RNNCore/EncoderDecoder``
/// learns.
///
/// - `translate` reads a ``ParallelCorpus`` and is scored by ``BLEU``;
/// - `autoencode` reads texts, in the layouts of `classify` or a text a line, writes them again,
///   and is scored by BLEU;
/// - `parse` reads a ``Treebank``, writes ``LinearizedTree``s and is scored by ``BracketScore``;
/// - `transduce` generates the pairs of a ``Transduction`` and counts exact answers.
///
/// Tokens of either side are those that training shows at least so often, and an unknown one for
/// all others.
public struct PairTask: BatchTask {
  /// How sources and targets become token ids.
  public let pairs: PairEncoding
  public let training: ItemList<PairItem>
  public let validation: ItemList<PairItem>
  /// Those of all test sets.
  public let test: ItemList<PairItem>
  /// What the test sets are called, in the order of ``PairItem/set``.
  public let testNames: [String]
  public let groupsByLength: Bool
  /// The probability that training shows a source token as unknown.
  public let wordDropout: Float
  /// How final answers are searched for.
  public let search: BeamSearch
  public let summary: String
  public let ownParts: Set<HeldOutPart>

  /// Sentences that are decoded side by side.
  package static let decodedTogether = 64

  init(
    _ data: PairData, encoding: PairEncoding?, kind: PairKind, options: DataOptions
  ) throws(RNNError) {
    try options.checkMinimumCount()
    try options.checkWordDropout()
    let pairs =
      if let encoding { encoding } else {
        try data.encoding(kind, minimumCount: options.minimumCount)
      }
    self.pairs = pairs
    training = data.items(data.training, pairs)
    validation = data.items(data.validation, pairs)
    test = ItemList(
      joining:
        data.tests.enumerated().map { data.items($0.element.pairs, pairs, set: $0.offset) })
    testNames = data.tests.map(\.name)
    groupsByLength = options.groupsByLength
    wordDropout = options.wordDropout
    search = try BeamSearch(
      width: options.beam, lengthNormalization: 1, mostTokens: pairs.mostTokens)
    (summary, ownParts) = (data.summary, data.ownParts)
  }

  /// One part alone, all of it.
  init(
    heldOut place: HeldOutPlace, _ options: DataOptions, encoding: PairEncoding
  ) throws(RNNError) {
    let data = try PairData(heldOut: place, options, encoding: encoding)
    try self.init(data, encoding: encoding, kind: encoding.kind, options: options)
  }

  public var name: String { pairs.kind.rawValue }
  public var encoding: TaskEncoding { .pairs(pairs) }

  public var fingerprint: String { fingerprint(.marked) }

  public func hasFingerprint(_ saved: String) -> Bool {
    fingerprint(Fingerprint.Version(of: saved)) == saved
  }

  func fingerprint(_ version: Fingerprint.Version) -> String {
    var print = Fingerprint(version)
    for part in [training, validation, test] {
      print.add(part: part) { print, item in
        print.mark(item.set)
        print.add(item.source)
        print.add(item.target)
        guard case .tokens(let tokens) = item.reference else { return }
        print.mark(tokens.count)
        for token in tokens { print.add(token) }
      }
    }
    return print.text
  }

  /// Reading takes a step a source token, writing one a target token.
  public func length(of item: PairItem) -> Int { item.source.count + item.target.count }

  public var disturbsTraining: Bool { wordDropout > 0 }

  public func disturbed(_ item: PairItem, using random: inout RandomGenerator) -> PairItem {
    var item = item
    for step in item.source.indices where random.uniform() < wordDropout {
      item.source[step] = pairs.source.unknownID
    }
    return item
  }

  public func batch(
    _ items: [PairItem], for model: EncoderDecoder
  ) throws(RNNError) -> PairBatch {
    try PairBatch(
      items.map { SequencePair(source: .tokens($0.source), target: $0.target) },
      for: model.configuration)
  }

  /// The main score first: BLEU, bracket F1 or the share of exact answers.
  public func score(
    _ items: ItemList<PairItem>, of model: EncoderDecoder, pass: EncoderDecoderPass,
    isFinal: Bool, among ranks: (any RankGroup)? = nil,
    answered: ((_ index: Int, _ answer: String) -> Void)? = nil
  ) throws(RNNError) -> (loss: Double, score: TaskScore) {
    var search = search
    if !isFinal { search.width = 1 }
    var score = PairScore(pairs, setNames: testNames, isGreedy: search.width < self.search.width)
    var (loss, elements) = (0.0, 0)
    // Alike lengths end together.
    let lengths = items.map(\.source.count)
    let order = items.indices.sorted { lengths[$0] < lengths[$1] }
    let work = DealtWork(count: order.count, size: Self.decodedTogether, ranks: ranks)
    try work.forEach { places throws(RNNError) in
      let part = order[places].map { items[$0] }
      let value = try model.loss(for: batch(part, for: model), pass: pass)
      let found = try model.decode(
        part.map { .tokens($0.source) }, search: search, pass: pass)
      return MeasuredPart(
        loss: value.value * Double(value.elements), elements: value.elements,
        answers: found.map { $0[0].tokens })
    } _: { places, measured throws(RNNError) in
      loss += measured.loss
      elements += measured.elements
      for (place, answer) in zip(order[places], measured.answers) {
        score.add(answer, for: items[place])
        answered?(place, text(of: answer, for: items[place]))
      }
    }
    let mean = loss / Double(max(1, elements))
    return (mean, score.taskScore(meanLoss: mean))
  }

  /// What was written for an item, for people.
  private func text(of answer: [Int32], for item: PairItem) -> String {
    guard case .tree(let gold) = item.reference else { return pairs.target.decode(answer) }
    let leaves = gold.leaves
    return LinearizedTree.tree(
      from: pairs.names(ofTarget: answer), words: leaves.map(\.word), tags: leaves.map(\.tag)
    ).tree.text
  }

  /// What an item's answer is compared with, for people.
  package func reference(of item: PairItem) -> String {
    switch item.reference {
    case .tokens(let tokens): tokens.joined(separator: pairs.target.unit == .word ? " " : "")
    case .tree(let tree): tree.text
    }
  }

  public var mainMetric: Metric {
    PairScore(pairs, setNames: [], isGreedy: search.width > 1).taskScore(meanLoss: 0).metrics[0]
  }
}
