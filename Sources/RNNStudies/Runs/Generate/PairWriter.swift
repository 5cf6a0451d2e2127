import RNNCore
import RNNReport
import RNNTasks

/// Writes targets for texts with a saved model of pairs, and shows what they were made from.
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

  package let predictor: Predictor
  private let encoding: PairEncoding
  private let file: ModelFile
  private let team: ThreadTeam

  /// Texts whose vectors are computed side by side.
  private static let together = 64

  package init(_ saved: SavedRun, _ encoding: PairEncoding, beam: Int, team: ThreadTeam) throws {
    try require((1...1 << 16).contains(beam), "--beam", "1 to \(1 << 16)", "\(beam)")
    (self.encoding, self.team, file) = (encoding, team, saved.file)
    predictor = try Predictor(saved.file, beam: beam, options: saved.settings.data, team: team)
  }

  /// The answer to a text; an empty one for a text without tokens.
  package func answer(to text: String) throws -> Answer {
    guard case .texts(let written) = try predictor.predictions(for: [.text(text)])[0].answer
    else { return Answer(text: "", source: [], target: [], alignment: []) }
    let source =
      encoding.source.unit == .word
      ? encoding.sourceWords(of: text) : encoding.names(ofSource: encoding.encode(text))
    return Answer(
      text: written[0].text, source: source, target: written[0].tokens,
      alignment: written[0].alignment.map { $0.map { Double($0) } })
  }

  /// Throws for a model without attention, and for an empty source.
  package func alignment(of answer: Answer) throws(RNNError) -> AlignmentMap {
    guard try file.configuration(EncoderDecoderConfiguration.self).attention != nil else {
      throw RNNError(
        .unsupported, "--attention", expected: "a model with attention",
        found: "\(file.path.printable), without")
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
    let items = Array([task.training, task.validation, task.test].joined())
    let model = try EncoderDecoder(file, team: team)
    let pass = model.makePass()
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
