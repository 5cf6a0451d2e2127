/// What no model is larger than, checked before memory is taken.
public enum ModelSize {
  /// The largest value of any one size, so that products of a few of them can be reckoned with.
  public static let largest = 1 << 24
  /// The most layers of one network.
  public static let mostLayers = 1024

  /// Throws `.range` for sizes below 1 or above ``largest`` and for more than ``mostLayers``,
  /// `.memory` for sizes whose products no memory holds.
  ///
  /// - Parameters:
  ///   - sizes: of the model, by their names.
  ///   - layers: how many one network has.
  ///   - storage: at least the number of parameters, computed where nothing can overflow.
  public static func check(
    _ sizes: [(name: String, size: Int)], layers: Int, storage: Double
  ) throws(RNNError) {
    for (name, size) in sizes {
      guard size > largest else {
        try requirePositive(size, name)
        continue
      }
      throw RNNError(.range, name, expected: "at most \(largest)", found: "\(size)")
    }
    guard layers <= mostLayers else {
      throw RNNError(.range, "layers", expected: "at most \(mostLayers)", found: "\(layers)")
    }
    guard storage < 0x1p40 else {
      throw RNNError(
        .memory, "model", expected: "parameters that fit a memory", found: "\(storage)")
    }
  }
}
