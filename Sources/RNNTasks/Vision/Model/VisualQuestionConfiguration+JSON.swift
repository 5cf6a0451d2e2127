import RNNCore

extension VisualQuestionConfiguration: ModelArchitecture {
  public static var kind: String { "visual-question" }
  public static var title: String { "a model for questions about images" }

  public func layout() throws(RNNError) -> ParameterLayout {
    try validate()
    var layout = ParameterLayout()
    _ = try VisualQuestionLayers(self, declaringIn: &layout)
    return layout
  }

  public var fields: [JSONText.Member] {
    [
      .init("vocabulary", JSONText(vocabulary)), .init("embedding", JSONText(embedding)),
      .init("cell", .string(cell.description)), .init("layers", JSONText(layers)),
      .init("hiddenSize", JSONText(hiddenSize)), .init("directions", .string(directions.rawValue)),
      .init("usesImage", .bool(image != nil)),
    ] + (image?.fields ?? []) + [
      .init("answers", JSONText(answers)), .init("dropout", JSONText(dropout)),
    ]
  }

  public init(_ fields: inout JSONFields) throws(RNNError) {
    self.init(
      vocabulary: try fields.size("vocabulary"), embedding: try fields.size("embedding"),
      cell: try CellKind(try fields.text("cell")), layers: try fields.size("layers"),
      hiddenSize: try fields.size("hiddenSize"),
      directions: try fields.choice("directions", Directions.allCases.map { ($0.rawValue, $0) }),
      image: try fields.requiredFlag("usesImage") ? try Image(&fields) : nil,
      answers: try fields.size("answers"), dropout: try fields.number("dropout"))
    try fields.finish()
    try validate()
  }
}

extension VisualQuestionConfiguration.Image {
  fileprivate var fields: [JSONText.Member] {
    [
      .init("rows", JSONText(rows)), .init("columns", JSONText(columns)),
      .init("patchWidth", JSONText(patchWidth)),
      .init("attention", .string(attention.rawValue)),
    ]
  }

  fileprivate init(_ fields: inout JSONFields) throws(RNNError) {
    self.init(
      rows: try fields.size("rows"), columns: try fields.size("columns"),
      patchWidth: try fields.size("patchWidth"),
      attention: try fields.choice(
        "attention", AttentionScore.allCases.map { ($0.rawValue, $0) }))
  }
}
