extension VisualQuestionConfiguration {
  var jsonMembers: [JSONText.Member] {
    [
      .init("vocabulary", JSONText(vocabulary)), .init("embedding", JSONText(embedding)),
      .init("cell", .string(cell.description)), .init("layers", JSONText(layers)),
      .init("hiddenSize", JSONText(hiddenSize)), .init("directions", .string(directions.rawValue)),
      .init("usesImage", .bool(image != nil)),
    ] + (image?.jsonMembers ?? []) + [
      .init("answers", JSONText(answers)), .init("dropout", JSONText(dropout)),
    ]
  }

  init(_ fields: inout JSONFields) throws(RNNError) {
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
  fileprivate var jsonMembers: [JSONText.Member] {
    [
      .init("rows", JSONText(rows)), .init("columns", JSONText(columns)),
      .init("patchWidth", JSONText(patchWidth)), .init("regionWidth", JSONText(regionWidth)),
      .init("attention", .string(attention.rawValue)),
    ]
  }

  fileprivate init(_ fields: inout JSONFields) throws(RNNError) {
    self.init(
      rows: try fields.size("rows"), columns: try fields.size("columns"),
      patchWidth: try fields.size("patchWidth"), regionWidth: try fields.size("regionWidth"),
      attention: try fields.choice(
        "attention", AttentionScore.allCases.map { ($0.rawValue, $0) }))
  }
}
