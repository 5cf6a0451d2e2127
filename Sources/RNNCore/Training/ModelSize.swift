/// What no model is larger than, checked before memory is taken.
enum ModelSize {
  /// Of any size of a model, so that products of a few of them can be reckoned with.
  static let largest = 1 << 24
  static let mostLayers = 1024

  /// Throws `.range` for sizes whose products, or layers whose number, no memory holds.
  ///
  /// - Parameter storage: at least the number of parameters, computed where nothing can overflow.
  static func check(
    _ sizes: [(name: String, size: Int)], layers: Int, storage: Double
  ) throws(RNNError) {
    for (name, size) in sizes where size > largest {
      throw RNNError(.range, name, expected: "at most \(largest)", found: "\(size)")
    }
    guard layers <= mostLayers else {
      throw RNNError(.range, "layers", expected: "at most \(mostLayers)", found: "\(layers)")
    }
    guard storage < 0x1p40 else {
      throw RNNError(
        .range, "model", expected: "parameters that fit a memory", found: "\(storage)")
    }
  }
}
