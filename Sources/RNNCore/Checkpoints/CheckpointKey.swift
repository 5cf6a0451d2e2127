/// Compares the version of a model file's layout with the newest that is known.
enum FileVersion {
  /// The version in a complaint, which says so where a newer program wrote the file.
  static func text(_ found: String, known: String) -> String {
    guard let number = Int(found), let newest = Int(known), number > newest else {
      return found.excerpt
    }
    return "version \(number), of a newer RNNCore"
  }
}

/// The library's own keys in the metadata of a file of tensors, and the start of its own tensors'
/// names.
enum CheckpointKey {
  /// What all of them begin with; keys of callers do not.
  static let prefix = "rnncore."
  /// The version of the format of models.
  static let version = prefix + "model"
  /// The configuration of the model.
  static let configuration = prefix + "configuration"
  /// The record of a run; the tensors of its state are named under it.
  static let training = prefix + "training"
  /// The checksum of the contents.
  static let checksum = prefix + "checksum"
}
