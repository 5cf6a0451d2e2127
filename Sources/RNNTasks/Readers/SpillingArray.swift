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
