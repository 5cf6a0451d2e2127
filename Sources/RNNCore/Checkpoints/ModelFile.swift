/// A model in a safetensors file: its configuration and texts in the metadata, its parameters as tensors
/// under their own names (`weight_ih_l0`, `embedding.weight`, …).
///
/// Metadata under `rnncore.` are the library's: `rnncore.model`, the version of what is described here, 1;
/// `rnncore.configuration`, all fields of the model's configuration as JSON; `rnncore.checksum`. So are tensors
/// whose names begin with `rnncore.`: other state of training may stand beside a model and is passed over.
/// Everything else belongs to whoever saved the file.
///
/// A file whose contents are not those of its checksum is refused. A tool that changes weights on purpose sets
/// `rnncore.checksum` to `none`.
///
/// Making one reads the header and checks that the tensors are those of the configuration, before memory
/// for them is taken. ``SequenceModel/init(_:team:)``, ``EncoderDecoder/init(_:team:)`` and
/// ``VisualQuestionModel/init(_:team:)`` read the values.
public struct ModelFile: Sendable {
  public let architecture: ModelArchitecture
  /// The texts that were saved with the model.
  public let metadata: [String: String]
  /// All that is in the file.
  public let tensors: SafeTensorsFile

  public var path: String { tensors.path }

  static let version = "1"

  /// Opens and checks a file.
  ///
  /// Throws what ``SafeTensorsFile/init(reading:)`` throws; ``RNNError/Kind/format`` for a file that holds no
  /// model, a configuration that cannot be read, or a tensor that is missing or does not belong to it;
  /// ``RNNError/Kind/shape`` for a tensor of another shape; ``RNNError/Kind/unsupported`` for one of another
  /// type and for another version.
  public init(reading path: String) throws(RNNError) {
    tensors = try SafeTensorsFile(reading: path)
    let texts = tensors.metadata
    guard let version = texts[CheckpointKey.version], let json = texts[CheckpointKey.configuration],
      tensors.hasChecksum
    else {
      throw RNNError(
        .format, path, expected: "a model saved by RNNCore",
        found: "a safetensors file without its configuration and checksum")
    }
    guard version == Self.version else {
      throw RNNError(
        .unsupported, "\(path): \(CheckpointKey.version)", expected: "version \(Self.version)",
        found: version.excerpt)
    }
    let place = "\(path): \(CheckpointKey.configuration)"
    do throws(RNNError) {
      architecture = try ModelArchitecture(json: json, name: place)
    } catch {
      throw RNNError(
        error.kind,
        error.argument.hasPrefix(place) ? error.argument : "\(place): \(error.argument)",
        expected: error.expected, found: error.found)
    }
    metadata = texts.filter { !$0.key.hasPrefix(CheckpointKey.prefix) }
    try checkTensors()
  }

  /// Throws unless the tensors are the configuration's parameters, all of them and no other.
  private func checkTensors() throws(RNNError) {
    let layers = architecture.layers
    guard layers <= tensors.tensors.count else {
      throw RNNError(
        .format, path, expected: "tensors of \(layers) layers",
        found: "\(tensors.tensors.count) tensors")
    }
    let layout = try architecture.layout()
    var found: [String: TensorInfo] = [:]
    for tensor in tensors.tensors where !tensor.name.hasPrefix(CheckpointKey.prefix) {
      found[tensor.name] = tensor
    }
    for slice in layout.slices {
      guard let tensor = found.removeValue(forKey: slice.name) else {
        throw RNNError(
          .format, path, expected: "a tensor '\(slice.name)' \(slice.shape)",
          found: "none of this name")
      }
      let place = "\(path): '\(slice.name)'"
      guard tensor.type == .float32 else {
        throw RNNError(
          .unsupported, place, expected: "values of type F32", found: tensor.type.rawValue)
      }
      guard tensor.shape == slice.shape else {
        throw RNNError(.shape, place, expected: "\(slice.shape)", found: "\(tensor.shape)")
      }
    }
    if let extra = found.keys.min() {
      throw RNNError(
        .format, path, expected: "no tensor but those of the model", found: extra.excerpt)
    }
  }
}

extension ModelFile {
  /// The configuration of the ``SequenceModel`` in it.
  ///
  /// Throws ``RNNError/Kind/unsupported`` for a file with another kind of model.
  public func sequenceConfiguration() throws(RNNError) -> ModelConfiguration {
    guard case .sequence(let configuration) = architecture else {
      throw unsupported("a sequence model")
    }
    return configuration
  }

  /// The configuration of the ``EncoderDecoder`` in it.
  ///
  /// Throws ``RNNError/Kind/unsupported`` for a file with another kind of model.
  public func encoderDecoderConfiguration() throws(RNNError) -> EncoderDecoderConfiguration {
    guard case .encoderDecoder(let configuration) = architecture else {
      throw unsupported("an encoder-decoder")
    }
    return configuration
  }

