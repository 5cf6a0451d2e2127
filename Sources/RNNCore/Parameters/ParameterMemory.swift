/// Where the numbers of a network's parameters lie, or those of their gradients: in one flat store,
/// or in memory of a caller's.
protocol ParameterMemory: AnyObject, Sendable {
  /// Names and shapes.
  var layout: ParameterLayout { get }
  /// Counts the changes: what was derived from the values (packed weights) is stale when it moves
  /// on.
  var generation: Int { get }
  /// To be called after values were written through a pointer.
  func markChanged()
  /// The first number of a parameter, row-major.
  func pointer(_ place: ParameterLayout.Place) -> UnsafeMutablePointer<Float>
}

extension ParameterLayout {
  /// Where a parameter is found, without its name, whose copies would cost more than a short
  /// product.
  struct Place {
    /// Among the slices.
    let index: Int
    /// Of its first number in a flat store.
    let offset: Int
    let rows, columns: Int
  }

  /// The place of a parameter among ``slices``.
  func place(_ index: Int) -> Place {
    let slice = slices[index]
    return Place(index: index, offset: slice.offset, rows: slice.rows, columns: slice.columns)
  }
}

/// Parameters, or their gradients, where a caller has them. That memory has to live, and to be left
/// alone, while passes use it.
package final class ForeignParameters: ParameterMemory, @unchecked Sendable {
  package let layout: ParameterLayout
  package private(set) var generation = 0
  private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  /// Stands for what a caller has not: zeros where it is read, and where sums go that nobody wants.
  private let absent = FloatBuffer()

  package init(layout: ParameterLayout) {
    self.layout = layout
    pointers = .allocate(capacity: layout.slices.count)
    pointers.initialize(repeating: nil, count: layout.slices.count)
  }

  deinit { pointers.deallocate() }

  /// Takes the parameters from other places.
  ///
  /// - Parameters:
  ///   - places: of each parameter in the order of the layout; nil for one that the caller has not.
  ///   - changed: whether other numbers are there than before.
  package func bind(_ places: UnsafePointer<UnsafeMutablePointer<Float>?>, changed: Bool) {
    for (index, slice) in layout.slices.enumerated() {
      pointers[index] = places[index]
      if places[index] == nil { absent.reserve(slice.count) }
    }
    if changed { markChanged() }
  }

  func markChanged() { generation &+= 1 }

  func pointer(_ place: ParameterLayout.Place) -> UnsafeMutablePointer<Float> {
    pointers[place.index] ?? absent.pointer
  }
}
