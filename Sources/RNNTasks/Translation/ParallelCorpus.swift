import FoundationEssentials
import RNNCore

/// Sentences with their translations for training, validation and test.
///
/// A directory holds two files for each part, which differ in their last extension, the language
/// (the `.gz` of packed files not counted): line i of `train.de` has the translation of line i of
/// `train.en`. Words are separated by blanks (tokenised). Between the dots of their names stand
/// `train`, `val` (or `valid`, `dev`) and, for each of any number of tests, a name that starts with
/// `test`: `val.lc.norm.tok.de` and `test_2016_flickr.lc.norm.tok.de` are such, as Multi30k
/// (Elliott et al., 2016) has them. Other files are passed over.
public struct ParallelCorpus: Sendable {
  /// A test set.
  public struct Test: Hashable, Sendable {
    /// The files' name before the first dot.
    public let name: String
    /// Its sentences with their translations.
    public let pairs: [SentencePair]
  }

  /// From which language into which.
  public let languages: LanguagePair
  /// Sentences to learn from.
  public let train: [SentencePair]
  /// Sentences to watch learning by.
  public let validation: [SentencePair]
  /// In order of name.
  public let tests: [Test]
  /// How many pairs of the training files were left out, a side being empty or too long.
  public let skipped: Int

  /// Reads a directory.
  ///
  /// - Parameters:
  ///   - directory: where the files are.
  ///   - languages: from which into which; nil for the two that the training files have, from the
  ///     first into the second by alphabet.
  ///   - normalization: what is done to every word of both sides.
  ///   - maximumLength: training pairs with more words on a side are left out; held-out ones never
  ///     are, so that scores are comparable.
  ///
  /// Throws `.file` for what is missing or cannot be read, `.format`
  /// for several files of one part or other than two languages, `.shape`, with file
  /// and line, for sides with different numbers of lines, `.empty` for held-out
  /// sentences and parts without words, and `.range` for a length below 1.
  public init(
    directory: URL, languages: LanguagePair? = nil,
    normalization: TextNormalization = TextNormalization(), maximumLength: Int? = nil
  ) throws(RNNError) {
    var (train, validation, tests) = (
      [SentencePair](), [SentencePair](), [(String, [SentencePair])]()
    )
    (self.languages, skipped) = try Self.read(
      directory, languages: languages, normalization: normalization, maximumLength: maximumLength
    ) { part, pair in
      switch part {
      case .training: train.append(pair)
      case .validation: validation.append(pair)
      case .test(let index, let name):
        if index == tests.count { tests.append((name, [])) }
        tests[index].1.append(pair)
      }
    }
    (self.train, self.validation) = (train, validation)
    self.tests = tests.map { Test(name: $0.0, pairs: $0.1) }
  }

  /// A part that a pair is of.
  enum Part {
    case training, validation
    /// Of which test set, in order of name.
    case test(Int, name: String)
  }

  /// Hands over each pair as it is read; those of no use are left out of the training part.
  ///
  /// Throws as the initialiser.
  static func read(
    _ directory: URL, languages: LanguagePair?, normalization: TextNormalization,
    maximumLength: Int?, _ take: (Part, SentencePair) throws(RNNError) -> Void
  ) throws(RNNError) -> (languages: LanguagePair, skipped: Int) {
    guard maximumLength ?? 1 >= 1 else {
      throw RNNError(
        .range, "maximumLength", expected: "at least 1", found: "\(maximumLength ?? 0)")
    }
    let folder = try Folder(directory, expected: "a directory with train, valid and test")
    let languages = if let languages { languages } else { try Self.languages(of: folder) }
    let sources = folder.files.filter { $0.format == languages.source }
    let reader = PairReader(languages: languages, normalization: normalization)

    let trainFile = try DataPart.train.requiredEntry(among: sources, in: directory)
    let most = maximumLength ?? .max
    var (taken, skipped) = (0, 0)
    try reader.read(trainFile, keepsEmpty: true) { (pair) throws(RNNError) in
      if [pair.source, pair.target].allSatisfy({ !$0.isEmpty && $0.count <= most }) {
        try take(.training, pair)
        taken += 1
      } else {
        skipped += 1
      }
    }
    guard taken > 0 else {
      throw RNNError(
        .empty, trainFile.path, expected: "pairs of sentences",
        found: "none that are neither empty nor too long")
    }
    let validation = try DataPart.validation.requiredEntry(among: sources, in: directory)
    try reader.read(validation, keepsEmpty: false) { (pair) throws(RNNError) in
      try take(.validation, pair)
    }
    let tests = sources.filter { $0.testName != nil }
    for (index, file) in tests.enumerated() {
      try reader.read(file, keepsEmpty: false) {
        (pair) throws(RNNError) in
        try take(.test(index, name: file.testName ?? ""), pair)
      }
    }
    guard !tests.isEmpty else {
      throw RNNError(
        .file, directory.path, expected: "a test part, such as test.\(languages.source)",
        found: "none")
    }
    return (languages, skipped)
  }

