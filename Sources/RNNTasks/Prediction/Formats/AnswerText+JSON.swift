import RNNCore

extension AnswerText {
  /// One object for an input: what was read, what was answered, and what else was asked for.
  func json(_ prediction: Prediction, for request: PredictionRequest) -> JSONText {
    var members = Self.question(request)
    switch prediction.answer {
    case .tags(let tags, let intent):
      members.append(.init("tags", JSONText(tags.map(\.name))))
      if detail.hasProbabilities {
        members.append(.init("probabilities", JSONText(tags.map { $0.probability ?? 0 })))
      }
      if detail.top > 0 {
        members.append(.init("top", .array(tags.map { Self.choices($0.likeliest, "tag") })))
      }
      if let intent { members += label(intent, "intent") }
    case .label(let answer):
      var name = "label"
      if case .question = request.frame { name = "answer" }
      members += label(answer, name)
    case .texts(let texts): members += written(texts)
    case .score(let score): members += scored(score)
    case .notes(let score): members += expected(score)
    case .nothing: members.append(.init("answer", .null))
    }
    if prediction.unknownTokens > 0 {
      members.append(.init("unknown", JSONText(prediction.unknownTokens)))
    }
    return .object(members)
  }

  private static func question(_ request: PredictionRequest) -> [JSONText.Member] {
    var members: [JSONText.Member] = []
    switch request.input {
    case .success(.text(let text)): members.append(.init("text", .string(text.withoutLineEnd)))
    case .success(.words(let words)): members.append(.init("words", JSONText(words)))
    case .success(.tree(let tree)):
      members.append(.init("words", JSONText(tree.leaves.map(\.word))))
    case .success(.question(let text, _)): members.append(.init("question", .string(text)))
    case .success(.series), .success(.notes), .failure: break
    }
    if case .question(let image) = request.frame {
      members.append(.init("image", JSONText(image)))
    }
    return members
  }

  private func label(_ answer: ClassAnswer, _ name: String) -> [JSONText.Member] {
    var members: [JSONText.Member] = [.init(name, .string(answer.name))]
    let own = name == "intent" ? "intent" : ""
    if let probability = answer.probability {
      members.append(
        .init(own.isEmpty ? "probability" : "intentProbability", JSONText(probability)))
    }
    if detail.top > 0 {
      members.append(
        .init(own.isEmpty ? "top" : "intentTop", Self.choices(answer.likeliest, name)))
    }
    return members
  }

  private static func choices(_ choices: [ClassAnswer.Choice], _ name: String) -> JSONText {
    .array(
      choices.map {
        .object([.init(name, .string($0.name)), .init("probability", JSONText($0.probability))])
      })
  }

  private func written(_ texts: [WrittenText]) -> [JSONText.Member] {
    func members(_ text: WrittenText) -> [JSONText.Member] {
      [.init("answer", .string(text.text))]
        + (detail.isAsked ? [.init("logProbability", JSONText(text.logProbability))] : [])
    }
    let top = detail.top == 0 ? [] : texts.prefix(detail.top)
    return members(texts[0])
      + (top.isEmpty ? [] : [.init("top", .array(top.map { .object(members($0)) }))])
  }

  private func scored(_ score: TextScore) -> [JSONText.Member] {
    let tokens = score.tokens.map { token -> JSONText in
      var members: [JSONText.Member] = [
        .init("token", .string(token.text)),
        .init("logProbability", token.logProbability.map { JSONText($0) } ?? .null),
      ]
      if !token.isKnown { members.append(.init("known", .bool(false))) }
      if detail.top > 0 {
        members.append(.init("top", Self.choices(token.likeliest, "token")))
      }
      return .object(members)
    }
    return [
      .init("perplexity", score.perplexity.map { JSONText($0) } ?? .null),
      .init("logProbability", JSONText(score.logProbability)), .init("tokens", .array(tokens)),
    ]
  }

  private func expected(_ score: NoteScore) -> [JSONText.Member] {
    var members: [JSONText.Member] = [
      .init("notes", JSONText(steps: score.notes)),
      .init("next", .array(score.next.map { JSONText($0) })),
      .init("losses", .array(score.losses.map { JSONText($0) })),
    ]
    if detail.hasProbabilities {
      members.append(.init("lowestNote", JSONText(score.lowestNote)))
      members.append(.init("probabilities", .array(score.probabilities.map { JSONText($0) })))
    }
    if detail.top > 0 {
      let steps = score.probabilities.map { step -> JSONText in
        var answer = ClassAnswer(name: "")
        answer.add(step[...], answer: 0, Predictor.Detail(top: detail.top)) {
          "\(Int($0) + score.lowestNote)"
        }
        return Self.choices(answer.likeliest, "note")
      }
      members.append(.init("top", .array(steps)))
    }
    return members
  }
}

extension JSONText {
  /// The notes of each step.
  init(steps: [[Int]]) { self = .array(steps.map { .array($0.map { JSONText($0) }) }) }

  /// In single precision, which is what models compute in; what is no number is null.
  fileprivate init(_ value: Double) {
    self = value.isFinite ? JSONText(Float(value)) : .null
  }
}

extension String {
  /// Without an LF at its end.
  fileprivate var withoutLineEnd: String {
    utf8.last == UInt8(ascii: "\n") ? String(Substring(utf8.dropLast())) : self
  }
}
