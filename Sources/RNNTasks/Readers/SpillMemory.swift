internal import CLibrary
import RNNCore

/// Memory that data of any size grow into: the process's own at first, and a file without a
/// name from ``largest`` on, whose pages the system writes away when it needs the memory for others
/// and reads again when they are looked at.
///
/// The file lies in the folder that `TMPDIR` names, or in /var/tmp, which keeps files on a disk
/// where /tmp may keep them in memory. It is gone when the process ends, however it ends.
final class SpillMemory: @unchecked Sendable {
  /// Bytes that stay in the process's own memory.
  static let largest = 32 << 20

  private(set) var pointer: UnsafeMutableRawPointer
  private var capacity: Int
  /// Of the file; nil in the process's own memory.
  private var descriptor: Int32?
  private let largest: Int
  private let folder: String
  private let fetchesNeighbours: Bool

  /// - Parameters:
  ///   - largest: bytes that stay in the process's own memory.
  ///   - folder: where a file goes.
  ///   - fetchesNeighbours: whether the system reads far around what is asked for, or no more than
  ///     that and what ``willRead(_:)`` says: some read megabytes, which is too much where small
  ///     pieces are asked for in any order.
  init(
    largest: Int = SpillMemory.largest, folder: String = SpillMemory.temporaryFolder,
    fetchesNeighbours: Bool = true
  ) {
    (self.largest, self.folder, capacity) = (largest, folder, 1 << 12)
    self.fetchesNeighbours = fetchesNeighbours
    pointer = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit {
    if let descriptor {
      munmap(pointer, capacity)
      close(descriptor)
    } else {
      pointer.deallocate()
    }
  }

  /// Makes room for so many bytes; what stands there stays.
  ///
  /// Throws `.file` where there is no room for the file.
  ///
  /// - Parameters:
  ///   - wanted: bytes.
  ///   - isFinal: whether no more will be asked for.
  func reserve(_ wanted: Int, isFinal: Bool = false) throws(RNNError) {
    guard wanted > capacity else { return }
    // A file grows by a quarter, so that little of a disk is taken for nothing.
    let room = isFinal ? wanted : capacity + max(wanted - capacity, capacity / 4, 1 << 16)
    if room <= largest, descriptor == nil {
      let larger = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 64)
      larger.copyMemory(from: pointer, byteCount: capacity)
      pointer.deallocate()
      (pointer, capacity) = (larger, room)
    } else {
      try map(room)
    }
  }

  private func map(_ room: Int) throws(RNNError) {
    let file = if let descriptor { descriptor } else { try openFile() }
    func fail(_ code: Int32) -> RNNError {
      if descriptor == nil { close(file) }
      return RNNError(
        .file, folder, expected: "room for \(room >> 20) MiB of data",
        found: String(cString: strerror(code)))
    }
    // Without room that is taken beforehand, a full disk would end the process.
    let failure = posix_fallocate(file, 0, off_t(room))
    if failure != 0 { throw fail(failure) }
    guard let mapped = mmap(nil, room, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      mapped != MAP_FAILED
    else { throw fail(errno) }
    if descriptor != nil {
      munmap(pointer, capacity)
    } else {
      mapped.copyMemory(from: pointer, byteCount: capacity)
      pointer.deallocate()
    }
    if !fetchesNeighbours { madvise(mapped, room, MADV_RANDOM) }
    (pointer, capacity, descriptor) = (mapped, room, file)
  }

  /// Says that some bytes will be read soon: those in the file are fetched together.
  func willRead(_ bytes: Range<Int>) {
    guard descriptor != nil, !bytes.isEmpty else { return }
    let page = sysconf(Int32(_SC_PAGESIZE))
    let first = bytes.lowerBound / page * page
    madvise(pointer + first, bytes.upperBound - first, MADV_WILLNEED)
  }

  /// The folder for temporary files.
  static var temporaryFolder: String {
    environmentValue(of: "TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
  }

  private func openFile() throws(RNNError) -> Int32 {
    var template = Array("\(folder)/rnncore-data-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else {
      throw RNNError(
        .file, folder, expected: "a folder for a temporary file, as TMPDIR names one",
        found: String(cString: strerror(errno)))
    }
    unlink(template)
    return file
  }
}
