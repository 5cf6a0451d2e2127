import CLibrary

/// A picture of at most 256 colours as the bytes of a PNG file (ISO/IEC 15948).
///
/// Pixels are stored, not compressed: a figure has one for each of its values, which is little.
struct PNGImage: Sendable {
  struct Color: Sendable, Hashable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8
    var alpha: UInt8 = 255
  }

  let width: Int
  let height: Int
  let palette: [Color]
  /// Indices into the palette, row by row from the top.
  let pixels: [UInt8]

  init(width: Int, height: Int, palette: [Color], pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height)
    precondition((1...256).contains(palette.count) && pixels.allSatisfy { $0 < palette.count })
    (self.width, self.height, self.palette, self.pixels) = (width, height, palette, pixels)
  }

  /// `data:image/png;base64,…`, for the `href` of an SVG image.
  var dataURL: String { "data:image/png;base64," + base64(bytes) }

  var bytes: [UInt8] {
    // Eight bits a pixel, of a palette; the rest are the only methods there are.
    let header = Self.bigEndian(width) + Self.bigEndian(height) + [8, 3, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + Self.chunk("IHDR", header)
      + Self.chunk("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] })
      + Self.chunk("tRNS", palette.map(\.alpha))
      + Self.chunk("IDAT", Self.stored(scanlines))
      + Self.chunk("IEND", [])
  }

  /// Each row after a zero: no filter.
  private var scanlines: [UInt8] {
    (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
  }

  // MARK: - Parts of the format

  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + content
    return bigEndian(content.count) + checked + bigEndian(Int(crc32(checked)))
  }

  /// A zlib stream (RFC 1950) of deflate blocks without compression (RFC 1951).
  private static func stored(_ content: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    let largest = 65535
    for first in stride(from: 0, to: content.count, by: largest) {
      let block = content[first..<min(first + largest, content.count)]
      let isLast: UInt8 = block.endIndex == content.count ? 1 : 0
      let (low, high) = (UInt8(block.count & 255), UInt8(block.count >> 8))
      stream += [isLast, low, high, ~low, ~high] + block
    }
    return stream + bigEndian(Int(adler32(content)))
  }

  /// The checksum of PNG chunks.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crcTable[Int(($0 ^ UInt32($1)) & 255)] ^ ($0 >> 8) }
  }

  private static let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  /// The checksum of zlib streams.
  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    let sums = bytes.reduce((a: UInt32(1), b: UInt32(0))) { sums, byte in
      let a = (sums.a + UInt32(byte)) % 65521
      return (a, (sums.b + a) % 65521)
    }
    return sums.b << 16 | sums.a
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
