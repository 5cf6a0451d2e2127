import RNNCore

/// A classifier of texts or time series with its classes.
struct ClassModel: AnsweringModel {
  private let classification: ClassificationEncoding
  private let model: SequenceModel
  private let pass: ModelPass

  init(
    _ file: ModelFile, _ classification: ClassificationEncoding, _ team: ThreadTeam
  ) throws(RNNError) {
    self.classification = classification
    model = try SequenceModel(file, team: team)
    let input =
      switch classification.input {
      case .text(let text): text.sizeWithUnknown
      case .series(let scale): scale.mean.count
      }
    try file.require(
      model.configuration, input: input, outputs: classification.classes.count)
    pass = model.makePass()
  }

  func check(_ input: PredictionInput) throws(RNNError) { _ = try content(of: input) }

  func size(of input: PredictionInput) -> Int {
    guard let content = try? content(of: input) else { return 0 }
    return Example(input: content, target: .classAtEnd(0)).length * model.configuration.hiddenSize
  }

  /// Nil where nothing is in it.
  private func content(of input: PredictionInput) throws(RNNError) -> Example.Input? {
    switch (input, classification.input) {
    case (.text(let text), .text):
      let ids = classification.encode(text) ?? []
      return ids.isEmpty ? nil : .tokens(ids)
    case (.series(let values, let width), .series(let scale)):
      guard width == scale.mean.count else {
        throw RNNError(
          .shape, "series", expected: "\(scale.mean.count) dimensions", found: "\(width)")
      }
      guard !values.isEmpty else { return nil }
      return Example.Input.features(try scale(values), width: width)
        .cut(to: classification.mostSteps)
    case (_, .text): throw input.refused("a text")
    case (_, .series): throw input.refused("a time series")
    }
  }

  func predictions(
    for inputs: [PredictionInput], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction] {
    try inputs.answered { (input) throws(RNNError) in
      try content(of: input)
    } _: { (contents) throws(RNNError) in
      let (answers, probabilities) = try model.predictionsAndProbabilities(
        for: contents, pass: pass)
      return zip(answers, zip(contents, probabilities)).map { answer, told in
        let id = answer.classIDs[0]
        var label = ClassAnswer(name: classification.classes[Int(id)])
        label.add(told.1[...], answer: Int(id), detail) { classification.classes[Int($0)] }
        return prediction(label, for: told.0)
      }
    }
  }

  private func prediction(_ label: ClassAnswer, for content: Example.Input) -> Prediction {
    guard case .tokens(let ids) = content, case .text(let text) = classification.input else {
      return Prediction(.label(label))
    }
    return Prediction(
      .label(label), tokens: ids.count, unknownTokens: ids.count { $0 == text.unknownID })
  }
}
