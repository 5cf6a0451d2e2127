extension RecurrentConfiguration: ModelArchitecture {
  public static var kind: String { "recurrent" }
  public static var title: String { "a stack of recurrent layers" }

  public func layout() throws(RNNError) -> ParameterLayout {
    var layout = ParameterLayout()
    _ = try RecurrentNetwork(self, declaringIn: &layout)
    return layout
  }

  /// What some stacks alone have is left out where it is not used.
  public var fields: [JSONText.Member] {
    var members: [JSONText.Member] = [
      .init("cell", .string(cell.description)), .init("inputSize", JSONText(inputSize)),
      .init("hiddenSize", JSONText(hiddenSize)), .init("layers", JSONText(layers)),
      .init("directions", .string(directions.rawValue)),
    ]
    if let outputSize {
      members += [
        .init("outputSize", JSONText(outputSize)), .init("feedback", .string(feedback.rawValue)),
      ]
    }
    if interLayerDropout != 0 { members.append(.init("dropout", JSONText(interLayerDropout))) }
    if recurrentDropout != 0 {
      members.append(.init("recurrentDropout", JSONText(recurrentDropout)))
    }
    return members
  }

  public init(_ fields: inout JSONFields) throws(RNNError) {
    self.init(
      cell: try CellKind(try fields.text("cell")), inputSize: try fields.size("inputSize"),
      hiddenSize: try fields.size("hiddenSize"), layers: try fields.size("layers"),
      directions: try fields.choice("directions", Directions.allCases.map { ($0.rawValue, $0) }),
      outputSize: fields.has("outputSize") ? try fields.size("outputSize") : nil,
      feedback: fields.has("feedback")
        ? try fields.choice("feedback", FeedbackActivation.allCases.map { ($0.rawValue, $0) })
        : .softmax,
      interLayerDropout: fields.has("dropout") ? try fields.number("dropout") : 0,
      recurrentDropout: fields.has("recurrentDropout") ? try fields.number("recurrentDropout") : 0)
    try fields.finish()
    try validate()
  }
}
