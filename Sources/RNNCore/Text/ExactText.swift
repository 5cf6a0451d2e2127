/// A text that equals another only where all Unicode scalars do, and is ordered by them.
///
/// Swift's `String` also takes canonical equivalents for equal, such as é composed and decomposed.
/// Files, formats and the tools that share them do not.
package struct ExactText: Hashable, Comparable, Sendable {
  /// The text itself.
  package let text: String

  /// Wraps a text.
  package init(_ text: String) { self.text = text }

  /// Whether all scalars are the same.
  package static func == (a: ExactText, b: ExactText) -> Bool { a.text.hasSameScalars(as: b.text) }

  /// Whether the first scalar that differs is lower, as other languages sort.
  package static func < (a: ExactText, b: ExactText) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  /// Texts of the same scalars have the same hash as a `String` too.
  package func hash(into hasher: inout Hasher) { text.hash(into: &hasher) }
}

extension String {
  /// Whether both have the same scalars: `==` also holds for canonical equivalents.
  package func hasSameScalars(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}
