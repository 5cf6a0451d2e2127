import RNNCore

/// Writes answers as text: in the format of their inputs, or as a JSON object each.
///
/// | input | answer |
/// |---|---|
/// | a sentence a line (tag) | its tags, between blanks; the intent after a tab |
/// | columns (tag) | the input's lines with the tag in its column |
/// | a text a line (classify) | its class |
/// | a class, a tab and a text (classify) | the class that was answered, a tab and the text |
/// | series (classify), questions (vqa) | the class or answer |
/// | a text a line (lm) | its perplexity |
/// | a text a line (pairs), trees | what was written |
/// | pieces (music) | for each step the notes that were expected, as JSON |
///
/// What else is asked for stands behind tabs: probabilities; of the likeliest answers each with its
/// probability.
package struct AnswerText: Sendable {
  /// The kind of model.
  package var kind: TaskName
  /// Whether answers are JSON objects.
  package var isJSON: Bool
  package var detail: Predictor.Detail

  package init(
    _ kind: TaskName, isJSON: Bool = false, detail: Predictor.Detail = Predictor.Detail()
  ) {
    (self.kind, self.isJSON, self.detail) = (kind, isJSON, detail)
  }

  /// What stands for an answer where there is none because of an error.
  static let error = "<error>"

  /// Lines, each with its end; nothing in JSON where nothing was asked.
  package func text(_ prediction: Prediction, for request: PredictionRequest) -> String {
    if isJSON, request.isOnlyLines { return "" }
    if isJSON { return json(prediction, for: request).text + "\n" }
    switch (request.frame, prediction.answer) {
    case (.columns(let sentence), .tags(let tags, _)):
      return Self.lines(sentence.lines(tagged: tags.map(columns)))
    case (.columns(let sentence), _): return Self.lines(sentence.lines(tagged: []))
    case (.row(let text), .label(let label)):
      return ([label.name, text] + further(label)).joined(separator: "\t") + "\n"
    case (.row(let text), _): return "\t\(text)\n"
    case (.line, _), (.question, _):
      return fields(prediction.answer).joined(separator: "\t") + "\n"
    }
  }

  /// What stands for the answer to an input that could not be read.
  package func text(_ error: RNNError, for request: PredictionRequest) -> String {
    if isJSON {
      let members = Self.question(request) + [.init("error", .string("\(error)"))]
      return JSONText.object(members).text + "\n"
    }
    if case .columns(let sentence) = request.frame {
      return Self.lines(sentence.lines(marked: Self.error))
    }
    return Self.error + "\t" + "\(error)".replacingLineEnds + "\n"
  }

  private static func lines(_ lines: [String]) -> String {
    lines.reduce(into: "") { $0 += $1 + "\n" }
  }

  // MARK: - Fields of a line

  /// The fields of a line of its own.
  private func fields(_ answer: Prediction.Answer) -> [String] {
    switch answer {
    case .tags(let tags, let intent):
      var fields = [tags.map(\.name).joined(separator: " ")]
      if detail.hasProbabilities {
        fields.append(tags.map { Self.text($0.probability) }.joined(separator: " "))
      }
      return fields + (intent.map { [$0.name] + further($0) } ?? [])
    case .label(let label): return [label.name] + further(label)
    case .texts(let texts):
      let shown = texts.prefix(max(1, detail.top))
      return shown.flatMap { text in
        [text.text.replacingLineEnds] + (detail.isAsked ? [Self.text(text.logProbability)] : [])
      }
    case .score(let score):
      let perplexity = score.perplexity.map { Self.text($0) } ?? ""
      guard detail.hasProbabilities else { return [perplexity] }
      return [
        perplexity,
        score.tokens.map { $0.logProbability.map { Self.text($0) } ?? "-" }
          .joined(separator: " "),
      ]
    case .notes(let score): return [JSONText(steps: score.notes).text]
    case .nothing: return [""]
    }
  }

  /// The tag of a word with what else stands in further columns.
  private func columns(_ tag: ClassAnswer) -> [String] { [tag.name] + further(tag) }

  /// The probability, then what came near.
  private func further(_ answer: ClassAnswer) -> [String] {
    (detail.hasProbabilities ? [Self.text(answer.probability)] : [])
      + answer.likeliest.flatMap { [$0.name, Self.text($0.probability)] }
  }

  private static func text(_ value: Float?) -> String { value.map { "\($0)" } ?? "" }
  private static func text(_ value: Double) -> String { "\(Float(value))" }
}

extension String {
  /// With blanks in the place of tabs and line ends, so that it stays one field of one line.
  var replacingLineEnds: String {
    let hasEnds = utf8.contains { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    guard hasEnds else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      text.append(scalar == "\t" || scalar == "\n" || scalar == "\r" ? " " : scalar)
    }
    return String(text)
  }
}