  /// Hands over the sentences of one part alone: all its sets of a directory, or those of a file
  /// and of the one beside it that differs in its last extension.
  static func heldOut(
    _ place: HeldOutPlace, languages: LanguagePair?, normalization: TextNormalization,
    _ take: (_ set: Int, _ name: String, SentencePair) throws(RNNError) -> Void
  ) throws(RNNError) {
    let (files, languages) = try heldOutFiles(place, languages: languages)
    let reader = PairReader(languages: languages, normalization: normalization)
    for (set, file) in files.enumerated() {
      let name = file.testName ?? place.part.rawValue
      try reader.read(file, keepsEmpty: false) { (pair) throws(RNNError) in
        try take(set, name, pair)
      }
    }
  }

  /// The files of one part's sources: at least one.
  static func heldOutFiles(
    _ place: HeldOutPlace, languages: LanguagePair?
  ) throws(RNNError) -> (sources: [URL], languages: LanguagePair) {
    let isFile = EntryKind(of: place.origin) == .file
    let folder = try Folder(
      isFile ? place.origin.deletingLastPathComponent() : place.origin, expected: "a directory")
    let files = folder.files.filter { file in
      if isFile { return file.stem == place.origin.stem }
      return place.part == .test
        ? file.testName != nil : DataPart.validation.isNamed(by: file.lastPathComponent)
    }
    let languages =
      if let languages { languages } else {
        try Self.languages(of: files, in: folder.url, expected: "files in two languages")
      }
    let sources = files.filter { $0.format == languages.source }
    guard !sources.isEmpty else {
      throw RNNError(
        .file, place.origin.path,
        expected: "a \(place.part.rawValue) part in \(languages.source)", found: "none")
    }
    return (sources, languages)
  }

  /// The words of training sentences that come at least `minimumCount` times, in order of first
  /// appearance: one vocabulary a side. Throws `.range` for a count below 1, and
  /// `.vocabulary` for one that no word reaches.
  public func vocabularies(
    minimumCount: Int = 1
  ) throws(RNNError) -> (source: Vocabulary<String>, target: Vocabulary<String>) {
    guard minimumCount >= 1 else {
      throw RNNError(.range, "minimumCount", expected: "at least 1", found: "\(minimumCount)")
    }
    return (
      try Vocabulary(train.flatMap(\.source), minimumCount: minimumCount),
      try Vocabulary(train.flatMap(\.target), minimumCount: minimumCount)
    )
  }

  /// The extensions of the two training files.
  private static func languages(of folder: Folder) throws(RNNError) -> LanguagePair {
    try Self.languages(
      of: folder.files.filter { DataPart.train.isNamed(by: $0.lastPathComponent) },
      in: folder.url, expected: "training files in two languages, such as train.de and train.en")
  }

  private static func languages(
    of files: [URL], in folder: URL, expected: String
  ) throws(RNNError) -> LanguagePair {
    let extensions = Set(files.map(\.format)).sorted()
    guard extensions.count == 2 else {
      throw RNNError(
        .format, folder.path, expected: expected,
        found: extensions.isEmpty ? "none" : extensions.joined(separator: ", ").excerpt)
    }
    return LanguagePair(source: extensions[0], target: extensions[1])
  }
}

extension URL {
  /// What stands before the first dot if it names a test: "test", or "test" and no letter after it.
  fileprivate var testName: String? {
    let name = lastPathComponent.prefix { $0 != "." }
    guard name.lowercased().hasPrefix("test"), name.dropFirst(4).first?.isLetter != true else {
      return nil
    }
    return String(name)
  }
}

/// Reads a file together with the one of the other language.
private struct PairReader {
  let languages: LanguagePair
  let normalization: TextNormalization

  /// - Parameter keepsEmpty: whether lines without words are pairs or an error.
  func read(
    _ source: URL, keepsEmpty: Bool, _ take: (SentencePair) throws(RNNError) -> Void
  ) throws(RNNError) {
    let target = source.deletingLastPathComponent().file("\(source.stem).\(languages.target)")
    var sourceLines = try LineReader(reading: source)
    var targetLines = try LineReader(reading: target)
    var count = 0
    while true {
      let (sourceLine, targetLine) = (try sourceLines.next(), try targetLines.next())
      guard let sourceLine, let targetLine else {
        if let line = sourceLine ?? targetLine {
          throw failure(at: line, among: [source, target], count: count)
        }
        return
      }
      let pair = SentencePair(source: words(sourceLine), target: words(targetLine))
      for (words, line) in [(pair.source, sourceLine), (pair.target, targetLine)]
      where words.isEmpty && !keepsEmpty {
        throw RNNError(.empty, line.place, expected: "a sentence", found: "an empty line")
      }
      try take(pair)
      count += 1
    }
  }

  private func words(_ line: TextLine) -> [String] {
    line.content.words.map { normalization($0) }
  }

  /// The error of a line that the other file has nothing for.
  private func failure(at line: TextLine, among files: [URL], count: Int) -> RNNError {
    let names = files.map(\.lastPathComponent).joined(separator: " and ")
    return RNNError(
      .shape, line.place, expected: "as many lines in \(names)", found: "\(count) in the other")
  }
}
