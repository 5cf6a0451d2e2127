/// The memory that something will take, part by part, reckoned before it is taken and on the side
/// of too much.
///
/// ```swift
/// let need = try configuration.memoryNeeded(for: BatchExtent(sequences: 32, steps: 100))
/// print(need.bytes, need.largest?.name ?? "")
/// try need.check()
/// ```
public struct MemoryNeed: Sendable, Hashable {
  /// What some of the memory is for.
  public struct Part: Sendable, Hashable {
    /// In words.
    public let name: String
    /// `Int.max` for all that is larger.
    public fileprivate(set) var bytes: Int
  }

  /// In the order in which they were added, each name once.
  public private(set) var parts: [Part] = []

  /// Nothing.
  public init() {}

  /// All parts together; `Int.max` for all that is larger.
  public var bytes: Int { parts.reduce(Amount(0)) { $0 + $1.bytes }.value }

  /// The part that takes the most; nil without parts.
  public var largest: Part? { parts.max { $0.bytes < $1.bytes } }

  /// Adds memory to the part of that name.
  public mutating func add(_ name: String, bytes: Int) { add(name, bytes: Amount(bytes)) }

  /// Adds all parts of another need.
  public mutating func add(_ other: MemoryNeed) {
    for part in other.parts { add(part.name, bytes: part.bytes) }
  }

  package mutating func add(_ name: String, bytes: Amount) {
    guard bytes > 0 else { return }
    if let index = parts.firstIndex(where: { $0.name == name }) {
      parts[index].bytes = (bytes + parts[index].bytes).value
    } else {
      parts.append(Part(name: name, bytes: bytes.value))
    }
  }

  package mutating func add(_ name: String, floats: Amount) {
    add(name, bytes: floats * MemoryLayout<Float>.stride)
  }

  package static func + (a: MemoryNeed, b: MemoryNeed) -> MemoryNeed {
    var sum = a
    sum.add(b)
    return sum
  }

  /// Throws ``RNNError/Kind/memory`` where the process may not take as much, with up to 64 MiB more
  /// beside it for what is not counted.
  ///
  /// - Parameters:
  ///   - limit: what the process may take.
  ///   - taken: bytes of the need that the process has already.
  ///   - argument: whose need it is, for the error.
  public func check(
    within limit: MemoryLimit = .current(), taken: Int = 0, argument: String = "memory"
  ) throws(RNNError) {
    guard !fits(limit, taken: taken) else { return }
    throw RNNError(
      .memory, argument, expected: "at most \(limit)", found: description)
  }

  /// Whether the process may take as much, with some more beside it.
  ///
  /// - Parameters:
  ///   - limit: what the process may take.
  ///   - taken: bytes of the need that the process has already.
  ///   - isWholeRun: whether threads are still to be started, each with stack and heap of its own,
  ///     which take more of the address space than memory.
  package func fits(_ limit: MemoryLimit, taken: Int = 0, isWholeRun: Bool = false) -> Bool {
    let open = Amount(bytes - min(bytes, taken))
    let isMapped = isWholeRun && limit.source == .addressSpace
    return open + min(open, isMapped ? Self.mapped : Self.margin) <= Amount(limit.bytes)
  }

  /// Left for arrays of the moment and pages of the allocator, or as much again as is needed where
  /// that is less.
  private static let margin = Amount(1 << 26)
  /// The same with the stacks and heaps of threads.
  private static let mapped = Amount(1 << 28)
}

extension MemoryNeed: CustomStringConvertible {
  /// As in `about 3.5 GiB, 3.1 GiB of it parameters`.
  public var description: String {
    let all = "about \(MemoryNeed.text(bytes))"
    guard let largest, parts.count > 1 else { return all }
    return "\(all), \(MemoryNeed.text(largest.bytes)) of it \(largest.name)"
  }

  /// Bytes in the unit that suits them, to one decimal.
  static func text(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    let tenths = (value * 10).rounded() / 10
    return (tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)") + " " + units[unit]
  }
}
