internal import CLibrary
import FoundationEssentials
import RNNCore

/// What lies in a directory, sorted by name. Hidden entries and files called README or LICENSE
/// (whatever their extension) are passed over.
struct Folder {
  let url: URL
  private(set) var files: [URL] = []
  private(set) var folders: [URL] = []

  /// Throws ``RNNError/Kind/file`` unless `url` is a directory that can be listed.
  init(_ url: URL, expected: String) throws(RNNError) {
    self.url = url
    let kind = EntryKind(of: url)
    let found = kind == .missing ? "no such directory" : kind.rawValue
    guard kind == .directory, let names = FileSystem.names(in: url.path) else {
      throw RNNError(.file, url.path, expected: expected, found: found)
    }
    for name in names.sorted() where !name.hasPrefix(".") {
      let entry = url.appendingPathComponent(name)
      switch EntryKind(of: entry) {
      case .directory: folders.append(entry)
      case .file where !["README", "LICENSE"].contains(entry.stem.uppercased()):
        files.append(entry)
      case .file, .missing: break
      }
    }
  }
}

extension URL {
  /// Where a path leads, from the working folder where it does not begin with `/`. What is in it
  /// is left to the kernel: a `..` behind a link, and a `~` that is a name.
  package init(place path: String) {
    let start = path.hasPrefix("/") ? "" : FileSystem.workingFolder.map { $0 + "/" } ?? ""
    self.init(fileURLWithPath: start + path)
  }

  /// Without the `.gz` of a packed file.
  var unpacked: URL { pathExtension.lowercased() == "gz" ? deletingPathExtension() : self }

  /// The file's name without its last extension, `.gz` not counted.
  var stem: String { unpacked.deletingPathExtension().lastPathComponent }

  /// The file's last extension, `.gz` not counted.
  var format: String { unpacked.pathExtension }

  /// The file of that name in this directory, or `name.gz` if there is that alone.
  func file(_ name: String) -> URL {
    let (plain, packed) = (appendingPathComponent(name), appendingPathComponent(name + ".gz"))
    return EntryKind(of: plain) == .missing && EntryKind(of: packed) == .file ? packed : plain
  }
}

/// A part of a data set.
enum DataPart: String, CaseIterable {
  case train, validation, test

  /// The names of it that are understood.
  private var names: Set<String> {
    switch self {
    case .train: ["train", "training"]
    case .validation: ["valid", "validation", "val", "dev", "testa"]
    case .test: ["test", "testb"]
    }
  }

  /// The part that is not trained on.
  init(_ part: HeldOutPart) { self = part == .test ? .test : .validation }

  /// Whether a file or folder of that name holds this part: whether one of the pieces between its
  /// dots is a name of the part, as in `train.txt.gz`, `ptb.valid.txt`, `eng.testa` or `dev`; or,
  /// of a file in CoNLL-U, what follows `-ud-`, as in `en_gum-ud-train.conllu`.
  func isNamed(by name: String) -> Bool {
    let pieces = name.lowercased().split(separator: ".").map(String.init)
    if pieces.contains(where: names.contains) { return true }
    guard pieces.dropFirst().contains("conllu"), let place = pieces[0].firstRange(of: "-ud-")
    else { return false }
    return pieces[0][place.upperBound...].split(separator: "-").first.map {
      names.contains(String($0))
    } ?? false
  }

  /// The one entry that holds this part, nil if there is none. Throws ``RNNError/Kind/format`` when
  /// there are several.
  func entry(among entries: [URL]) throws(RNNError) -> URL? {
    let mine = entries.filter { isNamed(by: $0.lastPathComponent) }
    guard mine.count <= 1 else {
      throw RNNError(
        .format, mine[0].deletingLastPathComponent().path, expected: "one \(rawValue) part",
        found: mine.map { "\"\($0.lastPathComponent)\"" }.joined(separator: " and "))
    }
    return mine.first
  }

  /// The same for a part that has to be there: throws ``RNNError/Kind/file`` if it is not.
  func requiredEntry(among entries: [URL], in folder: URL) throws(RNNError) -> URL {
    guard let entry = try entry(among: entries) else {
      throw RNNError(
        .file, folder.path, expected: "a \(rawValue) part, such as \(rawValue.prefix(5)).txt",
        found: "none")
    }
    return entry
  }
}
