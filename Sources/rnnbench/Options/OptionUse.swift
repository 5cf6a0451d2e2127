import RNNCore
import RNNTasks

/// Which kinds of data use which options. An option that would change nothing is refused: whoever gives it
/// expects something else than what would happen.
enum OptionUse {
  /// What is not named here is used by all kinds.
  private static let kinds: [String: [DataTaskKind]] = [
    "--unit": [.lm, .classify], "--columns": [.tag], "--comments": [.tag],
    "--minimum-count": [.tag, .lm, .classify], "--word-dropout": [.tag, .classify],
    "--lowercase": [.tag, .lm, .classify], "--digits": [.tag, .lm, .classify],
    "--steps": [.lm], "--validation-share": [.classify], "--test-share": [.classify],
    "--most-steps": [.classify], "--chunk": [.music], "--group-lengths": [.tag, .classify, .music],
    "--embedding": [.tag, .lm, .classify], "--crf": [.tag], "--no-crf": [.tag], "--tied": [.lm],
    "--intent-weight": [.tag],
  ]

  /// Throws ``RNNError/Kind/unsupported`` for the first of the given options that `kind` does not use.
  static func check(_ given: [String], for kind: DataTaskKind) throws(RNNError) {
    for name in given {
      guard let users = kinds[name], !users.contains(kind) else { continue }
      let names = users.map(\.rawValue).joined(separator: " or ")
      throw RNNError(
        .unsupported, name, expected: "data of the kind \(names)", found: kind.rawValue)
    }
  }
}

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
    if clip != nil, settings.clipMode == .none {
      throw RNNError(.unsupported, "--clip", expected: "a --clip-mode", found: "none")
    }
  }

  /// Throws for options that the data, once they are read, turn out to have no use for.
  func checkUse(in task: any DataTask, data: DataOptionGroup) throws(RNNError) {
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
