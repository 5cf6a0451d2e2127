import FoundationEssentials
import RNNCore

/// Tagged sentences for training, validation and test, as text.
///
/// Either the directory holds the folders `train`, `valid` and `test`, each with `seq.in` (one
/// sentence a line, words separated by blanks), `seq.out` (as many IOB tags a line) and, in all
/// three or not used, `label` (one intent a line): the layout of the slot-gated ATIS and SNIPS sets
/// (Goo et al., 2018). Or it holds a file in columns for each part, as the CoNLL shared tasks have
/// them: a word a line with its tag in another column, and an empty line between sentences.
public struct TaggedCorpus: Sendable {
  /// Sentences to learn from.
  public let train: [TaggedSentence]
  /// Sentences to watch learning by.
  public let validation: [TaggedSentence]
  /// Sentences for the final score.
  public let test: [TaggedSentence]

  /// Reads folders. Throws `.file`, `.empty`,
  /// `.format` or `.shape`, naming the file and the line.
  public init(directory: URL) throws(RNNError) {
    let expected = "a directory with train, valid and test"
    _ = try Folder(directory, expected: expected)
    let folders = ["train", "valid", "test"].map { directory.appendingPathComponent($0) }
    let hasIntents = folders.allSatisfy {
      EntryKind(of: $0.file(SentenceFolder.intentFile)) == .file
    }
    var parts: [[TaggedSentence]] = []
    for folder in folders {
      parts.append(try SentenceFolder(url: folder, hasIntents: hasIntents).sentences())
    }
    (train, validation, test) = (parts[0], parts[1], parts[2])
  }

  /// Reads the files in columns of a directory, named as ``DataPart`` says, and throws the same.
  init(columns: ColumnFormat, directory: URL) throws(RNNError) {
    let folder = try Folder(directory, expected: "a directory with train, valid and test")
    var parts: [[TaggedSentence]] = []
    for part in DataPart.allCases {
      let file = try part.requiredEntry(among: folder.files, in: directory)
      parts.append(try columns.sentences(in: file))
    }
    (train, validation, test) = (parts[0], parts[1], parts[2])
  }

  /// Folders if there is one called `train`, files in columns if not.
  init(_ url: URL, _ options: DataOptions) throws(RNNError) {
    if EntryKind(of: url.appendingPathComponent("train")) == .directory {
      try self.init(directory: url)
    } else {
      try self.init(columns: try ColumnFormat(options), directory: url)
    }
  }
}

/// Throws `.format` for what is no IOB tag.
func checkTag(_ tag: String, place: @autoclosure () -> String) throws(RNNError) {
  guard ChunkTag(tag) == nil else { return }
  throw RNNError(.format, place(), expected: "a tag O, B-type or I-type", found: tag.excerpt)
}
