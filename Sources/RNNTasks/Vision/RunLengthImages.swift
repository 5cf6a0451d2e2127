import FoundationEssentials
import RNNCore

/// Reads images in runs of pixels of one colour: `RLE1`, the number of images (32 bits), width and
/// height (16 bits each), and for each image its number of runs (16 bits) and that many runs of
/// four bytes, length from 1, red, green, blue. Rows follow each other from the top; numbers begin
/// with their low byte.
enum RunLengthImages {
  private static let magic = Array("RLE1".utf8)

  /// Throws `.file` for what cannot be opened, `.empty` for a file
  /// without content or images, and `.format`, with the byte, for everything that is
  /// not such images.
  static func read(_ file: URL) throws(RNNError) -> RGBImages {
    var reader = try ByteReader(file, expected: "images in runs")
    for byte in magic {
      guard try reader.next() == byte else { throw reader.failure("RLE1", found: "other bytes") }
    }
    let count = try reader.number(bytes: 4)
    let (width, height) = (try reader.number(bytes: 2), try reader.number(bytes: 2))
    guard count > 0 else {
      throw RNNError(.empty, file.path, expected: "images", found: "none")
    }
    guard width > 0, height > 0 else {
      throw reader.failure("a width and a height of at least 1", found: "\(width) x \(height)")
    }
    // Memory is taken for what the runs say, not for what the head does.
    var images = RGBImages(width: width, height: height)
    for _ in 0..<count { try readImage(&reader, into: &images) }
    guard try reader.isAtEnd() else {
      throw reader.failure("the end of \(count) images", found: "more bytes")
    }
    return images
  }

  private static func readImage(
    _ reader: inout ByteReader, into images: inout RGBImages
  ) throws(RNNError) {
    let runs = try reader.number(bytes: 2)
    var missing = images.width * images.height
    for _ in 0..<runs {
      let length = Int(try reader.next())
      guard length > 0, length <= missing else {
        throw reader.failure("a run of 1 to \(missing) pixels", found: "\(length)")
      }
      missing -= length
      images.append(
        length, red: try reader.next(), green: try reader.next(), blue: try reader.next())
    }
    guard missing == 0 else {
      throw reader.failure("runs of all pixels", found: "\(missing) pixels less")
    }
  }
}

/// The bytes of a file one by one.
private struct ByteReader {
  private var chunks: FileChunks
  private var bytes: [UInt8] = []
  private var position = 0
  /// Where `bytes` start in the file.
  private var offset = 0

  init(_ file: URL, expected: String) throws(RNNError) {
    chunks = try FileChunks(reading: file, expected: expected, isText: false)
  }

  mutating func next() throws(RNNError) -> UInt8 {
    guard try !isAtEnd() else { throw failure("more bytes", found: "the end") }
    position += 1
    return bytes[position - 1]
  }

  /// The low byte first.
  mutating func number(bytes count: Int) throws(RNNError) -> Int {
    var number = 0
    for place in 0..<count { number |= Int(try next()) << (8 * place) }
    return number
  }

  mutating func isAtEnd() throws(RNNError) -> Bool {
    guard position == bytes.count else { return false }
    guard let more = try chunks.next() else { return true }
    offset += bytes.count
    (bytes, position) = (more, 0)
    return false
  }

  func failure(_ expected: String, found: String) -> RNNError {
    RNNError(
      .format, "\(chunks.name), byte \(offset + position)", expected: expected, found: found)
  }
}
