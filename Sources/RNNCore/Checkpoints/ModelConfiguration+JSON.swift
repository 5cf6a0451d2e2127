extension ModelConfiguration {
  /// All fields as JSON on one line, as model files of version 1 hold them. What version 1 began without is left
  /// out where it is not used.
  var json: String {
    var members: [(String, JSONText)] = []
    switch input {
    case .tokens(let vocabulary, let embedding):
      members = [
        ("input", .string("tokens")), ("vocabulary", JSONText(vocabulary)),
        ("embedding", JSONText(embedding)),
      ]
    case .features(let width):
      members = [("input", .string("features")), ("width", JSONText(width))]
    }
    members.append(("contextWindow", JSONText(contextWindow)))
    switch body {
    case .recurrent(let cell, let layers, let directions):
      members += [
        ("body", .string("recurrent")), ("cell", .string(cell.description)),
        ("layers", JSONText(layers)), ("directions", .string(directions.rawValue)),
      ]
    case .feedForward(let activation):
      members += [("body", .string("feed-forward")), ("activation", .string(activation.rawValue))]
    }
    members += [
      ("hiddenSize", JSONText(hiddenSize)), ("outputs", JSONText(outputs)),
      ("loss", .string(loss.rawValue)),
      ("answer", .string(answer == .everyStep ? "every-step" : "at-end")),
      ("dropout", JSONText(dropout)), ("recurrentDropout", JSONText(recurrentDropout)),
    ]
    if tiesEmbedding { members.append(("tiesEmbedding", .bool(true))) }
    if let sentenceHead {
      members += [
        ("sentenceClasses", JSONText(sentenceHead.classes)),
        ("sentenceWeight", JSONText(sentenceHead.weight)),
      ]
    }
    return JSONText.object(members.map { .init(name: $0.0, value: $0.1) }).text
  }

  /// Reads ``json``, all fields that every model has, those that it may have, and no other; and validates it.
  ///
  /// - Parameter name: what complaints call it.
  init(json text: String, name: String) throws(RNNError) {
    guard case .object(let members) = try JSONText(parsing: Array(text.utf8), name: name) else {
      throw RNNError(.format, name, expected: "a JSON object", found: "another JSON value")
    }
    var fields = Fields(members, name: name)
    self.init(
      input: try Self.input(&fields), contextWindow: try fields.size("contextWindow"),
      body: try Self.body(&fields), hiddenSize: try fields.size("hiddenSize"),
      outputs: try fields.size("outputs"),
      loss: try fields.choice("loss", Loss.allCases.map { ($0.rawValue, $0) }),
      answer: try fields.choice("answer", [("every-step", .everyStep), ("at-end", .atEnd)]),
      dropout: try fields.number("dropout"),
      recurrentDropout: try fields.number("recurrentDropout"),
      tiesEmbedding: try fields.flag("tiesEmbedding"), sentenceHead: try Self.head(&fields))
    try fields.finish()
    try validate()
  }

  private static func input(_ fields: inout Fields) throws(RNNError) -> Input {
    let isTokens = try fields.choice("input", [("tokens", true), ("features", false)])
    guard isTokens else { return .features(width: try fields.size("width")) }
    return .tokens(
      vocabulary: try fields.size("vocabulary"), embedding: try fields.size("embedding"))
  }

  private static func body(_ fields: inout Fields) throws(RNNError) -> Body {
    guard try fields.choice("body", [("recurrent", true), ("feed-forward", false)]) else {
      let activations = HiddenActivation.allCases.map { ($0.rawValue, $0) }
      return .feedForward(try fields.choice("activation", activations))
    }
    return .recurrent(
      try CellKind(try fields.text("cell")), layers: try fields.size("layers"),
      directions: try fields.choice("directions", Directions.allCases.map { ($0.rawValue, $0) }))
  }

  private static func head(_ fields: inout Fields) throws(RNNError) -> SentenceHead? {
    guard fields.has("sentenceClasses") || fields.has("sentenceWeight") else { return nil }
    return SentenceHead(
      classes: try fields.size("sentenceClasses"), weight: try fields.number("sentenceWeight"))
  }

  /// More than the parameters of such a model, gaps included, computed where nothing can overflow.
  var storageBound: Double {
    let (hidden, outputs) = (Double(hiddenSize), Double(self.outputs))
    let width = Double(input.width) * Double(contextWindow)
    var layers = 1.0
    if case .recurrent(_, let count, let directions) = body {
      layers = Double(count) * Double(directions.count)
    }
    var embedded = 0.0
    if case .tokens(let vocabulary, let embedding) = input {
      embedded = Double(vocabulary) * Double(embedding)
    }
    // Four gates of a layer see its input or the layer below, and state or output, beside biases,
    // peepholes and the gaps behind each parameter.
    let layer = 4 * hidden * (width + 2 * hidden + 3 * outputs + 8) + outputs * (hidden + 1) + 128
    let chain = loss == .conditionalRandomField ? outputs * (outputs + 2) + 48 : 0
    let head = Double(sentenceHead?.classes ?? 0) * (2 * max(hidden, outputs) + 1) + 32
    return embedded + layers * layer + outputs * (2 * max(hidden, outputs) + 1) + chain + head + 64
  }
}

