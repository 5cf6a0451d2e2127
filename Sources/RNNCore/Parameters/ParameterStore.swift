/// All numbers of one kind for one network (its weights, their gradients, a momentum) in one flat
/// allocation with named slices, so that clipping, optimisers and checkpoints are loops over one
/// array.
///
/// Reads and writes from two threads at once are the caller's to prevent.
public final class ParameterStore: ParameterMemory, @unchecked Sendable {
  /// Names, shapes and places of the parameters.
  public let layout: ParameterLayout
  let storage: FloatBuffer
  private(set) var generation = 0

  /// Zeros in the given layout.
  public init(layout: ParameterLayout) {
    self.layout = layout
    storage = FloatBuffer(layout.storageCount)
  }

  /// The parameters of a model as they start.
  ///
  /// Throws ``RNNError/Kind/memory`` where the process may not take as much, and what
  /// ``InitializationPlan/fill(_:seed:)`` throws.
  ///
  /// - Parameters:
  ///   - layout: with all parameters declared.
  ///   - start: how weights start.
  ///   - seed: of the random numbers.
  public convenience init(
    layout: ParameterLayout, start: InitializationPlan, seed: UInt64
  ) throws(RNNError) {
    try layout.checkMemory(stores: 1, "parameters")
    self.init(layout: layout)
    try start.fill(self, seed: seed)
  }

  /// The numbers that are in other memory now.
  convenience init(copying memory: any ParameterMemory) {
    self.init(layout: memory.layout)
    for (index, slice) in layout.slices.enumerated() {
      (storage.pointer + slice.offset).update(
        from: memory.pointer(layout.place(index)), count: slice.count)
    }
  }

  func markChanged() { generation &+= 1 }

  /// Every element, gaps included. The pointer must not be written to after `body` has returned.
  public func withUnsafeMutableValues<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    defer { markChanged() }
    return try body(UnsafeMutableBufferPointer(start: storage.pointer, count: layout.storageCount))
  }

  /// A copy of the values of one parameter, row-major.
  public func values(of name: String) throws(RNNError) -> [Float] {
    let slice = try layout.slice(named: name)
    return Array(UnsafeBufferPointer(start: storage.pointer + slice.offset, count: slice.count))
  }

  /// Replaces the values of one parameter, row-major, exactly as many as it has, all finite.
  public func set(_ name: String, to values: [Float]) throws(RNNError) {
    let slice = try layout.slice(named: name)
    guard values.count == slice.count else {
      throw RNNError(.shape, name, expected: "\(slice.count) values", found: "\(values.count)")
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw RNNError(
        .nonFinite, name, expected: "finite values", found: "\(values[bad]) at index \(bad)")
    }
    (storage.pointer + slice.offset).update(from: values, count: values.count)
    markChanged()
  }

  /// Makes every element zero.
  public func setToZero() {
    storage.pointer.update(repeating: 0, count: layout.storageCount)
    markChanged()
  }

  /// The same, divided among threads.
  func setToZero(_ team: ThreadTeam) {
    team.split(layout.storageCount, grain: ParameterStore.grain) { range in
      (storage.pointer + range.lowerBound).update(repeating: 0, count: range.count)
    }
    markChanged()
  }

  /// Elements that threads take together, so that small models are worked on by one alone.
  static let grain = 1 << 16

  /// ‖·‖² of all elements: parts of fixed sizes, whatever the number of threads, and their sum. Not
  /// finite just where an element is not, since no square of a float leaves the range of a double.
  func sumOfSquares(_ team: ThreadTeam) -> Double {
    let (count, grain) = (layout.storageCount, ParameterStore.grain)
    let parts = (count + grain - 1) / grain
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: parts) { sums in
      sums.initialize(repeating: 0)
      team.split(parts) { range in
        for part in range {
          sums[part] = kernels.sum_of_squares(
            min(grain, count - part * grain), storage.pointer + part * grain)
        }
      }
      return sums.reduce(0, +)
    }
  }

  /// Multiplies all elements.
  func scale(by factor: Float, _ team: ThreadTeam) {
    team.split(layout.storageCount, grain: ParameterStore.grain) { range in
      kernels.scale(range.count, factor, storage.pointer + range.lowerBound)
    }
    markChanged()
  }

  /// Copies all elements of a store with the same layout.
  public func copy(from other: ParameterStore) throws(RNNError) {
    guard other.layout == layout else {
      throw RNNError(
        .shape, "parameters", expected: "\(layout.parameterCount) in the same layout",
        found: "\(other.layout.parameterCount)")
    }
    replaceAll(with: other)
  }

  /// The same for a store that is known to have this layout.
  func replaceAll(with other: ParameterStore) {
    storage.pointer.update(from: other.storage.pointer, count: layout.storageCount)
    markChanged()
  }

  func pointer(_ place: ParameterLayout.Place) -> UnsafeMutablePointer<Float> {
    storage.pointer + place.offset
  }

  /// The slice as a matrix view; valid while the store lives.
  func matrix(_ slice: ParameterLayout.Slice) -> Matrix {
    Matrix(storage.pointer + slice.offset, rows: slice.rows, columns: slice.columns)
  }

  /// A vector as a pointer to its elements.
  func vector(_ slice: ParameterLayout.Slice) -> UnsafeMutablePointer<Float> {
    storage.pointer + slice.offset
  }
}

extension ParameterStore {
  /// The check of all elements, see ``CRC64``.
  package var checksum: UInt64 {
    CRC64.of(UnsafeRawBufferPointer(start: storage.pointer, count: 4 * layout.storageCount))
  }

  /// Throws `.shape` unless `gradients` are laid out as these parameters are.
  func check(gradients: ParameterStore) throws(RNNError) {
    guard gradients.layout == layout else {
      throw RNNError(
        .shape, "gradients", expected: "\(layout.parameterCount) in the model's layout",
        found: "\(gradients.layout.parameterCount)")
    }
  }
}
