/// One step of a cell at one point: where it leads, and how it bends there.
protocol LinearizedStep {
  /// s_t, [n]
  var next: [Double] { get }
  /// What the layer gives, [output].
  var output: [Double] { get }
  /// What goes into each gate, by its block in the weights, [H] each.
  var sums: [(gate: Gate, values: [Double])] { get }
  /// ∂s_t/∂s_{t−1}, [n, n]
  func jacobian() -> DenseMatrix
}

extension LinearizedStep {
  var output: [Double] { next }
}