/// The members of an object, taken one by one.
struct Fields {
  private var members: [String: JSONText] = [:]
  private let name: String

  init(_ members: [JSONText.Member], name: String) {
    for member in members { self.members[member.name] = member.value }
    self.name = name
  }

  mutating func text(_ field: String) throws(RNNError) -> String {
    let value = members.removeValue(forKey: field)
    guard case .string(let text)? = value else { throw failure(field, "a text", value) }
    return text
  }

  mutating func choice<Value>(
    _ field: String, _ choices: [(name: String, value: Value)]
  ) throws(RNNError) -> Value {
    let text = try text(field)
    guard let choice = choices.first(where: { $0.name == text }) else {
      let names = choices.map(\.name).joined(separator: ", ")
      throw failure(field, "one of \(names)", .string(text))
    }
    return choice.value
  }

  /// Bounded, so that products of a few of them can be reckoned with.
  mutating func size(_ field: String) throws(RNNError) -> Int {
    let most = ModelConfiguration.largestSize
    let value = members.removeValue(forKey: field)
    guard case .number(let text)? = value, let size = Int(text), (1...most).contains(size) else {
      throw failure(field, "a whole number from 1 to \(most)", value)
    }
    return size
  }

  mutating func number(_ field: String) throws(RNNError) -> Float {
    let value = members.removeValue(forKey: field)
    guard case .number(let text)? = value, let number = Float(text) else {
      throw failure(field, "a number", value)
    }
    return number
  }

  /// A whole number from 0 on.
  mutating func count(_ field: String) throws(RNNError) -> Int {
    let value = members.removeValue(forKey: field)
    guard case .number(let text)? = value, let count = Int(text), (0...1 << 53).contains(count)
    else {
      throw failure(field, "a whole number from 0 on", value)
    }
    return count
  }

  mutating func requiredFlag(_ field: String) throws(RNNError) -> Bool {
    guard has(field) else { throw failure(field, "true or false", nil) }
    return try flag(field)
  }

  mutating func value(_ field: String) throws(RNNError) -> JSONText {
    guard let value = members.removeValue(forKey: field) else {
      throw failure(field, "a value", nil)
    }
    return value
  }

  func has(_ field: String) -> Bool { members[field] != nil }

  /// False when it is absent.
  mutating func flag(_ field: String) throws(RNNError) -> Bool {
    guard let value = members.removeValue(forKey: field) else { return false }
    guard case .bool(let isSet) = value else { throw failure(field, "true or false", value) }
    return isSet
  }

  func finish() throws(RNNError) {
    if let extra = members.keys.min() {
      throw RNNError(.format, name, expected: "no other field", found: extra.excerpt)
    }
  }

  private func failure(_ field: String, _ expected: String, _ value: JSONText?) -> RNNError {
    RNNError(
      .format, "\(name): \(field)", expected: expected,
      found: value.map { $0.text.excerpt } ?? "none")
  }
}
