import RNNCore

/// Tells whether the first row of a table of labels names its columns: whether its label is a usual
/// heading that no other row has.
struct HeadingRow {
  private let isOfTags: Bool
  private let headings: Set<String>
  private var label: String?
  private var place = ""
  private var isEmpty = true

  private static let headings: Set = [
    "bio", "categories", "category", "class", "classes", "emotion", "emotions", "genre", "genres",
    "intent", "intents", "iob", "label", "labels", "language", "ner", "polarity", "rating",
    "ratings", "score", "sentiment", "sentiments", "stance", "stars", "tag", "tags", "target",
    "topic", "topics", "type", "types", "upos",
  ]
  /// Usual ones of tags, which may be classes of texts.
  private static let headingsOfTags: Set = ["chunk", "pos", "slot", "xpos"]
  private static let besides: Set = [
    "document", "gold", "id", "index", "movie", "name", "news", "product", "question", "review",
    "sms", "star", "text", "true", "tweet",
  ]

  /// - Parameter isOfTags: whether labels are those of words.
  init(isOfTags: Bool = false) {
    self.isOfTags = isOfTags
    headings = isOfTags ? Self.headings.union(Self.headingsOfTags) : Self.headings
  }

  /// Takes the label of the next row.
  mutating func add(_ label: String, place: @autoclosure () -> String) {
    if isEmpty {
      isEmpty = false
      guard isHeading(label) else { return }
      (self.label, self.place) = (label, place())
    } else if let first = self.label, label == first || Self.areLetters(first, label) {
      self.label = nil
    }
  }

  /// Whether both are one letter, as y and n are as classes.
  private static func areLetters(_ first: String, _ label: String) -> Bool {
    first.utf8.count == 1 && label.utf8.count == 1
  }

  /// Throws ``RNNError/Kind/format`` about the first row if it names columns.
  ///
  /// - Parameter expected: what the row should have been.
  func check(expected: String) throws(RNNError) {
    guard let label else { return }
    throw RNNError(
      .format, place, expected: expected,
      found: "the heading \(label.excerpt), which skipsHeader (--skip-header) passes over")
  }

  /// As "label", "Class Index", "gold_label", "is_spam" or, of texts, "y".
  func isHeading(_ label: String) -> Bool {
    let name = label.lowercased()
    if !isOfTags, name == "y" { return true }
    let words = name.split { !$0.isLetter }.map(String.init)
    if words.count == 2, words[0] == "is", name == "is_\(words[1])" { return true }
    return words.contains(where: headings.contains)
      && words.allSatisfy { headings.contains($0) || Self.besides.contains($0) }
  }
}
