import CKernels

@testable import RNNCore
@testable import TestSupport

/// Rows with a gap behind each, so that a kernel that ignores its row stride is found out.
struct KernelMatrix {
  static let gap: Float = 777
  let (rows, columns): (Int, Int)
  let stride: Int
  var storage: [Float]

  init(_ rows: Int, _ columns: Int, value: (Int) -> Float) {
    (self.rows, self.columns, stride) = (rows, columns, columns + 3)
    storage = (0..<rows * (columns + 3)).map { index in
      index % (columns + 3) < columns
        ? value(index / (columns + 3) * columns + index % (columns + 3)) : Self.gap
    }
  }

  init(_ rows: Int, _ columns: Int, using generator: inout OracleGenerator, scale: Double = 1) {
    self.init(rows, columns) { _ in Float(generator.value(scale: scale)) }
  }

  /// Without the gaps.
  var values: [Float] {
    (0..<rows).flatMap { storage[$0 * stride..<$0 * stride + columns] }
  }

  var doubles: [Double] { values.map { Double($0) } }

  var gapsAreIntact: Bool {
    (0..<rows).allSatisfy { row in
      storage[row * stride + columns..<(row + 1) * stride].allSatisfy { $0 == Self.gap }
    }
  }
}

extension InstructionSet {
  static let available = allCases.filter(\.isAvailable)

  /// The kernels of an available set.
  var table: rnn_kernels {
    guard let kernels else { preconditionFailure("\(self) is not available") }
    return kernels.pointee
  }
}
