/// One step of a cell at one point: where it leads, and how it bends there.
protocol LinearizedStep {
  /// s_t, [n]
  var next: [Double] { get }
  /// ∂s_t/∂s_{t−1}, [n, n]
  func jacobian() -> DenseMatrix
}