  /// The configuration of the ``VisualQuestionModel`` in it.
  ///
  /// Throws ``RNNError/Kind/unsupported`` for a file with another kind of model.
  public func visualQuestionConfiguration() throws(RNNError) -> VisualQuestionConfiguration {
    guard case .visualQuestion(let configuration) = architecture else {
      throw unsupported("a model for questions about images")
    }
    return configuration
  }

  private func unsupported(_ expected: String) -> RNNError {
    RNNError(.unsupported, path, expected: expected, found: architecture.name)
  }

  /// Throws ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number.
  fileprivate func fill(_ parameters: ParameterStore) throws(RNNError) {
    for slice in parameters.layout.slices {
      try parameters.set(slice.name, to: try tensors.values(of: slice.name))
    }
  }
}

extension SequenceModel {
  /// The model in a file, bit for bit as it was saved.
  ///
  /// Throws ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number, and
  /// ``RNNError/Kind/unsupported`` for a file with another kind of model.
  public convenience init(_ file: ModelFile, team: ThreadTeam = .shared) throws(RNNError) {
    // Any start will do, and this one costs least.
    try self.init(
      file.sequenceConfiguration(), initialization: InitializationPlan(), seed: 0, team: team)
    try file.fill(parameters)
  }
}

extension EncoderDecoder {
  /// The model in a file, bit for bit as it was saved.
  ///
  /// Throws ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number, and
  /// ``RNNError/Kind/unsupported`` for a file with another kind of model.
  public convenience init(_ file: ModelFile, team: ThreadTeam = .shared) throws(RNNError) {
    try self.init(
      file.encoderDecoderConfiguration(), initialization: InitializationPlan(), seed: 0,
      team: team)
    try file.fill(parameters)
  }
}

extension VisualQuestionModel {
  /// The model in a file, bit for bit as it was saved.
  ///
  /// Throws ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number, and
  /// ``RNNError/Kind/unsupported`` for a file with another kind of model.
  public convenience init(_ file: ModelFile, team: ThreadTeam = .shared) throws(RNNError) {
    try self.init(
      file.visualQuestionConfiguration(), initialization: InitializationPlan(), seed: 0,
      team: team)
    try file.fill(parameters)
  }
}

extension SavableModel {
  /// The model in a file, from the file's name; throws what ``ModelFile/init(reading:)`` throws as well.
  public init(contentsOf path: String, team: ThreadTeam = .shared) throws(RNNError) {
    try self.init(try ModelFile(reading: path), team: team)
  }

  /// Replaces the parameters by those in a file.
  ///
  /// Throws ``RNNError/Kind/shape`` for a model of another kind or shape, and ``RNNError/Kind/nonFinite`` for a value
  /// that is infinite or not a number.
  public func load(_ file: ModelFile) throws(RNNError) {
    guard file.architecture == architecture else {
      throw RNNError(
        .shape, file.path, expected: architecture.json, found: file.architecture.json)
    }
    try file.fill(parameters)
  }

  /// Saves configuration and parameters to a safetensors file, which other tools can read: see ``ModelFile``.
  ///
  /// The file appears whole or not at all; whatever is thrown leaves what was there.
  ///
  /// Throws ``RNNError/Kind/nonFinite`` for a parameter that is infinite or not a number,
  /// ``RNNError/Kind/format`` for metadata under `rnncore.`, ``RNNError/Kind/file`` when the file cannot be
  /// written, and what reading the configuration back would throw.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - metadata: texts to keep with the model, such as the task it was trained on.
  public func save(to path: String, metadata: [String: String] = [:]) throws(RNNError) {
    try save(
      parameters, to: path, metadata: metadata, texts: [:], tensors: TrainingTensors())
  }

  /// - Parameters:
  ///   - parameters: what is saved as the model's own, in its layout.
  ///   - texts: metadata of the library.
  ///   - more: tensors of the library.
  func save(
    _ parameters: ParameterStore, to path: String, metadata: [String: String],
    texts: [String: String], tensors more: TrainingTensors
  ) throws(RNNError) {
    if let key = metadata.keys.filter({ $0.hasPrefix(CheckpointKey.prefix) }).min() {
      throw RNNError(
        .format, "metadata", expected: "keys that do not begin with \(CheckpointKey.prefix)",
        found: key.excerpt)
    }
    let json = architecture.json
    guard try ModelArchitecture(json: json, name: "configuration") == architecture else {
      throw RNNError(
        .unsupported, "configuration", expected: "one that can be written as text", found: json)
    }
    var texts = metadata.merging(texts) { _, own in own }
    texts[CheckpointKey.version] = ModelFile.version
    texts[CheckpointKey.configuration] = json
    try SafeTensorsFile.write(
      parameters.layout.slices.map { ($0.name, $0.shape) } + more.all, metadata: texts, to: path
    ) { (name: String) throws(RNNError) in
      if let values = try more.values(of: name) { return values }
      return try parameters.values(of: name)
    }
  }
}
