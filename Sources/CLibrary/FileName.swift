/// Names of files are bytes, of which the kernel minds `/` and zero alone; a text holds them so
/// that they can be written again as they were.
///
/// Bytes that are UTF-8 are their text. Every other byte, which is one from 0x80 on, is one of the
/// scalars U+10F880 to U+10F8FF, in the last plane for private use; the bytes of such a scalar
/// itself count as others. So any bytes have one text, and no two have the same.
extension String {
  /// The text of a name that is given in bytes.
  package init(fileName bytes: some Sequence<UInt8>) {
    self = ""
    var rest = Array(bytes)[...]
    while let lead = rest.first {
      let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      if let text = String(validating: rest.prefix(length), as: UTF8.self),
        let scalar = text.unicodeScalars.first, scalar.undecodedByte == nil
      {
        unicodeScalars.append(scalar)
        rest = rest.dropFirst(length)
      } else {
        unicodeScalars.append(Unicode.Scalar(undecodedByte: lead))
        rest = rest.dropFirst()
      }
    }
  }

  /// The text of a name in C's form.
  package init(fileName name: UnsafePointer<CChar>) {
    let bytes = UnsafeBufferPointer(start: name, count: strlen(name))
    self.init(fileName: bytes.map { UInt8(bitPattern: $0) })
  }

  /// The bytes of the name that this is the text of.
  package var fileName: [UInt8] {
    unicodeScalars.reduce(into: []) { bytes, scalar in
      if let byte = scalar.undecodedByte { bytes.append(byte) } else { bytes += scalar.utf8 }
    }
  }

  /// Lends the name in C's form.
  package func withFileName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (fileName + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }
}

extension Unicode.Scalar {
  private static let firstUndecoded: UInt32 = 0x10F800

  /// The byte of a file's name that was no UTF-8 and stands here for itself; nil for others.
  package var undecodedByte: UInt8? {
    let number = value &- Self.firstUndecoded
    return (0x80...0xFF).contains(number) ? UInt8(number) : nil
  }

  fileprivate init(undecodedByte byte: UInt8) {
    self = Unicode.Scalar(Self.firstUndecoded + UInt32(byte))!
  }
}
