import FoundationEssentials
import RNNCore

/// Reads the data of a problem, or generates them.
///
/// - Parameters:
///   - kind: what is to be learned.
///   - url: a file or directory; nil for data that are generated.
///   - options: how it is read.
///   - encoding: of a saved model: vocabularies, classes and normalisation are taken from it and
///     not from the data.
///   - vocabulary: of a model to start from: tokens and normalisation are taken from it, classes
///     from the data (classify).
///
/// Throws `.unsupported` for a task outside ``TaskName/learned``, for an encoding of
/// another kind, and for data where none are read or none where some are, `.range`
/// for options outside their range and the errors of reading, which name file and line.
public func makeTask(
  _ kind: TaskName, at url: URL?, options: DataOptions = DataOptions(),
  encoding: TaskEncoding? = nil, vocabulary: TextEncoding? = nil
) throws(RNNError) -> any DataTask {
  guard TaskName.learned.contains(kind) else { throw kind.refused(among: TaskName.learned) }
  if let encoding, encoding.kind != kind {
    throw RNNError(
      .unsupported, "encoding", expected: "one of the kind \(kind.rawValue)",
      found: encoding.kind.rawValue)
  }
  guard vocabulary == nil || (kind == .classify && encoding == nil) else {
    throw RNNError(
      .unsupported, "vocabulary", expected: "texts to classify", found: kind.rawValue)
  }
  if let pairs = kind.pairs {
    let saved: PairEncoding? = if case .pairs(let encoding)? = encoding { encoding } else { nil }
    let data = try PairData(pairs, at: url, options, encoding: saved)
    return try PairTask(data, encoding: saved, kind: pairs, options: options)
  }
  guard let url else {
    throw RNNError(
      .unsupported, "data of \(kind.rawValue)", expected: "a file or directory", found: "none")
  }
  switch encoding {
  case .tag(let saved)?: return try TaggingTask(url, options, encoding: saved)
  case .lm(let saved)?: return try TextTask(url, options, encoding: saved)
  case .classify(let saved)?: return try ClassificationTask(url, options, encoding: saved)
  case .music(let saved)?: return try MusicTask(url, options, encoding: saved)
  case .vqa(let saved)?: return try VisualQuestionTask(url, options, encoding: saved)
  case .pairs?, nil: break
  }
  switch kind {
  case .tag: return try TaggingTask(url, options, encoding: nil)
  case .lm: return try TextTask(url, options, encoding: nil)
  case .classify:
    return try ClassificationTask(url, options, encoding: nil, vocabulary: vocabulary)
  case .music: return try MusicTask(url, options, encoding: nil)
  case .vqa: return try VisualQuestionTask(url, options, encoding: nil)
  case .translate, .autoencode, .parse, .transduce: preconditionFailure("kinds of pairs")
  case .slots, .adding, .temporalOrder, .copy, .spelledDigits:
    preconditionFailure("refused above")
  }
}
