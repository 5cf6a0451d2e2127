/// A model in a safetensors file: its configuration and texts in the metadata, its parameters as
/// tensors under their own names (`weight_ih_l0`, `embedding.weight`, …).
///
/// Metadata under `rnncore.` are the library's: `rnncore.model`, the version of what is described
/// here, 1; `rnncore.configuration`, all fields of the model's configuration as JSON;
/// `rnncore.checksum`. So are tensors whose names begin with `rnncore.`: other state of training
/// may stand beside a model and is passed over. Everything else belongs to whoever saved the file.
///
/// A file whose contents are not those of its checksum is refused. A tool that changes weights on
/// purpose sets `rnncore.checksum` to `none`.
///
/// Making one reads the header. ``configuration(_:)`` checks that the tensors are those of the
/// configuration, before memory for them is taken, and ``SavableModel/init(_:team:)`` reads the
/// values.
public struct ModelFile: Sendable {
  /// The kind of model in it, see ``ModelArchitecture/kind``: `sequence` for a ``SequenceModel``,
  /// `encoder-decoder` for an ``EncoderDecoder``, or whatever other kinds call themselves.
  public let kind: String
  /// The texts that were saved with the model.
  public let metadata: [String: String]
  /// All that is in the file.
  public let tensors: SafeTensorsFile

  /// Where the configuration stands, for complaints.
  private let place: String
  private let description: ArchitectureText

  /// Where the file was read from.
  public var path: String { tensors.path }

  static let version = "1"

  /// Opens a file.
  ///
  /// Throws what ``SafeTensorsFile/init(reading:)`` throws; ``RNNError/Kind/format`` for a file
  /// that holds no model, or a configuration that is no JSON object; ``RNNError/Kind/unsupported``
  /// for another version.
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
        found: FileVersion.text(version, known: Self.version))
    }
    place = "\(path): \(CheckpointKey.configuration)"
    description = try ArchitectureText(json, name: place)
    kind = description.kind
    metadata = texts.filter { !$0.key.hasPrefix(CheckpointKey.prefix) }
  }

  /// The configuration of the model in it.
  ///
  /// ```swift
  /// let file = try ModelFile(reading: "model.safetensors")
  /// print(try file.configuration(EncoderDecoderConfiguration.self).hiddenSize)
  /// ```
  ///
  /// Throws ``RNNError/Kind/unsupported`` for a file with another kind of model or values of
  /// another type, ``RNNError/Kind/format`` for a configuration that cannot be read and for a
  /// tensor that is missing or does not belong to it, and ``RNNError/Kind/shape`` for a tensor of
  /// another shape.
  public func configuration<Configuration: ModelArchitecture>(
    _ type: Configuration.Type = Configuration.self
  ) throws(RNNError) -> Configuration {
    try description.require(type, else: .unsupported, at: path)
    var fields = description.fields
    let configuration: Configuration
    do throws(RNNError) {
      configuration = try type.init(&fields)
    } catch {
      throw RNNError(
        error.kind,
        error.argument.hasPrefix(place) ? error.argument : "\(place): \(error.argument)",
        expected: error.expected, found: error.found)
    }
    try checkTensors(of: configuration)
    return configuration
  }

  /// Throws unless the tensors are the configuration's parameters, all of them and no other.
  private func checkTensors(of configuration: some ModelArchitecture) throws(RNNError) {
    let layers = configuration.layers
    guard layers <= tensors.tensors.count else {
      throw RNNError(
        .format, path, expected: "tensors of \(layers) layers",
        found: "\(tensors.tensors.count) tensors")
    }
    let layout = try configuration.layout()
    var found: [ExactText: TensorInfo] = [:]
    for tensor in tensors.tensors where !tensor.name.hasPrefix(CheckpointKey.prefix) {
      found[ExactText(tensor.name)] = tensor
    }
    for slice in layout.slices {
      guard let tensor = found.removeValue(forKey: ExactText(slice.name)) else {
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
        throw RNNError(
          .shape, place, expected: "\(slice.shape)", found: "\(tensor.shape)".shortened())
      }
    }
    if let extra = found.keys.min() {
      throw RNNError(
        .format, path, expected: "no tensor but those of the model", found: extra.text.excerpt)
    }
  }
}

