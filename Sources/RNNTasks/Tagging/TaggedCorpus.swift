import FoundationEssentials
import RNNCore

/// Tagged sentences for training, validation and test, as text.
///
/// Either the directory holds the folders `train`, `valid` and `test`, each with `seq.in` (one
/// sentence a line, words separated by blanks), `seq.out` (as many tags a line) and, in all three
/// or not used, `label` (one intent a line): the layout of the slot-gated ATIS and SNIPS sets (Goo
/// et al., 2018). Or it holds a file in columns for each part, as the CoNLL shared tasks and
/// CoNLL-U have them: a word a line with its tag in another column, and an empty line between
/// sentences.
///
/// Tags are labels or chunks; the ``TagScheme`` of chunks is known by the training sentences.
public struct TaggedCorpus: Sendable {
  /// Sentences to learn from.
  public let train: ItemList<TaggedSentence>
  /// Sentences to watch learning by.
  public let validation: ItemList<TaggedSentence>
  /// Sentences for the final score.
  public let test: ItemList<TaggedSentence>
  /// How the files write tags. The sentences have chunks of any scheme in IOB2.
  public let scheme: TagScheme

  /// Reads folders. Throws `.file`, `.empty`,
  /// `.format` or `.shape`, naming the file and the line.
  public init(directory: URL) throws(RNNError) {
    try self.init(folders: directory, .train)
  }

  /// Folders if there is one called `train`, files in columns if not.
  init(_ url: URL, _ options: DataOptions, encoding: TaggingEncoding?) throws(RNNError) {
    let reading = encoding.map { TagReading.saved($0, options.scheme) } ?? .train(options.scheme)
    if EntryKind(of: url.appendingPathComponent("train")) == .directory {
      try self.init(folders: url, reading)
    } else {
      try self.init(columns: try ColumnFormat(options), directory: url, reading)
    }
  }

  private init(folders directory: URL, _ reading: TagReading) throws(RNNError) {
    let expected = "a directory with train, valid and test"
    _ = try Folder(directory, expected: expected)
    let folders = ["train", "valid", "test"].map { directory.appendingPathComponent($0) }
    let hasIntents = folders.allSatisfy(SentenceFolder.hasIntents)
    var parts: [TaggedPart] = []
    for folder in folders {
      parts.append(try SentenceFolder(url: folder, hasIntents: hasIntents).part())
    }
    try self.init(parts, reading)
  }

  private init(
    columns: ColumnFormat, directory: URL, _ reading: TagReading
  ) throws(RNNError) {
    let folder = try Folder(directory, expected: "a directory with train, valid and test")
    var parts: [TaggedPart] = []
    for part in DataPart.allCases {
      let file = try part.requiredEntry(among: folder.files, in: directory)
      parts.append(try columns.part(in: file))
    }
    try self.init(parts, reading)
  }

  /// - Parameter parts: for training, validation and test.
  private init(_ parts: [TaggedPart], _ reading: TagReading) throws(RNNError) {
    let first = try reading.scheme(of: parts[0].evidence)
    scheme = first ?? .iob2
    var tagged: [ItemList<TaggedSentence>] = []
    for part in parts {
      // A model's new data may each have a scheme of their own.
      let own = if case .saved = reading { try reading.scheme(of: part.evidence) } else { first }
      tagged.append(try part.sentences(in: own))
    }
    (train, validation, test) = (tagged[0], tagged[1], tagged[2])
  }
}

extension TaggedCorpus {
  /// Reads held-out sentences alone: a file in columns, a folder with `seq.in` and `seq.out`, or
  /// one part of a directory, whether or not the others are there.
  ///
  /// - Parameters:
  ///   - url: the file, the folder or the directory.
  ///   - part: which one of a directory.
  ///   - options: the columns, and the scheme where it is not to be told by the tags.
  ///   - encoding: of the model that the sentences are for.
  ///
  /// Throws `.file`, `.empty`, `.format` or `.shape`, naming file and line, `.format` also for
  /// labels where the model has chunks; and `.unsupported` for parts of chunks of which a model of
  /// labels knows none, and for a named scheme that is not of the model's kind.
  static func heldOut(
    _ url: URL, _ part: HeldOutPart, _ options: DataOptions, encoding: TaggingEncoding
  ) throws(RNNError) -> ItemList<TaggedSentence> {
    let tagged = try heldOut(url, part, options)
    let reading = TagReading.saved(encoding, options.scheme)
    return try tagged.sentences(in: reading.scheme(of: tagged.evidence))
  }

  private static func heldOut(
    _ url: URL, _ part: HeldOutPart, _ options: DataOptions
  ) throws(RNNError) -> TaggedPart {
    let format = try ColumnFormat(options)
    if EntryKind(of: url) == .file { return try format.part(in: url) }
    let folder = try Folder(url, expected: "a file or directory of tagged sentences")
    if EntryKind(of: url.file(SentenceFolder.wordFile)) == .file {
      return try SentenceFolder(url: url).part()
    }
    let wanted = DataPart(part)
    if let inner = try wanted.entry(among: folder.folders) {
      return try SentenceFolder(url: inner).part()
    }
    return try format.part(in: wanted.requiredEntry(among: folder.files, in: url))
  }
}

/// Whose scheme the tags of data are read in.
private enum TagReading {
  /// The one that is named, or their own.
  case train(TagScheme?)
  /// The one that is named, or their own where a model's encoding has chunks.
  case saved(TaggingEncoding, TagScheme?)

  static var train: TagReading { .train(nil) }

  /// Nil for tags that are left as they are, of models that know them so.
  func scheme(of evidence: SchemeEvidence) throws(RNNError) -> TagScheme? {
    switch self {
    case .train(let named?): return named
    case .train(nil): return try evidence.scheme()
    case .saved(let encoding, let named): return try encoding.scheme(of: evidence, named: named)
    }
  }
}
