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
    of batch: VisualQuestionBatch, pass: VisualQuestionPass? = nil
  ) throws(RNNError) -> GradientProfile {
    let pass = pass ?? makePass()
    let classes = try classes(of: batch)
    let gradients = ParameterStore(layout: parameters.layout)
    var noDropout: RandomGenerator?
    let logits = forward(batch, pass: pass, isRecorded: true, dropout: &noDropout)
    let reader = ProfileReader(
      layers.question, pass.question,
      probes: layers.question.layers.map { _ in GradientProbe() }, shares: team.count)
    defer { reader.detach() }
    let loss = Loss.meanCrossEntropy(logits, classes, weights: pass.lossWeights, team: team)
    var regions: [Double] = []
    backward(logits, batch, pass: pass, gradients: gradients) { slopes in
      regions = self.regionNorms(slopes, images: batch.imageCount)
    }
    let image =
      layers.image == nil
      ? nil
      : GradientProfile.ImagePath(
        regions: regions, focus: GradientProfile.AttentionFocus(pass.attention))
    return GradientProfile(
      step: 0, loss: loss.value, layers: reader.layers(),
      parameters: ProfileReader.parameters(
        gradients, weights: parameters, layers: layers.question.layers),
      questionPaths: questionPaths(batch, image, pass: pass))
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
