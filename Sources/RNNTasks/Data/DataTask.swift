import RNNCore

/// A problem with a finite set of examples, with all that turns them into numbers and back.
public protocol DataTask: Sendable {
  /// The name on the command line.
  var name: String { get }
  /// One line on what makes it hard, for reports.
  var summary: String { get }
  /// Saved with a model, so that other data mean the same to it.
  var encoding: TaskEncoding { get }
  /// A number that hardly any two sets of data share.
  var fingerprint: String { get }
  /// Whether a ``fingerprint`` that was saved with a model, be it by an earlier version, is that of
  /// these data. Whether both are equal unless a task says otherwise.
  func hasFingerprint(_ saved: String) -> Bool
  /// Name and direction of the main score.
  var mainMetric: Metric { get }
  /// The held-out parts that the data came with; the others were set aside of the training part.
  /// All unless a task says otherwise.
  var ownParts: Set<HeldOutPart> { get }
}

extension DataTask {
  public var ownParts: Set<HeldOutPart> { Set(HeldOutPart.allCases) }

  public func hasFingerprint(_ saved: String) -> Bool { fingerprint == saved }
}

/// One that a ``/RNNCore/SequenceModel`` is trained on.
public protocol SequenceDataTask: DataTask, SequenceTask {
  /// The examples to learn from, in the order of the files; nil for a stream. Nil unless a task
  /// says otherwise.
  var learned: ExampleList? { get }
}

extension SequenceDataTask {
  public var learned: ExampleList? { nil }

  public var mainMetric: Metric { makeScore().taskScore(meanLoss: 0).metrics[0] }

  /// Of the held-out examples and of one pass over the training data.
  public var fingerprint: String { fingerprint(.inOrder) }

  public func hasFingerprint(_ saved: String) -> Bool {
    fingerprint(Fingerprint.Version(of: saved)) == saved
  }

  func fingerprint(_ version: Fingerprint.Version) -> String {
    var print = Fingerprint(version)
    for part in [validation, test] { print.add(part: part) { $0.add($1) } }
    if version == .inOrder, let learned {
      print.add(part: learned) { $0.add($1) }
      return print.text
    }
    let made = makeTrainingSource(seed: 0)
    var source = (made as? any PooledSource)?.inOnePool() ?? made
    // In the order that saved models were trained with first, so that theirs stay the same.
    var start = source.position
    for (index, label) in zip(start.generators.indices, [1, 4] as [UInt64]) {
      start.generators[index] = RandomGenerator(seed: 0).numberedStream(label)
    }
    do { try source.seek(start, batch: 1) } catch { preconditionFailure("its own start: \(error)") }
    for _ in 0..<(source.batchesPerEpoch(1) ?? 1) {
      for example in source.nextBatch(1).examples { print.add(example) }
    }
    return print.text
  }
}
