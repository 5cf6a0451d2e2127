/// Parameters in files, for models that are no ``ModelFile``'s kind.
extension ParameterStore {
  /// Saves all parameters under their names in the safetensors format; the file appears whole or
  /// not at all.
  ///
  /// Throws what ``SafeTensorsFile/write(_:metadata:to:values:)`` throws.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - metadata: texts to keep with them, such as what the model's sizes are.
  public func save(to path: String, metadata: [String: String] = [:]) throws(RNNError) {
    try SafeTensorsFile.write(
      layout.slices.map { ($0.name, $0.shape) }, metadata: metadata, to: path,
      values: { (name: String) throws(RNNError) in try values(of: name) })
  }

  /// Takes over the values of all parameters from a file.
  ///
  /// Throws what ``SafeTensorsFile/init(reading:)`` throws, ``RNNError/Kind/format`` for a
  /// parameter that the file does not have and ``RNNError/Kind/shape`` for one of another shape;
  /// then nothing has changed.
  public func load(from path: String) throws(RNNError) {
    let file = try SafeTensorsFile(reading: path)
    var loaded: [(name: String, values: [Float])] = []
    for slice in layout.slices {
      let found = try file.tensor(named: slice.name).shape
      guard found == slice.shape else {
        throw RNNError(
          .shape, "\(path): \(slice.name)", expected: "\(slice.shape)",
          found: "\(found)".shortened())
      }
      loaded.append((slice.name, try file.values(of: slice.name)))
    }
    for (name, values) in loaded { try set(name, to: values) }
  }
}
