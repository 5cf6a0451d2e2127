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
      if let intent { members += label(intent, "intent", before: "intent") }
    case .label(let answer):
      members += label(answer, kind == .vqa ? "answer" : "label")
    case .texts(let texts): members += written(texts)
    case .score(let score): members += scored(score)
    case .notes(let score): members += expected(score)
    case .nothing: members += nothing
    }
    if prediction.unknownTokens > 0 {
      members.append(.init("unknown", JSONText(prediction.unknownTokens)))
    }
    return .object(members)
  }

  static func question(_ request: PredictionRequest) -> [JSONText.Member] {
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

  /// An answer in which there is nothing.
  private var nothing: [JSONText.Member] {
    switch kind {
    case .tag: [.init("tags", .array([]))]
    case .classify: [.init("label", .null)]
    case .lm: [.init("perplexity", .null), .init("tokens", .array([]))]
    case .music: [.init("notes", .array([])), .init("losses", .array([]))]
    default: [.init("answer", .null)]
    }
  }

  /// - Parameter prefix: what the names of its probability and of others begin with.
  private func label(
    _ answer: ClassAnswer, _ name: String, before prefix: String = ""
  ) -> [JSONText.Member] {
    func named(_ member: String) -> String {
      prefix.isEmpty ? member : prefix + member.prefix(1).uppercased() + member.dropFirst()
    }
    var members: [JSONText.Member] = [.init(name, .string(answer.name))]
    if let probability = answer.probability {
      members.append(.init(named("probability"), JSONText(probability)))
    }
    if detail.top > 0 {
      members.append(.init(named("top"), Self.choices(answer.likeliest, name)))
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
