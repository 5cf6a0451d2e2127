import RNNCore

/// A number that hardly any two sets of data share (FNV-1a, 64 bits).
struct Fingerprint {
  private var value: UInt64 = 0xcbf2_9ce4_8422_2325

  var text: String { String(value, radix: 16) }

  mutating func add(_ number: some FixedWidthInteger) {
    value = (value ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01b3
  }

  /// As many numbers as there are ids, and their count.
  mutating func add(_ ids: [Int32]) {
    add(ids.count)
    for id in ids { add(id) }
  }

  mutating func add(_ text: String) { for byte in text.utf8 { add(byte) } }

  mutating func add(_ example: Example) {
    add(example.label ?? -1)
    switch example.input {
    case .tokens(let ids): for id in ids { add(id) }
    case .features(let values, let width):
      add(width)
      for value in values { add(value.bitPattern) }
    }
    switch example.target {
    case .classPerStep(let ids): for id in ids { add(id) }
    case .labelling(let labels): add(labels)
    case .classAtEnd(let id): add(id)
    case .valuesPerStep(let values), .valuesAtEnd(let values):
      for value in values { add(value.bitPattern) }
    }
  }
}
