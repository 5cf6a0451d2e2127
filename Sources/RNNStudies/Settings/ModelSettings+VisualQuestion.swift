import RNNCore
import RNNTasks

extension ModelSettings {
  /// A model of that cell for questions and images in those numbers, checked.
  package func configuration(
    _ choice: CellChoice, for visual: VisualQuestionEncoding
  ) throws -> VisualQuestionConfiguration {
    guard
      case .recurrent(let cell, _, let directions) = choice.body(
        layers: layers, directions: directions)
    else {
      throw RNNError(
        .unsupported, "cell \(choice.name)", expected: "a recurrent network to read questions",
        found: "a feed-forward one")
    }
    let configuration = VisualQuestionConfiguration(
      vocabulary: visual.question.sizeWithUnknown, embedding: embedding, cell: cell,
      layers: layers, hiddenSize: hidden, directions: directions,
      image: usesImage ? try image(visual.patches) : nil, answers: visual.answers.count,
      dropout: dropout)
    try Self.named { () throws(RNNError) in try configuration.validate() }
    return configuration
  }

  private func image(_ patches: PatchGrid) throws(RNNError) -> VisualQuestionConfiguration.Image {
    guard let score = attention.score else {
      throw RNNError(
        .unsupported, "--attention", expected: "dot, general or concat for an image",
        found: attention.rawValue)
    }
    return VisualQuestionConfiguration.Image(
      rows: patches.rows, columns: patches.columns, patchWidth: patches.patchWidth, attention: score
    )
  }

  /// A model whose weights start as ``initialization(_:of:)`` asks.
  func makeModel(
    _ configuration: VisualQuestionConfiguration, seed: UInt64, team: ThreadTeam
  ) throws(RNNError) -> VisualQuestionModel {
    try VisualQuestionModel(
      configuration,
      initialization: initialization(.standard(for: configuration.cell), of: configuration.cell),
      seed: seed, team: team)
  }
}
