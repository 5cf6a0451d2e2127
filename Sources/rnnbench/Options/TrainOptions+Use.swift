import RNNCore
import RNNStudies
import RNNTasks

extension TrainOptions {
  /// Throws for options that change nothing in a run with these settings.
  func checkUse(in settings: TrainSettings, data: DataOptionGroup) throws(RNNError) {
    try OptionUse.check(data.given + model.given, for: settings.kind)
    try data.place.checkUse(for: settings.kind)
    try step.checkUse(of: settings.optimizer)
    try checkCell(settings)
    try checkTokens(settings, data)
    if scheduleEpochs != nil, !settings.schedule.hasLength {
      throw RNNError(
        .unsupported, "--schedule-epochs", expected: "--schedule cosine",
        found: "\(settings.schedule)")
    }
    if settings.kind == .vqa, !settings.model.usesImage {
      let ofImages = ["--patch", "--attention"]
      if let name = (data.given + model.given).first(where: ofImages.contains) {
        throw RNNError(.unsupported, name, expected: "a model with images", found: "--no-image")
      }
    }
    if clip != nil, settings.clipMode == .none {
      throw RNNError(.unsupported, "--clip", expected: "a --clip-mode", found: "none")
    }
  }

  /// Throws for options that the cell has no use for.
  private func checkCell(_ settings: TrainSettings) throws(RNNError) {
    let choice: CellChoice
    do { choice = try CellChoice(settings.cell) } catch { return }
    func refuse(_ names: [String], _ expected: String) throws(RNNError) {
      guard let name = model.given.first(where: names.contains) else { return }
      throw RNNError(.unsupported, name, expected: expected, found: "--cell \(settings.cell)")
    }
    guard let cell = choice.cell else {
      return try refuse(
        ["--layers", "--directions", "--init", "--recurrent-dropout"], "a recurrent cell")
    }
    if cell == .irnn {
      try refuse(
        ["--init", "--uniform-start"], "another cell: an IRNN is one by how it starts")
    }
    if !cell.hasRecurrentProduct {
      try refuse(["--init", "--recurrent-dropout"], "a cell with recurrent weights")
    }
    if choice.isBidirectional, model.directions != nil, model.directions != .concatenated {
      try refuse(["--directions"], "bidirectional, which the name of the cell says already")
    }
  }

  /// Throws for options that tokens of that kind have no use for.
  private func checkTokens(
    _ settings: TrainSettings, _ data: DataOptionGroup
  ) throws(RNNError) {
    let ofCharacters: [String] =
      switch (settings.kind, settings.data.unit) {
      case (.lm, nil), (.lm, .character): ["--minimum-count"]
      case (.classify, .character): ["--minimum-count", "--word-dropout"]
      default: []
      }
    if let name = data.given.first(where: ofCharacters.contains) {
      throw RNNError(.unsupported, name, expected: "--unit word", found: "characters")
    }
    if settings.kind == .parse, settings.data.parserSource == .tags,
      data.given.contains("--lowercase")
    {
      throw RNNError(
        .unsupported, "--lowercase", expected: "a --parser-source with words", found: "tags")
    }
  }

  /// Throws for options that the data, once they are read, turn out to have no use for.
  func checkUse(in task: any DataTask, data: DataOptionGroup) throws(RNNError) {
    guard let task = task as? any SequenceDataTask else { return }
    if let weight = model.intentWeight, weight > 0, task.shape.labels == nil {
      throw RNNError(
        .unsupported, "--intent-weight", expected: "data with a file label in each part",
        found: "tags alone")
    }
    if case .features = task.shape.input,
      let name = (data.given + model.given).first(where: Self.ofTexts.contains)
    {
      throw RNNError(.unsupported, name, expected: "data of texts", found: "numbers")
    }
  }

  private static let ofTexts: Set = [
    "--unit", "--minimum-count", "--word-dropout", "--lowercase", "--digits", "--embedding",
  ]
}
