import Foundation
import Testing

@testable import RNNReport

@Suite("A PNG image is what the standard says")
struct PNGImageTests {
  /// What a reader of the format finds, checksums checked.
  private struct Decoded {
    var chunks: [(type: String, content: [UInt8])] = []
    var width: Int { Self.number(content("IHDR")[0..<4]) }
    var height: Int { Self.number(content("IHDR")[4..<8]) }

    init(_ bytes: [UInt8]) throws {
      #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
      var place = 8
      while place < bytes.count {
        try #require(place + 12 <= bytes.count)
        let length = Self.number(bytes[place..<place + 4])
        let end = place + 8 + length
        try #require(end + 4 <= bytes.count)
        let checked = Array(bytes[place + 4..<end])
        #expect(Self.number(bytes[end..<end + 4]) == Int(Self.slowCRC(checked)))
        chunks.append((String(decoding: checked[0..<4], as: UTF8.self), Array(checked[4...])))
        place = end + 4
      }
    }

    func content(_ type: String) -> [UInt8] { chunks.first { $0.type == type }?.content ?? [] }

    /// Indices row by row, out of stored deflate blocks.
    func pixels() throws -> [UInt8] {
      let stream = content("IDAT")
      #expect(Self.number(stream[0..<2]) % 31 == 0 && stream[0] & 15 == 8)
      var (place, raw, isLast) = (2, [UInt8](), false)
      while !isLast {
        isLast = stream[place] & 1 == 1
        #expect(stream[place] >> 1 == 0)
        let length = Int(stream[place + 1]) | Int(stream[place + 2]) << 8
        let inverse = Int(stream[place + 3]) | Int(stream[place + 4]) << 8
        #expect(length ^ inverse == 0xFFFF)
        raw += stream[place + 5..<place + 5 + length]
        place += 5 + length
      }
      #expect(place + 4 == stream.count)
      #expect(Self.number(stream[place...]) == Int(Self.slowAdler(raw)))
      #expect(raw.count == height * (width + 1))
      return (0..<height).flatMap { row -> ArraySlice<UInt8> in
        #expect(raw[row * (width + 1)] == 0)
        return raw[row * (width + 1) + 1..<(row + 1) * (width + 1)]
      }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
      bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// By polynomial division, bit by bit.
    private static func slowCRC(_ bytes: [UInt8]) -> UInt32 {
      var remainder = UInt32.max
      for byte in bytes {
        for bit in 0..<8 {
          let isOdd = (remainder ^ UInt32(byte >> bit)) & 1 == 1
          remainder = remainder >> 1 ^ (isOdd ? 0xEDB8_8320 : 0)
        }
      }
      return ~remainder
    }

    private static func slowAdler(_ bytes: [UInt8]) -> UInt32 {
      let (a, b) = bytes.reduce((1, 0)) { ($0.0 + Int($1), $0.1 + $0.0 + Int($1)) }
      return UInt32(b % 65521) << 16 | UInt32(a % 65521)
    }
  }

  private static let palette = ColorMap.palette(255) + [.init(red: 1, green: 2, blue: 3, alpha: 0)]

  @Test("A reader gets size, colours and pixels back", arguments: [(1, 1), (3, 5), (300, 251)])
  func roundTrip(_ width: Int, _ height: Int) throws {
    let pixels = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let image = PNGImage(width: width, height: height, palette: Self.palette, pixels: pixels)
    let decoded = try Decoded(image.bytes)
    #expect(decoded.chunks.map(\.type) == ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"])
    #expect((decoded.width, decoded.height) == (width, height))
    #expect(decoded.content("IHDR").suffix(5) == [8, 3, 0, 0, 0])
    #expect(decoded.content("PLTE").suffix(3) == [1, 2, 3])
    #expect(decoded.content("tRNS").count == 256 && decoded.content("tRNS").last == 0)
    // 300 by 251 needs two blocks.
    #expect(try decoded.pixels() == pixels)
    #expect(image.dataURL.hasPrefix("data:image/png;base64,iVBORw0KGgo"))
  }

  @Test("Checksums are those of the standards' own examples")
  func checksums() {
    #expect(PNGImage.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(PNGImage.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
  }

  @Test("Colours grow lighter, so that black and white keeps their order")
  func lightness() {
    /// Relative luminance of sRGB.
    func luminance(_ color: PNGImage.Color) -> Double {
      let linear = [color.red, color.green, color.blue].map { byte -> Double in
        let share = Double(byte) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
    let values = ColorMap.palette(64).map(luminance)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
    #expect(values[0] < 0.03 && values[63] > 0.75)
    #expect(ColorMap.color(-3) == ColorMap.color(0) && ColorMap.color(7) == ColorMap.color(1))
    let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
    let terminal = (0..<8).map { index -> Double in
      let number = ColorMap.terminalColors(Double(index) / 7).paper - 16
      return luminance(
        .init(red: levels[number / 36], green: levels[number / 6 % 6], blue: levels[number % 6]))
    }
    #expect(zip(terminal, terminal.dropFirst()).allSatisfy { $0 < $1 })
  }
}
