import RNNCore

extension [Float] {
  /// Whether these numbers are those of the same products in another shape, such as one step a call
  /// in place of all: the same bits by our kernels. OpenBLAS rounds by the number of rows with some
  /// of its cores (`Haswell`, `Zen`), so that its numbers are near.
  func agreeAcrossShapes(_ others: [Float]) -> Bool {
    if ProductBackend.standard == .packed { return self == others }
    return count == others.count && zip(self, others).allSatisfy { abs($0 - $1) <= 1e-5 }
  }
}
