import FoundationEssentials
import RNNCore
import RNNTasks

/// What decides how a run rounds: with the same, results are the same to the bit (with attention,
/// whose products are always OpenBLAS's, on the same core of it).
struct Arithmetic {
  /// The kernels (those for AVX2 and AVX-512 round alike), and what multiplies.
  let name: String

  static let metadataKey = "rnnbench.arithmetic"
  static let current = Arithmetic(.current, .standard, core: BLASCore.current.name)

  /// - Parameter core: OpenBLAS's; each rounds in its way.
  init(_ set: InstructionSet, _ products: ProductBackend, core: String) {
    let kernels = set == .portable ? "portable" : "avx"
    name = kernels + (products == .packed ? " packed" : " openblas " + core)
  }

  /// Whether a file was saved with the same; those of before packed and OpenBLAS could be chosen
  /// name the kernels alone, and said nothing of OpenBLAS's core.
  func isSame(as saved: String) -> Bool {
    saved == name || (saved == "avx" && name == "avx packed")
      || (saved == "portable" && name.hasPrefix("portable openblas"))
  }
}

/// What `train` keeps with a model beside its parameters, as texts in the file's metadata.
package struct SavedRun {
  package let file: ModelFile
  package let settings: TrainSettings
  package let encoding: TaskEncoding
  /// Of the data that it was trained on.
  let fingerprint: String

  private static let settingsKey = "rnnbench.settings"
  private static let fingerprintKey = "rnnbench.data"

  package static func metadata(
    _ settings: TrainSettings, encoding: TaskEncoding, fingerprint: String
  ) -> [String: String] {
    [
      settingsKey: settings.json, TaskEncoding.metadataKey: encoding.json,
      fingerprintKey: fingerprint, Arithmetic.metadataKey: Arithmetic.current.name,
    ]
  }

  /// What to say where a run goes on with other bits than it would have had; nil where it has the
  /// same, and for models that were saved before that was noted.
  var arithmeticWarning: String? {
    guard let text = file.metadata[Arithmetic.metadataKey], !Arithmetic.current.isSame(as: text)
    else { return nil }
    return
      "\(file.path.printable) was trained with the arithmetic \(text.excerpt) and goes on with "
      + "'\(Arithmetic.current.name)', which rounds otherwise: its bits will differ from those of "
      + "a run that was never stopped."
  }

  /// Whether `train` wrote the file.
  package static func isIn(_ file: ModelFile) -> Bool { file.metadata[settingsKey] != nil }

  /// Throws for a file that is damaged, or that `train` did not write.
  package init(reading path: String) throws(RNNError) {
    try self.init(try ModelFile(reading: path))
  }

  package init(_ file: ModelFile) throws(RNNError) {
    let texts = file.metadata
    guard let settings = texts[Self.settingsKey], let encoding = try TaskEncoding(file),
      let fingerprint = texts[Self.fingerprintKey]
    else {
      throw RNNError(
        .format, file.path, expected: "a model saved by rnnbench train",
        found: "a model without its vocabulary and settings")
    }
    self.file = file
    self.fingerprint = fingerprint
    var known = try TrainSettings(json: settings, name: "\(file.path): \(Self.settingsKey)")
    if file.kind == ModelConfiguration.kind {
      let model = try file.configuration(ModelConfiguration.self)
      if model.contextWindow > 1 { known.model.windowSide = model.contextSide }
    }
    self.settings = known
    self.encoding = encoding
  }

  /// The data at `url` in the numbers of this model, read as in training when no other options are
  /// given.
  package func task(at url: URL?, _ options: DataOptions? = nil) throws -> any DataTask {
    let task = try makeTask(
      settings.kind, at: url, options: options ?? settings.data, encoding: encoding)
    try checkModel(for: task)
    return task
  }

  /// Whether data of one part, which training split, are those that the model was trained on.
  func wasTrained(onPartOf url: URL, _ options: DataOptions) -> Bool {
    guard [.lm, .classify, .autoencode].contains(settings.kind), HeldOutTask.isWhole(url),
      let task = try? self.task(at: url, options)
    else { return false }
    return task.hasFingerprint(fingerprint)
  }

  /// What to say of a model that was saved before models of the next symbol were kept from looking
  /// ahead; nil for all others.
  package func lookAheadWarning(for task: any DataTask) throws(RNNError) -> String? {
    guard let task = task as? any SequenceDataTask, !task.shape.allowsFuture,
      let way = try file.configuration(ModelConfiguration.self).waysToLookAhead.first
    else { return nil }
    return
      "\(file.path.printable) has \(way): it reads what it is to predict, and its scores say "
      + "nothing."
  }

  /// Throws unless the model is the one that the settings describe for the task: before memory is
  /// taken for what damaged settings describe.
  func checkModel(for task: any DataTask) throws {
    let cell = try CellChoice(settings.cell)
    switch task {
    case let task as any SequenceDataTask:
      try require(
        settings.model.configuration(cell, for: task.shape, task: settings.kind.rawValue))
    case let task as PairTask: try require(settings.model.configuration(cell, for: task.pairs))
    case let task as VisualQuestionTask:
      try require(settings.model.configuration(cell, for: task.visual))
    default: preconditionFailure("every kind of task has a model")
    }
  }

  private func require<Configuration: ModelArchitecture>(
    _ described: Configuration
  ) throws(RNNError) {
    guard file.kind == Configuration.kind, try file.configuration() == described else {
      throw RNNError(
        .format, file.path, expected: "a model that fits its own vocabulary and settings",
        found: "one of another shape")
    }
  }
}
