import RNNCore

extension TaskEncoding {
  /// The name of the text in a model's file that tells its encoding.
  package static let metadataKey = "rnntasks.encoding"
  /// The name of the text that tells how its data were read.
  package static let optionsKey = "rnntasks.data"

  /// To be saved with a model, so that whoever reads its file can turn other data into the model's
  /// numbers:
  ///
  /// ```swift
  /// try model.save(to: "tagger.safetensors", metadata: task.encoding.metadata(options: options))
  /// ```
  ///
  /// `rnnbench profile --model tagger.safetensors --data DIR` then numbers words and labels as they
  /// were in training.
  ///
  /// - Parameter options: those that the task was made with.
  public func metadata(options: DataOptions = DataOptions()) -> [String: String] {
    [Self.metadataKey: json, Self.optionsKey: options.jsonLine]
  }

  /// Reads the encoding that a model's file tells; nil for a file that tells none.
  ///
  /// Throws what ``init(json:name:)`` throws.
  public init?(_ file: ModelFile) throws(RNNError) {
    guard let text = file.metadata[Self.metadataKey] else { return nil }
    try self.init(json: text, name: "\(file.path): \(Self.metadataKey)")
  }

  /// How the data of a model were read that was saved with ``metadata(options:)``; nil for a file
  /// that does not tell.
  ///
  /// Throws `.format` for a text that is no such options.
  public static func options(in file: ModelFile) throws(RNNError) -> DataOptions? {
    guard let text = file.metadata[optionsKey] else { return nil }
    return try DataOptions(
      jsonLine: text, name: "\(file.path): \(optionsKey)", expected: "options of data")
  }
}
