import RNNCore

/// Tells whether the first row of a table of labels names its columns: whether its label is a usual
/// heading that no other row has.
struct HeadingRow {
  private let headings: Set<String>
  private var label: String?
  private var place = ""
  private var isEmpty = true

  private static let headings: Set = [
    "bio", "categories", "category", "class", "classes", "emotion", "genre", "intent", "iob",
    "label", "labels", "language", "ner", "polarity", "sentiment", "stance", "tag", "tags",
    "target", "topic", "upos",
  ]
  /// Usual ones of tags, which may be classes of texts.
  private static let headingsOfTags: Set = ["chunk", "pos", "slot", "xpos"]
  private static let besides: Set = ["gold", "id", "index", "name", "true"]

  /// - Parameter isOfTags: whether labels are those of words.
  init(isOfTags: Bool = false) {
    headings = isOfTags ? Self.headings.union(Self.headingsOfTags) : Self.headings
  }

  /// Takes the label of the next row.
  mutating func add(_ label: String, place: @autoclosure () -> String) {
    if isEmpty {
      isEmpty = false
      guard isHeading(label) else { return }
      (self.label, self.place) = (label, place())
    } else if label == self.label {
      self.label = nil
    }
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

  /// As "label", "Class Index" or "gold_label".
  func isHeading(_ label: String) -> Bool {
    let words = label.lowercased().split { !$0.isLetter }.map(String.init)
    return words.contains(where: headings.contains)
      && words.allSatisfy { headings.contains($0) || Self.besides.contains($0) }
  }
}
