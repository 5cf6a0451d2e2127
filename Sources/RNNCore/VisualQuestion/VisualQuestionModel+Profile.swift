extension VisualQuestionModel {
  /// The gradient profile of one batch, without training on it: the layers of the network that reads the question
  /// (`question.l0`, `question.l0_reverse`, …), and the ways by which the gradient comes to question and image
  /// (``GradientProfile/questionPaths``).
  ///
  /// The gradient is that of the answers to all questions, which are given at their ends.
  ///
  /// Throws `.vocabulary` and `.shape` for a batch that does not fit the model and `.empty` for a question without an
  /// answer. Costs a forward and a backward pass.
  ///
  /// - Parameters:
  ///   - batch: questions with their answers.
  ///   - pass: the workspace; nil for one of its own.
  public func profile(
    of batch: VisualQuestionBatch, pass: Pass? = nil
  ) throws(RNNError) -> GradientProfile {
    let pass = pass ?? makePass()
    let classes = try classes(of: batch)
    let gradients = ParameterStore(layout: parameters.layout)
    try pass.begin(gradients: gradients)
    let found = try forward(batch, in: pass)
    let reader = ProfileReader(
      layers.question, found.reading.tape,
      probes: layers.question.layers.map { _ in GradientProbe() }, shares: team.count)
    defer { reader.detach() }
    let loss = try found.logits.crossEntropy(classes)
    var (regions, scores): ([Double], Matrix?) = ([], nil)
    found.look?.attention.observer = { queries, keys in
      // Both are worked on when the pass has gone further.
      scores = queries
      regions = self.regionNorms(keys, images: batch.imageCount)
    }
    defer { found.look?.attention.observer = nil }
    try pass.backward()
    return GradientProfile(
      step: 0, loss: loss.value, layers: reader.layers(),
      parameters: ProfileReader.parameters(
        gradients, weights: parameters, layers: layers.question.layers),
      questionPaths: found.paths(regions: regions, scores: scores))
  }

  /// ‖dE/dr‖ of each region of an image, over all images.
  private func regionNorms(_ slopes: Matrix, images: Int) -> [Double] {
    let count = slopes.rows / images
    return (0..<count).map { region in
      (0..<images).reduce(0.0) { sum, image in
        slopes.row(image * count + region).reduce(sum) { $0 + Double($1) * Double($1) }
      }.squareRoot()
    }
  }
}

extension VisualQuestionModel.Answers {
  /// After a backward pass, which leaves the gradients of the states and of what they were read for.
  fileprivate func paths(
    regions: [Double], scores: Matrix?
  ) -> GradientProfile.QuestionPaths? {
    guard let gradient = states.source.slope?.matrix else { return nil }
    guard let look, let slope = look.products.source.slope?.matrix else {
      return GradientProfile.QuestionPaths(of: gradient, product: nil, scores: nil, image: nil)
    }
    return GradientProfile.QuestionPaths(
      of: gradient, product: (slope, look.contexts.matrix), scores: scores,
      image: GradientProfile.ImagePath(
        regions: regions, focus: GradientProfile.AttentionFocus(look.attention.tape)))
  }
}
