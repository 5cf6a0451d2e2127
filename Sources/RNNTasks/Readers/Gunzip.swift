import CZlib
import RNNCore

/// Unpacks gzip (RFC 1952) as its bytes come: one or more members behind each other, and zeros
/// behind the last, as tapes and blocks are filled up with.
final class Gunzip {
  /// What complaints call the file.
  private let name: String
  /// In place, because zlib keeps its address.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  /// Packed bytes, those before `position` unpacked.
  private var input: [UInt8] = []
  private var position = 0
  private var isWithinMember = false
  private var hasMembers = false

  /// The first two bytes of every member.
  static let magic: [UInt8] = [0x1F, 0x8B]

  private static let size = 1 << 16

  init(name: String) {
    self.name = name
    stream.initialize(to: z_stream())
    // 15 bits of window, the most there are; 16 for gzip alone.
    let status = inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib starts: status \(status)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Whether packed bytes are left.
  var hasInput: Bool { position < input.count }

  /// The next unpacked bytes, nil after the last. Throws ``RNNError/Kind/format`` for what is no
  /// gzip, damaged, cut off or followed by something else, and what `packed` throws.
  ///
  /// - Parameter packed: gives the next packed bytes, some at a time, and nil after the last.
  func next(
    _ packed: () throws(RNNError) -> [UInt8]?
  ) throws(RNNError) -> [UInt8]? {
    while true {
      if !hasInput {
        guard let bytes = try packed() else {
          if isWithinMember { throw failure("its end before that of the data") }
          return nil
        }
        (input, position) = (bytes, 0)
      }
      if !isWithinMember, try !beginMember() { continue }
      let bytes = try inflated()
      if !bytes.isEmpty { return bytes }
    }
  }

  /// False where only zeros were left of the input.
  private func beginMember() throws(RNNError) -> Bool {
    if hasMembers {
      while hasInput, input[position] == 0 { position += 1 }
      guard hasInput else { return false }
      // A second byte that is another one is refused by zlib.
      guard input[position] == Self.magic[0] else { throw failure("other bytes behind the data") }
      inflateReset(stream)
    }
    (isWithinMember, hasMembers) = (true, true)
    return true
  }

  private func inflated() throws(RNNError) -> [UInt8] {
    var status = Z_OK
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.size) { output, used in
      input.withUnsafeMutableBufferPointer { input in
        stream.pointee.next_in = input.baseAddress.map { $0 + position }
        stream.pointee.avail_in = UInt32(input.count - position)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        status = inflate(stream, Z_NO_FLUSH)
        position = input.count - Int(stream.pointee.avail_in)
        used = output.count - Int(stream.pointee.avail_out)
      }
    }
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isWithinMember = false
    default:
      throw failure("damage: \(stream.pointee.msg.map { String(cString: $0) } ?? "\(status)")")
    }
    return bytes
  }

  private func failure(_ found: String) -> RNNError { Self.failure(name, found: found) }

  static func failure(_ name: String, found: String) -> RNNError {
    RNNError(.format, name, expected: "whole data in gzip", found: found)
  }
}
