extension SequenceModel: SavableModel {}

extension ModelConfiguration: ModelArchitecture {
  public static var kind: String { ArchitectureText.firstKind }
  public static var title: String { "a sequence model" }

  public var layers: Int {
    if case .recurrent(_, let layers, _) = body { layers } else { 0 }
  }

  public func layout() throws(RNNError) -> ParameterLayout {
    var layout = ParameterLayout()
    _ = try ModelLayers(self, declaringIn: &layout)
    return layout
  }

  /// The fields of model files of version 1. Fields that version 1 began without are left out where
  /// they are not used.
  public var fields: [JSONText.Member] {
    var members = input.jsonMembers
    members.append(.init("contextWindow", JSONText(contextWindow)))
    switch body {
    case .recurrent(let cell, let layers, let directions):
      members += [
        .init("body", .string("recurrent")), .init("cell", .string(cell.description)),
        .init("layers", JSONText(layers)), .init("directions", .string(directions.rawValue)),
      ]
    case .feedForward(let activation):
      members += [
        .init("body", .string("feed-forward")), .init("activation", .string(activation.rawValue)),
      ]
    }
    members += [
      .init("hiddenSize", JSONText(hiddenSize)), .init("outputs", JSONText(outputs)),
      .init("loss", .string(loss.rawValue)),
      .init("answer", .string(answer == .everyStep ? "every-step" : "at-end")),
      .init("dropout", JSONText(dropout)), .init("recurrentDropout", JSONText(recurrentDropout)),
    ]
    if contextSide != .both { members.append(.init("contextSide", .string(contextSide.rawValue))) }
    if tiesEmbedding { members.append(.init("tiesEmbedding", .bool(true))) }
    if let sentenceHead {
      members += [
        .init("sentenceClasses", JSONText(sentenceHead.classes)),
        .init("sentenceWeight", JSONText(sentenceHead.weight)),
      ]
    }
    return members
  }

  public init(_ fields: inout JSONFields) throws(RNNError) {
    self.init(
      input: try Input(&fields), contextWindow: try fields.size("contextWindow"),
      contextSide: fields.has("contextSide")
        ? try fields.choice("contextSide", ContextSide.allCases.map { ($0.rawValue, $0) }) : .both,
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

  private static func body(_ fields: inout JSONFields) throws(RNNError) -> Body {
    guard try fields.choice("body", [("recurrent", true), ("feed-forward", false)]) else {
      let activations = HiddenActivation.allCases.map { ($0.rawValue, $0) }
      return .feedForward(try fields.choice("activation", activations))
    }
    return .recurrent(
      try CellKind(try fields.text("cell")), layers: try fields.size("layers"),
      directions: try fields.choice("directions", Directions.allCases.map { ($0.rawValue, $0) }))
  }

  private static func head(_ fields: inout JSONFields) throws(RNNError) -> SentenceHead? {
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

extension ModelConfiguration.Input {
  var jsonMembers: [JSONText.Member] {
    switch self {
    case .tokens(let vocabulary, let embedding):
      [
        .init("input", .string("tokens")), .init("vocabulary", JSONText(vocabulary)),
        .init("embedding", JSONText(embedding)),
      ]
    case .features(let width):
      [.init("input", .string("features")), .init("width", JSONText(width))]
    }
  }

  init(_ fields: inout JSONFields) throws(RNNError) {
    if try fields.choice("input", [("tokens", true), ("features", false)]) {
      self = .tokens(
        vocabulary: try fields.size("vocabulary"), embedding: try fields.size("embedding"))
    } else {
      self = .features(width: try fields.size("width"))
    }
  }
}