extension ModelFile {
  /// Throws ``RNNError/Kind/shape`` unless the model in the file has this kind and shape.
  func requireSame<Configuration: ModelArchitecture>(
    _ expected: Configuration
  ) throws(RNNError) {
    try description.require(Configuration.self, else: .shape, at: path)
    let found = try configuration(Configuration.self)
    guard found == expected else {
      throw RNNError(.shape, path, expected: expected.json, found: found.json)
    }
  }

  /// Throws ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number.
  func fill(_ parameters: ParameterStore) throws(RNNError) {
    for slice in parameters.layout.slices {
      try parameters.set(slice.name, to: try tensors.values(of: slice.name))
    }
  }
}

extension SavableModel {
  /// The model in a file, bit for bit as it was saved.
  ///
  /// Throws what ``ModelFile/configuration(_:)`` throws, and ``RNNError/Kind/nonFinite`` for a
  /// value that is infinite or not a number.
  public init(_ file: ModelFile, team: ThreadTeam = .shared) throws(RNNError) {
    // Any start will do, and this one costs least.
    try self.init(
      file.configuration(), initialization: InitializationPlan(), seed: 0, team: team)
    try file.fill(parameters)
  }

  /// The model in a file, from the file's name; throws what ``ModelFile/init(reading:)`` throws as
  /// well.
  public init(contentsOf path: String, team: ThreadTeam = .shared) throws(RNNError) {
    try self.init(try ModelFile(reading: path), team: team)
  }

  /// Replaces the parameters by those in a file.
  ///
  /// Throws ``RNNError/Kind/shape`` for a model of another kind or shape, and
  /// ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number.
  public func load(_ file: ModelFile) throws(RNNError) {
    try file.requireSame(configuration)
    try file.fill(parameters)
  }

  /// Saves configuration and parameters to a safetensors file, which other tools can read: see
  /// ``ModelFile``.
  ///
  /// The file appears whole or not at all; whatever is thrown leaves what was there.
  ///
  /// Throws ``RNNError/Kind/nonFinite`` for a parameter that is infinite or not a number,
  /// ``RNNError/Kind/format`` for metadata under `rnncore.`, ``RNNError/Kind/file`` when the file
  /// cannot be written, and what reading the configuration back would throw.
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
    try ModelFile.write(
      configuration, parameters, to: path, metadata: metadata, texts: texts, tensors: more)
  }
}

extension ModelFile {
  /// Writes a model of any kind; see ``SavableModel/save(to:metadata:)``.
  ///
  /// - Parameters:
  ///   - configuration: of the model.
  ///   - parameters: its own, in its layout.
  ///   - metadata: texts to keep with it.
  ///   - texts: metadata of the library.
  ///   - more: tensors of the library.
  static func write<Configuration: ModelArchitecture>(
    _ configuration: Configuration, _ parameters: ParameterStore, to path: String,
    metadata: [String: String], texts: [String: String] = [:],
    tensors more: TrainingTensors = TrainingTensors()
  ) throws(RNNError) {
    if let key = metadata.keys.filter({ $0.hasPrefix(CheckpointKey.prefix) }).min() {
      throw RNNError(
        .format, "metadata", expected: "keys that do not begin with \(CheckpointKey.prefix)",
        found: key.excerpt)
    }
    let json = configuration.json
    guard try Configuration(json: json, name: "configuration") == configuration else {
      throw RNNError(
        .unsupported, "configuration", expected: "one that can be written as text", found: json)
    }
    var texts = metadata.merging(texts) { _, own in own }
    texts[CheckpointKey.version] = version
    texts[CheckpointKey.configuration] = json
    try SafeTensorsFile.write(
      parameters.layout.slices.map { ($0.name, $0.shape) } + more.all, metadata: texts, to: path
    ) { (name: String) throws(RNNError) in
      if let values = try more.values(of: name) { return values }
      return try parameters.values(of: name)
    }
  }
}
