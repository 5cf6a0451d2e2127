import RNNCore
import RNNTasks

/// The file of a model that can answer new data, with what it was trained with.
package struct AnsweringFile {
  package let file: ModelFile
  /// Those of `train`; of a model that a program saved with its encoding, the standard ones.
  package let settings: TrainSettings
  package let encoding: TaskEncoding
  /// What `train` saved with it; nil for a model of another program.
  let run: SavedRun?

  /// Throws for a file that is damaged, and for a model without its vocabulary.
  package init(reading path: String) throws(RNNError) {
    file = try ModelFile(reading: path)
    if SavedRun.isIn(file) {
      let saved = try SavedRun(file)
      (settings, encoding, run) = (saved.settings, saved.encoding, saved)
      return
    }
    guard let encoding = try TaskEncoding(file) else {
      throw RNNError(
        .format, file.path, expected: "a model that was saved with its vocabulary",
        found: "one without")
    }
    var settings = TrainSettings.standard(
      for: encoding.kind, unit: nil, threads: ThreadTeam.shared.count)
    if let options = try TaskEncoding.options(in: file) { settings.data = options }
    (self.settings, self.encoding, run) = (settings, encoding, nil)
  }
}

extension TaskEncoding {
  /// What a token of an input is called.
  package var tokenName: String {
    switch self {
    case .lm(let text): text.unit.rawValue
    case .classify(let encoding):
      if case .text(let text) = encoding.input { text.unit.rawValue } else { "step" }
    case .pairs(let pairs): pairs.source.unit.rawValue
    case .tag, .vqa: "word"
    case .music: "step"
    }
  }
}
