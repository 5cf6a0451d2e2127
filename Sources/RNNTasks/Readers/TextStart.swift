import RNNCore

/// What the first bytes of a text say about its encoding.
enum TextStart {
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Whether more bytes are needed to tell.
  static func isUndecided(_ bytes: [UInt8]) -> Bool {
    bytes.count < mark.count && mark.starts(with: bytes) || bytes == [0xFF] || bytes == [0xFE]
  }

  /// Drops a byte-order mark. Throws ``RNNError/Kind/format`` for UTF-16 and UTF-32, told by their
  /// byte-order marks or by NULs where Latin letters have them.
  ///
  /// - Parameter name: what complaints call the text.
  static func read(_ bytes: inout [UInt8], name: String) throws(RNNError) {
    if let encoding = wideEncoding(of: bytes) {
      throw RNNError(
        .format, "\(name), line 1", expected: "text in UTF-8",
        found: "\(encoding), which iconv -f \(encoding) -t UTF-8 converts")
    }
    if bytes.starts(with: mark) { bytes.removeFirst(mark.count) }
  }

  private static func wideEncoding(of bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      return "UTF-32"
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    let start = bytes.prefix(256)
    var zeros = [0, 0, 0, 0]
    for (index, byte) in start.enumerated() where byte == 0 { zeros[index % 4] += 1 }
    let (pairs, quadruples) = (start.count / 2, start.count / 4)
    guard pairs >= 2 else { return nil }
    func areZero(_ places: [Int], of count: Int) -> Bool {
      let others = zeros.indices.filter { !places.contains($0) }
      return others.allSatisfy { zeros[$0] == 0 }
        && 3 * places.reduce(0) { $0 + zeros[$1] } >= 2 * count
    }
    if areZero([1, 3], of: pairs) { return "UTF-16LE" }
    if areZero([0, 2], of: pairs) { return "UTF-16BE" }
    if areZero([1, 2, 3], of: 3 * quadruples) { return "UTF-32LE" }
    if areZero([0, 1, 2], of: 3 * quadruples) { return "UTF-32BE" }
    return nil
  }
}
