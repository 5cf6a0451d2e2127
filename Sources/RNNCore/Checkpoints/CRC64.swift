/// The cyclic redundancy check of 64 bits of ECMA-182 in reflected form, as xz uses it: it finds
/// every change of up to 64 neighbouring bits, and any other with a probability of 1 − 2⁻⁶⁴.
///
/// The check of "123456789" is 995dc9bbdf1939fa (Cook, "Catalogue of parametrised CRC algorithms",
/// CRC-64/XZ).
package struct CRC64: Sendable {
  private var register = ~UInt64(0)

  /// The check of nothing yet.
  init() {}

  /// The check of some bytes.
  package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var check = CRC64()
    check.add(bytes)
    return check.value
  }

  /// The check of everything that was added.
  var value: UInt64 { ~register }

  mutating func add(_ bytes: some Sequence<UInt8>) {
    var register = register
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes {
        register = table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ (register >> 8)
      }
    }
    self.register = register
  }

  /// What eight shifts make of each byte.
  private static let table: [UInt64] = (0..<256).map { byte in
    (0..<8).reduce(UInt64(byte)) { value, _ in
      value & 1 == 1 ? (value >> 1) ^ 0xC96C_5795_D787_0F42 : value >> 1
    }
  }
}

/// The checksum of what a file of tensors says, whatever the order in which it says it: of the
/// metadata by key, then of each tensor by name.
struct ContentChecksum {
  /// What stands there when something other than this library has changed the contents on purpose.
  static let waived = "none"

  private var crc = CRC64()

  /// - Parameter header: whose metadata are added but for ``CheckpointKey/checksum``.
  init(_ header: SafeTensorsHeader) {
    for entry in header.metadata.sorted(by: { ExactText($0.key) < ExactText($1.key) })
    where entry.key != CheckpointKey.checksum {
      add(entry.key)
      add(entry.value)
    }
  }

  /// The order in which tensors are to be added.
  static func order(_ tensors: [TensorInfo]) -> [TensorInfo] {
    tensors.sorted { ExactText($0.name) < ExactText($1.name) }
  }

  /// The head of a tensor, to be followed by its data.
  mutating func begin(_ tensor: TensorInfo) {
    add(tensor.name)
    add(tensor.type.rawValue)
    add("\(tensor.shape)")
  }

  mutating func add(data: UnsafeRawBufferPointer) { crc.add(data) }

  /// `crc64:` and sixteen hexadecimal digits.
  var text: String {
    let digits = String(crc.value, radix: 16)
    return "crc64:" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Length and bytes, so that no two lists of texts look the same.
  private mutating func add(_ text: String) {
    var count = UInt64(text.utf8.count).littleEndian
    withUnsafeBytes(of: &count) { crc.add($0) }
    crc.add(text.utf8)
  }
}
