import RNNCore

/// Sequences of any lengths in one array, which may be larger than memory: eight bytes each beside
/// their elements, where an array of its own takes forty and more.
struct FlatSequences<Element: BitwiseCopyable & Sendable>: Sendable {
  /// The elements of all sequences, one sequence after the other.
  private(set) var elements: SpillingArray<Element>
  /// Where each sequence ends.
  private var ends: SpillingArray<Int>

  /// - Parameter largest: bytes of elements that stay in the process's own memory, and as many of
  ///   their places.
  init(largest: Int = SpillMemory.largest) {
    (elements, ends) = (SpillingArray(largest: largest), SpillingArray(largest: largest))
  }

  /// How many sequences there are.
  var count: Int { ends.count }

  /// How many elements a sequence has.
  func length(_ index: Int) -> Int { range(index).count }

  subscript(index: Int) -> [Element] { elements.array(range(index)) }

  /// Says that some neighbours will be read.
  @Sendable func willRead(_ part: Range<Int>) {
    guard !part.isEmpty else { return }
    ends.willRead(max(0, part.lowerBound - 1)..<part.upperBound)
    elements.willRead(range(part.lowerBound).lowerBound..<ends[part.upperBound - 1])
  }

  private func range(_ index: Int) -> Range<Int> {
    (index > 0 ? ends[index - 1] : 0)..<ends[index]
  }

  /// Throws `.file` where there is no room on disk.
  mutating func append(_ sequence: some Sequence<Element>) throws(RNNError) {
    try elements.append(contentsOf: sequence)
    try ends.append(elements.count)
  }
}
