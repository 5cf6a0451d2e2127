import RNNCore

/// Changes that disks, networks and editors make to bytes, from a seed.
public struct Mutator {
  private var random: RandomGenerator

  public init(seed: UInt64) { random = RandomGenerator(seed: seed) }

  /// The bytes after one to three changes, of which some may change nothing.
  public mutating func mutated(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...random.integer(below: 3) where !bytes.isEmpty { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let place = random.integer(below: bytes.count)
    let range = place..<place + 1 + random.integer(below: min(64, bytes.count - place))
    switch random.integer(below: 9) {
    case 0: bytes[place] ^= 1 << random.integer(below: 8)
    case 1: bytes[place] = UInt8(random.integer(below: 256))
    case 2: bytes.removeLast(bytes.count - place)
    case 3: bytes.removeSubrange(range)
    case 4: bytes.insert(contentsOf: bytes[range], at: random.integer(below: bytes.count))
    case 5:
      // A splice of the same length elsewhere.
      let target = random.integer(below: bytes.count - range.count + 1)
      bytes.replaceSubrange(target..<target + range.count, with: bytes[range])
    case 6:
      // What formats have a meaning for.
      let signs = Array("\n\r\t :,#@?\"[]{}-".utf8)
      bytes.insert(signs[random.integer(below: signs.count)], at: place)
    case 7:
      changeNumber(&bytes) { random in
        (0...random.integer(below: 24)).map { _ in Self.digit(&random) }
      }
    default:
      // One digit for another: the text stays what it was but for a number.
      changeNumber(&bytes) { [Self.digit(&$0)] }
    }
  }

  /// Puts something in the place of a digit, where there is one.
  private mutating func changeNumber(
    _ bytes: inout [UInt8], _ replacement: (inout RandomGenerator) -> [UInt8]
  ) {
    let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
    guard !digits.isEmpty else { return }
    let digit = digits[random.integer(below: digits.count)]
    bytes.replaceSubrange(digit...digit, with: replacement(&random))
  }

  private static func digit(_ random: inout RandomGenerator) -> UInt8 {
    UInt8(0x30 + random.integer(below: 10))
  }
}
