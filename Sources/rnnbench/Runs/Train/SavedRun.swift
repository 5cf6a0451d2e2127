import Foundation
import RNNCore
import RNNTasks

/// What `train` keeps with a model beside its parameters, as texts in the file's metadata.
struct SavedRun {
  let file: ModelFile
  let settings: TrainSettings
  let encoding: TaskEncoding
  /// Of the data that it was trained on.
  let fingerprint: String

  private static let settingsKey = "rnnbench.settings"
  private static let encodingKey = "rnntasks.encoding"
  private static let fingerprintKey = "rnnbench.data"

  static func metadata(
    _ settings: TrainSettings, encoding: TaskEncoding, fingerprint: String
  ) -> [String: String] {
    [settingsKey: settings.json, encodingKey: encoding.json, fingerprintKey: fingerprint]
  }

  /// Throws for a file that is damaged, or that `train` did not write.
  init(reading path: String) throws(RNNError) {
    try self.init(try ModelFile(reading: path))
  }

  init(_ file: ModelFile) throws(RNNError) {
    let texts = file.metadata
    guard let settings = texts[Self.settingsKey], let encoding = texts[Self.encodingKey],
      let fingerprint = texts[Self.fingerprintKey]
    else {
      throw RNNError(
        .format, file.path, expected: "a model saved by rnnbench train",
        found: "a model without its vocabulary and settings")
    }
    self.file = file
    self.fingerprint = fingerprint
    self.settings = try TrainSettings(
      json: settings, name: "\(file.path): \(Self.settingsKey)")
    self.encoding = try TaskEncoding(
      json: encoding, name: "\(file.path): \(Self.encodingKey)")
  }

  /// The data at `url` in the numbers of this model.
  func task(at url: URL, _ options: DataOptions) throws -> any DataTask {
    let task = try makeDataTask(settings.kind, at: url, options: options, encoding: encoding)
    try checkModel(for: task)
    return task
  }

  /// Throws unless the model is the one that the settings describe for the task: before memory is taken for what
  /// damaged settings describe.
  private func checkModel(for task: any DataTask) throws {
    let described = try settings.model.configuration(
      CellChoice(settings.cell), for: task.shape, task: settings.kind.rawValue)
    let found = try file.sequenceConfiguration()
    guard described == found else {
      throw RNNError(
        .format, file.path, expected: "a model that fits its own vocabulary and settings",
        found: "\(found.input), \(found.outputs) outputs")
    }
  }
}

extension DataTask {
  /// A number that hardly any two sets of data share (FNV-1a, 64 bits): of the held-out examples and of one
  /// pass over the training data.
  var fingerprint: String {
    var hash = FNV1a()
    for example in validation + test { hash.add(example) }
    var source = makeTrainingSource(seed: 0)
    for _ in 0..<(source.batchesPerEpoch(1) ?? 1) {
      for example in source.nextBatch(1).examples { hash.add(example) }
    }
    return String(hash.value, radix: 16)
  }
}

private struct FNV1a {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ number: some FixedWidthInteger) {
    value = (value ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01b3
  }

  mutating func add(_ example: Example) {
    add(example.label ?? -1)
    switch example.input {
    case .tokens(let ids): for id in ids { add(id) }
    case .features(let values, let width):
      add(width)
      for value in values { add(value.bitPattern) }
    }
    switch example.target {
    case .classPerStep(let ids): for id in ids { add(id) }
    case .classAtEnd(let id): add(id)
    case .valuesPerStep(let values), .valuesAtEnd(let values):
      for value in values { add(value.bitPattern) }
    }
  }
}
