import FoundationEssentials
import RNNCore

/// Held-out data by themselves, as a saved model is measured on them.
public struct HeldOutTask: Sendable {
  /// The task, without examples to train on where the part was there by itself.
  public let task: any DataTask
  /// The names of other parts beside the one that was read.
  public let leftOut: [String]
  /// Whether the part was set aside of a training part by a seeded draw, as in training.
  public let isSetAside: Bool

  /// Reads one part of data alone: all of a file; of a folder the part that is named so, or all of
  /// it where nothing is named as a part. Where a folder has no such part, but one to train on, it
  /// is set aside of that as it is in training (classify, autoencode, vqa).
  ///
  /// Throws `.unsupported` for data of a kind that is generated, `.file` for a part that is not
  /// there, and the errors of reading, which name file and line.
  ///
  /// - Parameters:
  ///   - part: which one.
  ///   - url: a file or directory.
  ///   - options: how it is read.
  ///   - encoding: of a saved model.
  public init(
    _ part: HeldOutPart, at url: URL, options: DataOptions = DataOptions(), encoding: TaskEncoding
  ) throws(RNNError) {
    let place = try HeldOutPlace(url, part: part)
    leftOut = try place.leftOut()
    isSetAside = encoding.kind.setsAside ? try place.isOfTraining() : false
    if isSetAside {
      task = try makeTask(encoding.kind, at: url, options: options, encoding: encoding)
      return
    }
    task =
      switch encoding {
      case .tag(let saved): try TaggingTask(heldOut: place.origin, part, options, encoding: saved)
      case .lm(let saved): try TextTask(heldOut: place, options, encoding: saved)
      case .classify(let saved): try ClassificationTask(heldOut: place, options, encoding: saved)
      case .music(let saved): try MusicTask(heldOut: place, options, encoding: saved)
      case .pairs(let saved): try PairTask(heldOut: place, options, encoding: saved)
      case .vqa(let saved): try VisualQuestionTask(heldOut: place, options, encoding: saved)
      }
  }
}

extension HeldOutTask {
  /// Whether data have no parts: a file, or a folder in which nothing is named as one.
  package static func isWhole(_ url: URL) -> Bool {
    (try? HeldOutPlace(url, part: .test).entry()) == url
  }
}

extension TaskName {
  /// Whether held-out parts that are not there are set aside of the training part.
  fileprivate var setsAside: Bool { [.classify, .autoencode, .vqa].contains(self) }
}
