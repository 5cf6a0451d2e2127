import CLibrary
import RNNCore

/// The bytes of a text that is read once, whole; `-` is what is left of standard input.
package enum InputText {
  /// Throws ``RNNError`` for a file that cannot be read and for one of more than `most` bytes.
  package static func bytes(of path: String, most: Int = 1 << 26) throws(RNNError) -> [UInt8] {
    guard let source = path == "-" ? .standardInput : ByteSource(path) else { throw failure(path) }
    var bytes: [UInt8] = []
    while true {
      guard let next = source.next(upTo: 1 << 16) else { throw failure(path) }
      if next.isEmpty { return bytes }
      bytes += next
      guard bytes.count <= most else {
        throw RNNError(
          .range, name(path), expected: "at most \(most) bytes", found: "more")
      }
    }
  }

  /// What complaints call it.
  package static func name(_ path: String) -> String {
    path == "-" ? "standard input" : path.printable
  }

  /// The reason in `errno`.
  private static func failure(_ path: String) -> RNNError {
    RNNError(
      .file, name(path), expected: "a file that can be read",
      found: String(cString: strerror(errno)))
  }
}
