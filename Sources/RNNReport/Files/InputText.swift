import CLibrary
import FoundationEssentials
import RNNCore

/// The bytes of a text that is read once, whole; `-` is standard input.
package enum InputText {
  /// Throws ``RNNError`` for a file that cannot be read and for one of more than `most` bytes.
  package static func bytes(of path: String, most: Int = 1 << 26) throws(RNNError) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { if path != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= most else {
        throw RNNError(
          .range, name(path), expected: "at most \(most) bytes", found: "more")
      }
    }
  }

  /// Where a reader of files finds it.
  package static func url(_ path: String) -> URL {
    URL(fileURLWithPath: path == "-" ? "/dev/stdin" : path)
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
