internal import CLibrary
import Synchronization

/// Aligned storage for `Float`s that only ever grows: a workspace is sized by the largest batch it
/// has seen and is then reused without allocating.
///
/// Contents are unspecified after ``reserve(_:)`` has grown it. Not for use from two threads at
/// once unless they touch disjoint elements.
final class FloatBuffer: ViewedMemory, @unchecked Sendable {
  private(set) var pointer: UnsafeMutablePointer<Float>
  private(set) var capacity: Int
  /// Counts the blocks of memory it has had.
  private(set) var viewGeneration = 0

  /// Every buffer starts on a cache line, which is also the width of an AVX-512 register.
  static let alignment = 64
  /// Large buffers ask for pages of this size: products walk over many rows at once, and there are
  /// few entries for address translation.
  private static let hugePage = 1 << 21

  init(_ count: Int = 0) {
    capacity = count
    pointer = FloatBuffer.allocate(count)
    pointer.initialize(repeating: 0, count: count)
  }

  deinit { release() }

  /// Makes room for `count` elements; what was stored may be lost.
  func reserve(_ count: Int) {
    guard count > capacity else { return }
    viewGeneration += 1
    release()
    pointer = FloatBuffer.allocate(count)
    pointer.initialize(repeating: 0, count: count)
    capacity = count
  }

  /// The same memory for `count` doubles; a buffer holds either floats or doubles all its life.
  func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
    reserve(2 * count)
    return UnsafeMutableRawPointer(pointer).bindMemory(to: Double.self, capacity: count)
  }

  /// [rows, columns] from the start of the buffer, which grows if it must.
  func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    reserve(rows * columns)
    return Matrix(pointer, rows: rows, columns: columns)
  }

  /// The same with rows that are not a multiple of a kilobyte apart, which would put a column's
  /// elements into few sets of the cache.
  func paddedMatrix(_ rows: Int, _ columns: Int) -> Matrix {
    let stride = columns % 256 == 0 ? columns + 16 : columns
    reserve(rows * stride)
    return Matrix(pointer, rows: rows, columns: columns, stride: stride)
  }

  private func release() {
    UnsafeMutableRawPointer(pointer).deallocate()
    EngineMemory.add(-FloatBuffer.bytes(capacity))
  }

  private static func bytes(_ count: Int) -> Int { max(count, 1) * MemoryLayout<Float>.stride }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = bytes(count)
    EngineMemory.add(bytes)
    let isLarge = bytes >= 2 * hugePage
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? hugePage : alignment)
    if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
    return memory.bindMemory(to: Float.self, capacity: max(count, 1))
  }
}
