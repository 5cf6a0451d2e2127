import RNNCore

/// An array that may be larger than memory: it lies in a file that is mapped into memory where it
/// is long, see ``SpillMemory``.
///
/// A copy shares the memory until one of both grows, which then gets its own.
struct SpillingArray<Element: BitwiseCopyable & Sendable>: RandomAccessCollection,
  @unchecked Sendable
{
  private var memory: SpillMemory
  private let largest: Int
  private(set) var endIndex = 0

  /// - Parameter largest: bytes that stay in the process's own memory.
  init(largest: Int = SpillMemory.largest) {
    memory = SpillMemory(largest: largest, fetchesNeighbours: false)
    self.largest = largest
  }

  var startIndex: Int { 0 }

  subscript(index: Int) -> Element {
    precondition((0..<endIndex).contains(index), "an element of the array")
    return pointer[index]
  }

  /// A copy of some elements.
  func array(_ part: Range<Int>) -> [Element] {
    precondition(part.lowerBound >= 0 && part.upperBound <= endIndex, "a part of the array")
    return Array(UnsafeBufferPointer(start: pointer + part.lowerBound, count: part.count))
  }

  /// Says that some neighbours will be read.
  func willRead(_ part: Range<Int>) {
    let stride = MemoryLayout<Element>.stride
    memory.willRead(part.lowerBound * stride..<part.upperBound * stride)
  }

  /// Throws `.file` where there is no room on disk.
  mutating func append(_ element: Element) throws(RNNError) {
    try reserve(endIndex + 1)
    pointer[endIndex] = element
    endIndex += 1
  }

  /// Throws `.file` where there is no room on disk.
  mutating func append(contentsOf elements: some Sequence<Element>) throws(RNNError) {
    try reserve(endIndex + elements.underestimatedCount)
    for element in elements { try append(element) }
  }

  private var pointer: UnsafeMutablePointer<Element> {
    memory.pointer.assumingMemoryBound(to: Element.self)
  }

  private mutating func reserve(_ count: Int) throws(RNNError) {
    let stride = MemoryLayout<Element>.stride
    if !isKnownUniquelyReferenced(&memory) {
      let own = SpillMemory(largest: largest, fetchesNeighbours: false)
      try own.reserve(count * stride)
      own.pointer.copyMemory(from: memory.pointer, byteCount: endIndex * stride)
      memory = own
    }
    try memory.reserve(count * stride)
  }
}

/// Sequences of any lengths in one array, which may be larger than memory: eight bytes each beside
/// their elements, where an array of its own takes forty and more.
struct FlatSequences<Element: BitwiseCopyable & Sendable>: Sendable {
  /// Of all sequences, one after the other.
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
