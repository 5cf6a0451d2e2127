@testable import RNNCore

/// Changes that disks, networks and editors make to bytes.
struct Mutator {
  var generator: RandomGenerator

  mutating func mutated(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...generator.integer(below: 3) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = generator.integer(below: bytes.count)
    let range = place..<place + 1 + generator.integer(below: min(64, bytes.count - place))
    switch generator.integer(below: 7) {
    case 0: bytes[place] ^= 1 << generator.integer(below: 8)
    case 1: bytes[place] = UInt8(generator.integer(below: 256))
    case 2: bytes.removeLast(bytes.count - place)
    case 3: bytes.removeSubrange(range)
    case 4: bytes.insert(contentsOf: bytes[range], at: generator.integer(below: bytes.count))
    case 5:
      // A splice of the same length elsewhere.
      let target = generator.integer(below: bytes.count - range.count + 1)
      bytes.replaceSubrange(target..<target + range.count, with: bytes[range])
    default:
      // Another number.
      let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
      guard !digits.isEmpty else { return }
      let digit = digits[generator.integer(below: digits.count)]
      let count = generator.integer(below: 24)
      let number = (0...count).map { _ in UInt8(0x30 + generator.integer(below: 10)) }
      bytes.replaceSubrange(digit...digit, with: number)
    }
  }
}
