import FoundationEssentials
import RNNCore

/// Parallel files of words, tags and intents.
struct SentenceFolder {
  let url: URL
  let hasIntents: Bool

  static let wordFile = "seq.in"
  private static let intentFile = "label"

  static func hasIntents(_ url: URL) -> Bool {
    EntryKind(of: url.file(intentFile)) == .file
  }

  /// - Parameter hasIntents: whether they are read; nil where they are if they are there.
  init(url: URL, hasIntents: Bool? = nil) {
    self.url = url
    self.hasIntents = hasIntents ?? Self.hasIntents(url)
  }

  func part() throws(RNNError) -> TaggedPart {
    _ = try Folder(url, expected: "a directory with seq.in and seq.out")
    var words = try reader(Self.wordFile)
    var tags = try reader("seq.out")
    var intents = hasIntents ? try reader(Self.intentFile) : nil
    var part = TaggedPart()
    while let line = try words.next() {
      let wordsOfLine = line.content.words
      guard !wordsOfLine.isEmpty else {
        throw RNNError(.empty, line.place, expected: "a sentence", found: "an empty line")
      }
      guard let tagLine = try tags.next() else {
        throw try tooFew(part.count, in: tags.path, &words)
      }
      var intent: String?
      if let intentLine = try intents?.next() {
        intent = try Self.intent(of: intentLine)
      } else if let intents {
        throw try tooFew(part.count, in: intents.path, &words)
      }
      let sentence = TaggedSentence(
        words: wordsOfLine, tags: try Self.tags(of: tagLine, count: wordsOfLine.count),
        intent: intent)
      try part.add(sentence) { _ in tagLine.place }
    }
    try checkEnd(of: &tags, after: part.count)
    if var rest = intents { try checkEnd(of: &rest, after: part.count) }
    return part
  }

  private func reader(_ name: String) throws(RNNError) -> LineReader {
    try LineReader(reading: url.file(name))
  }

  private static func tags(of line: TextLine, count: Int) throws(RNNError) -> [String] {
    let tags = line.content.words
    guard tags.count == count else {
      throw RNNError(
        .shape, line.place, expected: "\(count) tags, one a word of seq.in", found: "\(tags.count)")
    }
    return tags
  }

  private static func intent(of line: TextLine) throws(RNNError) -> String {
    let names = line.content.words
    guard names.count == 1 else {
      throw RNNError(.shape, line.place, expected: "one intent", found: "\(names.count)")
    }
    return names[0]
  }

  /// The error of a file that ended after `count` lines, when one more of seq.in was read.
  private func tooFew(
    _ count: Int, in path: String, _ words: inout LineReader
  ) throws(RNNError) -> RNNError {
    var lines = count + 1
    while try words.next() != nil { lines += 1 }
    return RNNError(.shape, path, expected: "\(lines) lines, as in seq.in", found: "\(count)")
  }

  private func checkEnd(of reader: inout LineReader, after count: Int) throws(RNNError) {
    var lines = count
    while try reader.next() != nil { lines += 1 }
    guard lines == count else {
      throw RNNError(
        .shape, reader.path, expected: "\(count) lines, as in seq.in", found: "\(lines)")
    }
  }
}
