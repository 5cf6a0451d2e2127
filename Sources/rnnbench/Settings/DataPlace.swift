import CLibrary
import FoundationEssentials
import RNNCore
import RNNTasks

/// Where data lie.
enum DataPlace {
  /// Throws for data where none are read, or none where some are.
  static func check(_ url: URL?, for kind: TaskName) throws(RNNError) {
    if (url == nil) == (kind == .transduce) { return }
    throw RNNError(
      .unsupported, "--data",
      expected: kind == .transduce
        ? "none: transductions are generated" : "a file or folder of the kind \(kind.rawValue)",
      found: url == nil ? "none" : "some")
  }

  /// Throws for columns of data that have none.
  static func checkColumns(_ names: Set<String>, in url: URL?) throws(RNNError) {
    guard let url, let name = ["columns", "comments"].first(where: names.contains) else { return }
    let train = FileSystem.status(of: url.appendingPathComponent("train").path)
    guard train?.kind == S_IFDIR else { return }
    throw RNNError(
      .unsupported, "--" + name, expected: "files in columns",
      found: "folders with seq.in and seq.out")
  }
}
