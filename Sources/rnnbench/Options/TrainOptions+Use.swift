import RNNCore
import RNNStudies
import RNNTasks

extension TrainOptions {
  /// Throws for options that change nothing in a run with these settings.
  func checkUse(in settings: TrainSettings, data: DataOptionGroup) throws(RNNError) {
    try OptionUse.check(data.given + model.given, for: settings.kind)
    try data.place.checkUse(for: settings.kind)
    if step.momentum != nil, ![.momentum, .nesterov].contains(settings.optimizer) {
      throw RNNError(
        .unsupported, "--momentum", expected: "--optimizer momentum or nesterov",
        found: settings.optimizer.rawValue)
    }
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
