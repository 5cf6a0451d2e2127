import RNNCore

/// The tokens of a long text, 2 bytes each where all ids are below 65,536 and 4 elsewhere; large
/// ones lie in a file that is mapped into memory, see ``SpillMemory``.
///
/// A copy and a part share what they are of. The indices of a part are those of the whole.
struct TokenSequence: RandomAccessCollection, Sendable {
  /// Bytes of a token.
  enum Width: Int, Sendable {
    case two = 2
    case four = 4

    /// What ids below `count` need.
    init(below count: Int) { self = count <= 1 << 16 ? .two : .four }
  }

  private let memory: SpillMemory
  let width: Width
  private let range: Range<Int>

  fileprivate init(_ memory: SpillMemory, width: Width, _ range: Range<Int>) {
    (self.memory, self.width, self.range) = (memory, width, range)
  }

  /// No tokens.
  init() { self.init(SpillMemory(), width: .two, 0..<0) }

  var startIndex: Int { range.lowerBound }
  var endIndex: Int { range.upperBound }

  subscript(index: Int) -> Int32 {
    precondition(range.contains(index), "a token of the text")
    switch width {
    case .two: return Int32(memory.pointer.load(fromByteOffset: 2 * index, as: UInt16.self))
    case .four: return memory.pointer.load(fromByteOffset: 4 * index, as: Int32.self)
    }
  }

  subscript(part: Range<Int>) -> TokenSequence {
    precondition(part.lowerBound >= startIndex && part.upperBound <= endIndex, "a part of the text")
    return TokenSequence(memory, width: width, part)
  }

  /// The tokens of a part.
  func array(_ part: Range<Int>) -> [Int32] {
    precondition(part.lowerBound >= startIndex && part.upperBound <= endIndex, "a part of the text")
    return [Int32](unsafeUninitializedCapacity: part.count) { buffer, count in
      for index in part { buffer.initializeElement(at: index - part.lowerBound, to: self[index]) }
      count = part.count
    }
  }
}

/// Writes a ``TokenSequence``, token by token.
struct TokenWriter: ~Copyable {
  private let memory: SpillMemory
  private let width: TokenSequence.Width
  private(set) var count = 0

  /// - Parameters:
  ///   - width: of a token; ids that it cannot hold must not come.
  ///   - largest: bytes that stay in the process's own memory.
  init(width: TokenSequence.Width, largest: Int = SpillMemory.largest) {
    (memory, self.width) = (SpillMemory(largest: largest), width)
  }

  /// Makes room for so many tokens in all.
  mutating func reserve(_ total: Int) throws(RNNError) {
    try memory.reserve(total * width.rawValue, isFinal: true)
  }

  /// Throws `.file` where there is no room on disk.
  mutating func append(_ tokens: some Sequence<Int32>) throws(RNNError) {
    for token in tokens { try append(token) }
  }

  mutating func append(_ token: Int32) throws(RNNError) {
    try memory.reserve((count + 1) * width.rawValue)
    switch width {
    case .two:
      memory.pointer.storeBytes(of: UInt16(token), toByteOffset: 2 * count, as: UInt16.self)
    case .four: memory.pointer.storeBytes(of: token, toByteOffset: 4 * count, as: Int32.self)
    }
    count += 1
  }

  /// What was written.
  consuming func finish() -> TokenSequence { TokenSequence(memory, width: width, 0..<count) }
}
