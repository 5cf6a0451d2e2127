import RNNCore

/// Images of one size, three bytes a pixel: red, green, blue.
public struct RGBImages: Hashable, Sendable {
  /// Pixels from left to right of an image.
  public let width: Int
  /// Pixels from top to bottom of an image.
  public let height: Int
  /// Image by image, each row by row from the top.
  public private(set) var bytes: [UInt8]

  /// No images yet.
  init(width: Int, height: Int) {
    (self.width, self.height, bytes) = (width, height, [])
  }

  /// Bytes of one image.
  public var imageSize: Int { 3 * width * height }
  /// How many images there are.
  public var count: Int { bytes.count / imageSize }
  /// From the first image to the last.
  public var indices: Range<Int> { 0..<count }

  /// A copy of the bytes of one image.
  public subscript(index: Int) -> [UInt8] {
    Array(bytes[index * imageSize..<(index + 1) * imageSize])
  }

  /// Adds pixels of one colour.
  mutating func append(_ pixels: Int, red: UInt8, green: UInt8, blue: UInt8) {
    for _ in 0..<pixels {
      bytes.append(red)
      bytes.append(green)
      bytes.append(blue)
    }
  }

  /// Adds images of the same size.
  mutating func append(_ other: RGBImages) {
    precondition(other.width == width && other.height == height, "images of one size")
    bytes += other.bytes
  }
}
