import RNNCore

/// A number that hardly any two sets of data share (FNV-1a, 64 bits).
struct Fingerprint {
  /// How much of the data it tells apart.
  enum Version: String, CaseIterable {
    /// What models were saved with that say no version: no mark shows where a part or a text ends,
    /// and a line moved from one part to the next goes unnoticed.
    case unmarked = ""
    /// With marks between parts and the count of each list.
    case marked = "2."
    /// With examples that can be asked for by number in their own order, not in that of training.
    case inOrder = "3."

    /// That of a fingerprint that was saved.
    init(of text: String) {
      self = [.inOrder, .marked].first { text.hasPrefix($0.rawValue) } ?? .unmarked
    }
  }

  private let version: Version
  private var value: UInt64 = 0xcbf2_9ce4_8422_2325

  init(_ version: Version) { self.version = version }

  /// The version and the number.
  var text: String { version.rawValue + String(value, radix: 16) }

  mutating func add(_ number: some FixedWidthInteger) {
    value = (value ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01b3
  }

  /// As many numbers as there are ids, and their count.
  mutating func add(_ ids: [Int32]) {
    add(ids.count)
    for id in ids { add(id) }
  }

  mutating func add(_ text: String) {
    mark(text.utf8.count)
    for byte in text.utf8 { add(byte) }
  }

  /// The items of a part, behind their number.
  mutating func add<Item>(part: some Collection<Item>, _ item: (inout Fingerprint, Item) -> Void) {
    mark(part.count)
    for one in part { item(&self, one) }
  }

  mutating func add(_ example: Example) {
    add(example.label ?? -1)
    switch example.input {
    case .tokens(let ids):
      mark(ids.count)
      for id in ids { add(id) }
    case .features(let values, let width):
      add(width)
      mark(values.count)
      for value in values { add(value.bitPattern) }
    }
    switch example.target {
    case .classPerStep(let ids):
      mark(ids.count)
      for id in ids { add(id) }
    case .labelling(let labels): add(labels)
    case .classAtEnd(let id): add(id)
    case .valuesPerStep(let values), .valuesAtEnd(let values):
      mark(values.count)
      for value in values { add(value.bitPattern) }
    }
  }

  /// A number that versions before marks do without.
  mutating func mark(_ number: Int) { if version != .unmarked { add(number) } }
}
