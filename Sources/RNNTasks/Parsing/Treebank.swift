import FoundationEssentials
import RNNCore

/// Trees for training, validation and test, in one of these layouts:
///
/// - a directory with a file or a directory of files for each part (`train`, `dev`, `test`);
/// - a directory with `splits.md` and documents in `const`, as the GUM corpus (Zeldes, 2017) has
///   them: documents named under the heading `dev` or `test` belong to that part, those under
///   another heading to none, and all others are for training.
public struct Treebank: Sendable {
  /// Trees to learn from.
  public let train: [BracketedTree]
  /// Trees to watch learning by.
  public let validation: [BracketedTree]
  /// Trees for the final score.
  public let test: [BracketedTree]

  /// - Parameters:
  ///   - directory: where the files are.
  ///   - cleaning: what is done to every tree.
  ///   - maximumLength: training trees over more words are left out; held-out ones never are.
  ///
  /// Throws `.file` for what is missing, `.empty` for a part without
  /// trees, `.range` for a length below 1, and what ``TreeReader`` throws.
  public init(
    directory: URL, cleaning: TreeCleaning = TreeCleaning(), maximumLength: Int? = nil
  ) throws(RNNError) {
    var parts: [DataPart: [BracketedTree]] = [:]
    try Self.read(directory, cleaning: cleaning, maximumLength: maximumLength) { part, tree in
      parts[part, default: []].append(tree)
    }
    train = parts[.train, default: []]
    validation = parts[.validation, default: []]
    test = parts[.test, default: []]
  }

  /// Hands over each tree as it is read, part by part. Throws as the initialiser.
  static func read(
    _ directory: URL, cleaning: TreeCleaning = TreeCleaning(), maximumLength: Int?,
    _ take: (DataPart, BracketedTree) throws(RNNError) -> Void
  ) throws(RNNError) {
    guard maximumLength ?? 1 >= 1 else {
      throw RNNError(
        .range, "maximumLength", expected: "at least 1", found: "\(maximumLength ?? 0)")
    }
    let folder = try Folder(directory, expected: "a directory with train, valid and test")
    let splits = folder.files.first { $0.lastPathComponent == "splits.md" }
    let files =
      if let splits { try Self.files(in: folder, by: splits) } else { try Self.files(in: folder) }
    for part in DataPart.allCases {
      let most = part == .train ? maximumLength ?? .max : .max
      var count = 0
      for file in files[part, default: []] {
        try read(file, cleaning: cleaning) { (tree) throws(RNNError) in
          guard tree.words.count <= most else { return }
          try take(part, tree)
          count += 1
        }
      }
      guard count > 0 else {
        throw RNNError(
          .empty, directory.path, expected: "trees of the \(part.rawValue) part", found: "none")
      }
    }
  }

  /// Hands over the trees of one part alone: those of a file, of all files of a folder, or of the
  /// part that a corpus with `splits.md` gives.
  static func heldOut(
    _ place: HeldOutPlace, _ take: (BracketedTree) throws(RNNError) -> Void
  ) throws(RNNError) {
    let files: [URL]
    let splits = place.origin.appendingPathComponent("splits.md")
    if EntryKind(of: splits) == .file {
      let folder = try Folder(place.origin, expected: "a directory of trees")
      files = try Self.files(in: folder, by: splits)[DataPart(place.part), default: []]
    } else {
      let entry = try place.entry()
      files =
        EntryKind(of: entry) == .directory
        ? try Folder(entry, expected: "a directory of trees").files : [entry]
    }
    guard !files.isEmpty else {
      throw RNNError(.empty, place.origin.path, expected: "trees", found: "none")
    }
    for file in files { try read(file, take) }
  }

  /// The trees of a file, at least one.
  private static func read(
    _ file: URL, cleaning: TreeCleaning = TreeCleaning(),
    _ take: (BracketedTree) throws(RNNError) -> Void
  ) throws(RNNError) {
    var reader = try TreeReader(reading: file, cleaning: cleaning)
    var isEmpty = true
    while let tree = try reader.next() {
      isEmpty = false
      try take(tree)
    }
    if isEmpty { throw TreeReader.noTrees(in: file) }
  }

  private static func files(in folder: Folder) throws(RNNError) -> [DataPart: [URL]] {
    var files: [DataPart: [URL]] = [:]
    for part in DataPart.allCases {
      let entry = try part.requiredEntry(among: folder.files + folder.folders, in: folder.url)
      files[part] =
        EntryKind(of: entry) == .directory
        ? try Folder(entry, expected: "a directory of trees").files : [entry]
    }
    return files
  }

  private static func files(
    in folder: Folder, by splits: URL
  ) throws(RNNError) -> [DataPart: [URL]] {
    var heading: String?
    var headings: [String: String] = [:]
    var lines = try LineReader(reading: splits)
    while let line = try lines.next() {
      let words = line.content.words
      guard words.count > 1 else { continue }
      if words[0].allSatisfy({ $0 == "#" }) {
        heading = words[1].lowercased()
      } else if words[0] == "*", let heading {
        headings[words[1]] = heading
      }
    }
    let documents = try Folder(
      folder.url.appendingPathComponent("const"), expected: "a directory of documents")
    let parts: [String?: DataPart] = [
      nil: .train, "train": .train, "dev": .validation, "test": .test,
    ]
    return Dictionary(
      grouping: documents.files.filter { parts[headings[$0.stem]] != nil },
      by: { parts[headings[$0.stem], default: .train] })
  }
}
