import RNNCore
import RNNReport
import RNNTasks

/// Writes targets for texts with a saved model of pairs.
package struct PairWriter {
  /// What was written for a source.
  package struct Answer {
    /// As people read it.
    package var text: String
    package var source: [String]
    package var target: [String]
    /// [target and end][source] in the order of the source; empty without attention.
    package var alignment: [[Double]]
  }

  /// Sources that are answered side by side.
  package static let together = 64

  private let encoding: PairEncoding
  private let model: EncoderDecoder
  private let pass: EncoderDecoderPass
  private let search: BeamSearch
  private let name: String

  package init(_ saved: SavedRun, _ encoding: PairEncoding, beam: Int, team: ThreadTeam) throws {
    try require((1...1 << 16).contains(beam), "--beam", "1 to \(1 << 16)", "\(beam)")
    self.encoding = encoding
    name = saved.file.path.printable
    model = try EncoderDecoder(saved.file, team: team)
    guard model.configuration.targetVocabulary == encoding.targetSize,
      case .tokens(encoding.source.sizeWithUnknown, _) = model.configuration.source
    else {
      throw RNNError(
        .format, saved.file.path, expected: "a model that fits its own vocabularies",
        found: "one of another shape")
    }
    pass = model.makePass()
    search = try BeamSearch(width: beam, mostTokens: encoding.mostTokens)
  }

  /// An answer for each text; an empty one for a text without tokens.
  package func answers(to texts: [String]) throws -> [Answer] {
    var answers = texts.map { _ in Answer(text: "", source: [], target: [], alignment: []) }
    let sources = texts.map { encoding.encode($0) }
    let places = sources.indices.filter { !sources[$0].isEmpty }
    guard !places.isEmpty else { return answers }
    let found = try model.decode(
      places.map { .tokens(sources[$0]) }, search: search, pass: pass)
    for (place, hypotheses) in zip(places, found) {
      answers[place] = answer(hypotheses[0], to: texts[place], sources[place])
    }
    return answers
  }

  private func answer(
    _ hypothesis: Hypothesis, to text: String, _ source: [Int32]
  ) -> Answer {
    let target = encoding.names(ofTarget: hypothesis.tokens)
    let isReversed = model.configuration.reversesSource
    let words = encoding.sourceWords(of: text)
    let names = encoding.source.unit == .word ? words : encoding.names(ofSource: source)
    return Answer(
      text: encoding.kind == .parse
        ? LinearizedTree.tree(from: target, words: words).tree.text
        : encoding.target.decode(hypothesis.tokens),
      source: names, target: target,
      alignment: hypothesis.alignment.map { row in
        let weights = row.map { Double($0) }
        return isReversed ? weights.reversed() : weights
      })
  }

  /// Throws for a model without attention, and for an empty source.
  package func alignment(of answer: Answer) throws(RNNError) -> AlignmentMap {
    guard model.configuration.attention != nil else {
      throw RNNError(
        .unsupported, "--attention", expected: "a model with attention", found: "\(name), without")
    }
    guard !answer.source.isEmpty else {
      throw RNNError(.empty, "--prompt", expected: "a source", found: "none")
    }
    let rows = answer.target + (answer.alignment.count > answer.target.count ? ["(end)"] : [])
    return AlignmentMap(
      title: "Attention",
      description: "Which tokens of the source each written token was made from, in per cent.",
      source: answer.source, target: rows, weights: answer.alignment)
  }

  /// The texts of all parts of a task whose vectors are nearest to that of `text`.
  package func neighbors(
    of text: String, most: Int, in task: any DataTask
  ) throws -> [(text: String, similarity: Float)] {
    guard let task = task as? PairTask else { preconditionFailure("a task of pairs") }
    let source = encoding.source.encode(text)
    guard !source.isEmpty else {
      throw RNNError(.empty, "--prompt", expected: "a source", found: "none")
    }
    let items = task.training + task.validation + task.test
    var vectors: [[Float]] = []
    for first in stride(from: 0, to: items.count, by: Self.together) {
      let part = items[first..<min(first + Self.together, items.count)]
      vectors += try model.vectors(of: part.map { .tokens($0.source) }, pass: pass)
    }
    let query = try model.vectors(of: [.tokens(source)], pass: pass)[0]
    let index = try VectorIndex(vectors, isCentered: true)
    return try index.nearest(to: query, most: most).map { index, similarity in
      guard case .tokens(let words) = items[index].reference else { return ("", similarity) }
      return (words.joined(separator: " "), similarity)
    }
  }
}
