/// Sequences of any lengths in one array: eight bytes each beside their elements, where an array of
/// its own takes forty and more.
struct FlatSequences<Element: Sendable>: Sendable {
  /// Of all sequences, one after the other.
  private(set) var elements: [Element] = []
  /// Where each sequence ends.
  private var ends: [Int] = []

  /// How many sequences there are.
  var count: Int { ends.count }

  subscript(index: Int) -> ArraySlice<Element> {
    elements[(index > 0 ? ends[index - 1] : 0)..<ends[index]]
  }

  mutating func append(_ sequence: some Sequence<Element>) {
    elements.append(contentsOf: sequence)
    ends.append(elements.count)
  }
}
