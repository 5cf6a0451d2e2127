import RNNCore

/// A language model that says how well it expects a text.
final class TextModel: AnsweringModel {
  private let text: TextEncoding
  private let model: SequenceModel
  private let pass: ModelPass
  /// Whether each text goes on where the one before ended.
  private let goesOn: Bool
  /// After all texts before, and the last token of them, which has not been read yet.
  private var state: RecurrentState
  private var last: Int32?

  /// Numbers of logits that stand in memory at a time.
  private static let mostLogits = 1 << 22

  init(
    _ file: ModelFile, _ text: TextEncoding, goesOn: Bool, _ team: ThreadTeam
  ) throws(RNNError) {
    self.text = text
    self.goesOn = goesOn
    model = try SequenceModel(file, team: team)
    try file.require(
      model.configuration, input: text.sizeWithUnknown, outputs: text.sizeWithUnknown)
    pass = model.makePass()
    state = model.zeroState(sequences: 1)
  }

  /// What a text begins after; nil where the model knows no end of a line.
  private var start: Int32? {
    goesOn ? nil : text.encode("\n").first { $0 != text.unknownID }
  }

  /// How many tokens are scored in one pass.
  private var stretch: Int { max(16, Self.mostLogits / text.sizeWithUnknown) }

  func check(_ input: PredictionInput) throws(RNNError) { _ = try ids(of: input) }

  func size(of input: PredictionInput) -> Int {
    let tokens = (try? ids(of: input).count) ?? 0
    return min(tokens, stretch) * text.sizeWithUnknown + tokens
  }

  private func ids(of input: PredictionInput) throws(RNNError) -> [Int32] {
    guard case .text(let string) = input else { throw input.refused("a text") }
    return text.encode(string)
  }

  func predictions(
    for inputs: [PredictionInput], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction] {
    var texts: [[Int32]] = []
    for input in inputs { texts.append(try ids(of: input)) }
    let scores = goesOn ? try continued(texts, detail) : try separate(texts, detail)
    return zip(texts, scores).map { ids, tokens in
      ids.isEmpty
        ? Prediction(.nothing)
        : Prediction(
          .score(TextScore(tokens: tokens)), tokens: ids.count,
          unknownTokens: ids.count { $0 == text.unknownID })
    }
  }

  /// Texts that begin after the end of a line each.
  private func separate(
    _ texts: [[Int32]], _ detail: Predictor.Detail
  ) throws(RNNError) -> [[TextScore.Token]] {
    var scores = texts.map { $0.map { token($0) } }
    var (open, tokens): ([Int], Int) = ([], 0)
    func close() throws(RNNError) {
      guard !open.isEmpty else { return }
      var state = model.zeroState(sequences: open.count)
      let read = open.map { (start.map { [$0] } ?? []) + texts[$0] }
      let found = try expectations(of: read, state: &state, detail)
      for (place, tokens) in zip(open, found) {
        for (index, token) in zip(scores[place].indices.suffix(tokens.count), tokens) {
          scores[place][index].take(token)
        }
      }
      (open, tokens) = ([], 0)
    }
    let most = stretch
    for (place, ids) in texts.enumerated() where ids.count + (start == nil ? 0 : 1) > 1 {
      if ids.count > most {
        var (state, last) = (model.zeroState(sequences: 1), start)
        scores[place] = try read(ids, after: &last, state: &state, detail)
        continue
      }
      if tokens + ids.count > most { try close() }
      open.append(place)
      tokens += ids.count
    }
    try close()
    return scores
  }

  /// Texts that go on where the one before ended.
  private func continued(
    _ texts: [[Int32]], _ detail: Predictor.Detail
  ) throws(RNNError) -> [[TextScore.Token]] {
    var tokens = try read(Array(texts.joined()), after: &last, state: &state, detail)[...]
    return texts.map { ids in
      defer { tokens = tokens.dropFirst(ids.count) }
      return Array(tokens.prefix(ids.count))
    }
  }

  /// Scores one text in stretches.
  ///
  /// - Parameters:
  ///   - last: the token before, not read yet; the last one of the text when it returns.
  ///   - state: before `last`.
  private func read(
    _ ids: [Int32], after last: inout Int32?, state: inout RecurrentState,
    _ detail: Predictor.Detail
  ) throws(RNNError) -> [TextScore.Token] {
    var scores = ids.map { token($0) }
    var rest = ids[...]
    if last == nil { last = rest.popFirst() }
    while let before = last, !rest.isEmpty {
      let part = rest.prefix(stretch)
      let found = try expectations(of: [[before] + part], state: &state, detail)[0]
      for (index, token) in zip(part.indices, found) { scores[index].take(token) }
      last = part.last
      rest = rest.dropFirst(part.count)
    }
    return scores
  }

  /// For each token of each text but the first, what the model made of it; `state` goes on to
  /// before the last.
  private func expectations(
    of texts: [[Int32]], state: inout RecurrentState, _ detail: Predictor.Detail
  ) throws(RNNError) -> [[TextScore.Token]] {
    let batch = try SequenceBatch(
      texts.map {
        Example(input: .tokens(Array($0.dropLast())), target: .classPerStep(Array($0.dropFirst())))
      })
    let before = state
    let losses = try model.answerLosses(for: batch, state: &state, pass: pass)
    var likeliest: [[[ClassAnswer.Choice]]] = []
    if detail.top > 0 {
      var again = before
      let told = try model.predictionsAndProbabilities(for: batch, state: &again, pass: pass)
      likeliest = told.probabilities.map { likeliestTokens($0, detail) }
    }
    return texts.indices.map { index in
      losses[index].indices.map { step in
        var token = token(texts[index][step + 1])
        token.logProbability = -losses[index][step]
        if detail.top > 0 { token.likeliest = likeliest[index][step] }
        return token
      }
    }
  }

  /// - Parameter probabilities: [T, V].
  private func likeliestTokens(
    _ probabilities: [Float], _ detail: Predictor.Detail
  ) -> [[ClassAnswer.Choice]] {
    let size = text.sizeWithUnknown
    return stride(from: 0, to: probabilities.count, by: size).map { first in
      var answer = ClassAnswer(name: "")
      answer.add(
        probabilities[first..<first + size], answer: 0,
        Predictor.Detail(top: detail.top), name: text.name)
      return answer.likeliest
    }
  }

  private func token(_ id: Int32) -> TextScore.Token {
    TextScore.Token(
      text: text.name(of: id), logProbability: nil, isKnown: id != text.unknownID)
  }
}

extension TextEncoding {
  /// A token as it is written; the end of a line stays ``endOfLine`` among words.
  package func name(of id: Int32) -> String {
    if case .words(let words) = symbols, let word = words.symbol(of: id) { return word }
    return decode([id])
  }
}

extension TextScore.Token {
  fileprivate mutating func take(_ other: TextScore.Token) {
    (logProbability, likeliest) = (other.logProbability, other.likeliest)
  }
}
