import Foundation
import RNNCore

/// Reads the data of a problem.
///
/// - Parameters:
///   - kind: what is to be learned.
///   - url: a file or directory.
///   - options: how it is read.
///   - encoding: of a saved model: vocabularies, classes and normalisation are taken from it and not
///     from the data.
///
/// Throws ``RNNError/Kind/unsupported`` for an encoding of another kind, ``RNNError/Kind/range`` for
/// options outside their range and the errors of reading, which name file and line.
public func makeDataTask(
  _ kind: DataTaskKind, at url: URL, options: DataOptions = DataOptions(),
  encoding: TaskEncoding? = nil
) throws(RNNError) -> any DataTask {
  switch (kind, encoding) {
  case (.tag, nil): return try TaggingTask(url, options, encoding: nil)
  case (.tag, .tag(let saved)?): return try TaggingTask(url, options, encoding: saved)
  case (.lm, nil): return try TextTask(url, options, encoding: nil)
  case (.lm, .lm(let saved)?): return try TextTask(url, options, encoding: saved)
  case (.classify, nil): return try ClassificationTask(url, options, encoding: nil)
  case (.classify, .classify(let saved)?):
    return try ClassificationTask(url, options, encoding: saved)
  case (.music, nil): return try MusicTask(url, options, encoding: nil)
  case (.music, .music(let saved)?): return try MusicTask(url, options, encoding: saved)
  case (_, let saved?):
    throw RNNError(
      .unsupported, "encoding", expected: "one of the kind \(kind.rawValue)",
      found: saved.kind.rawValue)
  }
}
