import FoundationEssentials
import RNNCore

/// Where held-out data lie: a file, or the part of a folder that is asked for.
struct HeldOutPlace {
  /// What was given.
  let origin: URL
  /// The part of it that is asked for.
  let part: HeldOutPart

  /// Throws `.file` for what is not there.
  init(_ origin: URL, part: HeldOutPart) throws(RNNError) {
    (self.origin, self.part) = (origin, part)
    guard EntryKind(of: origin) != .missing else {
      throw RNNError(.file, origin.path, expected: "a file or directory", found: "no such file")
    }
  }

  /// Files and folders that are named as a part.
  private var parts: [URL] {
    get throws(RNNError) {
      guard EntryKind(of: origin) == .directory else { return [] }
      let folder = try Folder(origin, expected: "a directory")
      return (folder.folders + folder.files).filter { entry in
        DataPart.allCases.contains { $0.isNamed(by: entry.lastPathComponent) }
      }
    }
  }

  /// The file or folder of the part. A file is the part by itself, and so is a folder in which
  /// nothing is named as a part.
  ///
  /// Throws `.file` for a folder that has other parts alone, `.format` for one with several of that
  /// part.
  func entry() throws(RNNError) -> URL {
    let parts = try parts
    if let own = try DataPart(part).entry(among: parts) { return own }
    guard let other = parts.first else { return origin }
    throw RNNError(
      .file, origin.path,
      expected: "a \(part.rawValue) part, such as \(part.rawValue.prefix(5)).txt",
      found: other.lastPathComponent)
  }

  /// The names of other parts beside it.
  func leftOut() throws(RNNError) -> [String] {
    let own = DataPart(part)
    return try parts.map(\.lastPathComponent).filter { !own.isNamed(by: $0) }
  }

  /// Whether the part would have to be set aside of a training part.
  func isOfTraining() throws(RNNError) -> Bool {
    let parts = try parts.map(\.lastPathComponent)
    return parts.contains { DataPart.train.isNamed(by: $0) }
      && !parts.contains { DataPart(part).isNamed(by: $0) }
  }
}
