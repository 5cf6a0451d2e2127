import RNNCore

/// A model that answers questions about images.
struct ImageModel: AnsweringModel {
  private let visual: VisualQuestionEncoding
  private let model: VisualQuestionModel
  private let pass: Pass

  init(_ file: ModelFile, _ visual: VisualQuestionEncoding, _ team: ThreadTeam) throws(RNNError) {
    self.visual = visual
    model = try VisualQuestionModel(file, team: team)
    guard model.configuration.answers == visual.answers.count,
      model.configuration.vocabulary == visual.question.sizeWithUnknown
    else {
      throw RNNError(
        .format, file.path, expected: "a model that fits its own vocabulary",
        found: "one of another shape")
    }
    pass = model.makePass()
  }

  func check(_ input: PredictionInput) throws(RNNError) { _ = try question(of: input) }

  func size(of input: PredictionInput) -> Int {
    2 * 3 * visual.patches.width * visual.patches.height
  }

  /// Nil without a word.
  private func question(
    of input: PredictionInput
  ) throws(RNNError) -> (words: [Int32], image: [UInt8])? {
    guard case .question(let text, let image) = input else {
      throw input.refused("a question about an image")
    }
    let (width, height) = (visual.patches.width, visual.patches.height)
    guard image.count == 3 * width * height else {
      throw RNNError(
        .shape, "image", expected: "\(width) x \(height) pixels of 3 bytes",
        found: "\(image.count) bytes")
    }
    let words = visual.encode(text)
    return words.isEmpty ? nil : (words, image)
  }

  func predictions(
    for inputs: [PredictionInput], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction] {
    try inputs.answered { (input) throws(RNNError) in
      try question(of: input)
    } _: { (questions) throws(RNNError) in
      try zip(questions, answers(to: questions)).map { question, answer in
        var label = ClassAnswer(name: visual.answers[answer.best])
        label.add(answer.probabilities[...], answer: answer.best, detail) {
          visual.answers[Int($0)]
        }
        return Prediction(
          .label(label), tokens: question.words.count,
          unknownTokens: question.words.count { $0 == visual.question.unknownID })
      }
    }
  }

  private func answers(
    to questions: [(words: [Int32], image: [UInt8])]
  ) throws(RNNError) -> [VisualAnswer] {
    let seesImages = model.configuration.image != nil
    var (patches, images, last): ([Float], Int, [UInt8]?) = ([], 0, nil)
    let asked = questions.map { question in
      // An image is looked at once for all questions that follow each other.
      if question.image != last {
        if seesImages { visual.patches.append(question.image[...], to: &patches) }
        (images, last) = (images + 1, question.image)
      }
      return VisualQuestion(words: question.words, image: images - 1)
    }
    return try model.answers(
      for: VisualQuestionBatch(asked, patches: patches, for: model.configuration), pass: pass)
  }
}
