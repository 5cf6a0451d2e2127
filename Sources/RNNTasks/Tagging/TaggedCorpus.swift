import Foundation
import RNNCore

/// Tagged sentences for training, validation and test, as text.
///
/// The directory holds the folders `train`, `valid` and `test`, each with `seq.in` (one sentence a
/// line, words separated by blanks) and `seq.out` (as many IOB tags a line); other files, such as
/// `label`, are not read. This is the layout of the slot-gated ATIS and SNIPS sets (Goo et al.,
/// 2018).
public struct TaggedCorpus: Sendable {
  public let train: [TaggedSentence]
  public let validation: [TaggedSentence]
  public let test: [TaggedSentence]

  /// Throws ``RNNError/Kind/file``, ``RNNError/Kind/empty``, ``RNNError/Kind/format`` or
  /// ``RNNError/Kind/shape``, naming the file and the line.
  public init(directory: URL) throws(RNNError) {
    try Self.checkDirectory(directory, expected: "a directory with train, valid and test")
    train = try Self.sentences(in: directory.appendingPathComponent("train"))
    validation = try Self.sentences(in: directory.appendingPathComponent("valid"))
    test = try Self.sentences(in: directory.appendingPathComponent("test"))
  }

  private static func sentences(in folder: URL) throws(RNNError) -> [TaggedSentence] {
    try checkDirectory(folder, expected: "a directory with seq.in and seq.out")
    let wordFile = try TextFile(reading: folder.appendingPathComponent("seq.in"))
    let tagFile = try TextFile(reading: folder.appendingPathComponent("seq.out"))
    let (wordLines, tagLines) = (wordFile.wordsByLine, tagFile.wordsByLine)
    guard wordLines.count == tagLines.count else {
      throw RNNError(
        .shape, tagFile.url.path, expected: "\(wordLines.count) lines, as in seq.in",
        found: "\(tagLines.count)")
    }
    var sentences: [TaggedSentence] = []
    sentences.reserveCapacity(wordLines.count)
    for (index, (words, tags)) in zip(wordLines, tagLines).enumerated() {
      guard !words.isEmpty else {
        throw RNNError(
          .empty, "\(wordFile.url.path), line \(index + 1)", expected: "a sentence",
          found: "an empty line")
      }
      try checkTags(tags, count: words.count, place: "\(tagFile.url.path), line \(index + 1)")
      sentences.append(TaggedSentence(words: words, tags: tags))
    }
    return sentences
  }

  private static func checkTags(
    _ tags: [String], count: Int, place: @autoclosure () -> String
  ) throws(RNNError) {
    guard tags.count == count else {
      throw RNNError(
        .shape, place(), expected: "\(count) tags, one a word of seq.in", found: "\(tags.count)")
    }
    for tag in tags where ChunkTag(tag) == nil {
      throw RNNError(.format, place(), expected: "a tag O, B-type or I-type", found: "\"\(tag)\"")
    }
  }

  private static func checkDirectory(_ url: URL, expected: String) throws(RNNError) {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
    if exists && isDirectory.boolValue { return }
    throw RNNError(
      .file, url.path, expected: expected, found: exists ? "a file" : "no such directory")
  }
}
