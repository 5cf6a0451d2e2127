import RNNCore

/// A model that writes a sequence for another.
struct PairModel: AnsweringModel {
  private let pairs: PairEncoding
  private let model: EncoderDecoder
  private let pass: EncoderDecoderPass
  private let search: BeamSearch
  private let parserSource: ParserSource

  init(
    _ file: ModelFile, _ pairs: PairEncoding, _ options: DataOptions, _ team: ThreadTeam
  ) throws(RNNError) {
    self.pairs = pairs
    model = try EncoderDecoder(file, team: team)
    guard model.configuration.targetVocabulary == pairs.targetSize,
      case .tokens(pairs.source.sizeWithUnknown, _) = model.configuration.source
    else {
      throw RNNError(
        .format, file.path, expected: "a model that fits its own vocabularies",
        found: "one of another shape")
    }
    pass = model.makePass()
    search = try BeamSearch(width: options.beam, mostTokens: pairs.mostTokens)
    parserSource = options.parserSource
  }

  /// A source in ids; the words that a tree is written over, and their parts of speech.
  private struct Source {
    var ids: [Int32]
    var words: [String] = []
    var tags: [String]?
  }

  func check(_ input: PredictionInput) throws(RNNError) { _ = try source(of: input) }

  func size(of input: PredictionInput) -> Int {
    let tokens = (try? source(of: input))?.map(\.ids.count) ?? 0
    return search.width * model.configuration.targetVocabulary
      + tokens * 2 * model.configuration.hiddenSize
  }

  private func source(of input: PredictionInput) throws(RNNError) -> Source? {
    let source: Source
    switch input {
    case .text(let text):
      source = Source(ids: pairs.encode(text), words: pairs.sourceWords(of: text))
    case .words(let words):
      let text = words.joined(separator: " ")
      source = Source(ids: pairs.encode(text), words: pairs.sourceWords(of: text))
    case .tree(let tree) where pairs.kind == .parse:
      source = self.source(ofLeaves: tree.leaves)
    default: throw input.refused(pairs.kind == .parse ? "a sentence or a tree" : "a text")
    }
    return source.ids.isEmpty ? nil : source
  }

  private func source(ofLeaves leaves: [(word: String, tag: String)]) -> Source {
    guard case .words(let known) = pairs.source.symbols else { return Source(ids: []) }
    let ids = leaves.map { word, tag in
      let token = parserSource.token(pairs.source.normalization(word), tag: tag) {
        known.knownID(of: $0) != nil
      }
      return known.id(of: token)
    }
    return Source(ids: ids, words: leaves.map(\.word), tags: leaves.map(\.tag))
  }

  func predictions(
    for inputs: [PredictionInput], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction] {
    try inputs.answered { (input) throws(RNNError) in
      try source(of: input)
    } _: { (sources) throws(RNNError) in
      let inputs = sources.map { Example.Input.tokens($0.ids) }
      let found = try model.decode(inputs, search: search, pass: pass)
      var others: [[Hypothesis]] = []
      if detail.top > search.width {
        var wide = search
        wide.width = detail.top
        others = try model.decode(inputs, search: wide, pass: pass)
      }
      return sources.indices.map { index in
        // The answer stays that of the model's own search, whatever more is asked for.
        var hypotheses = found[index]
        for other in others.isEmpty ? [] : others[index]
        where !hypotheses.contains(where: { $0.tokens == other.tokens }) {
          hypotheses.append(other)
        }
        let source = sources[index]
        return Prediction(
          .texts(hypotheses.prefix(max(1, detail.top)).map { written($0, for: source) }),
          tokens: source.ids.count,
          unknownTokens: source.ids.count { $0 == pairs.source.unknownID })
      }
    }
  }

  private func written(_ hypothesis: Hypothesis, for source: Source) -> WrittenText {
    let tokens = pairs.names(ofTarget: hypothesis.tokens)
    let text =
      pairs.kind == .parse
      ? LinearizedTree.tree(from: tokens, words: source.words, tags: source.tags).tree.text
      : pairs.target.decode(hypothesis.tokens)
    let isReversed = model.configuration.reversesSource
    return WrittenText(
      text: text, logProbability: hypothesis.logProbability, tokens: tokens,
      alignment: hypothesis.alignment.map { isReversed ? $0.reversed() : $0 })
  }
}
