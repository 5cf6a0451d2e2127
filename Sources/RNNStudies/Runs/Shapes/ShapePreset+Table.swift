extension ShapePreset {
  /// The shapes of this project's own tables, I = H: small and large states, short and long
  /// sequences, one sequence alone; every cell.
  static let tableShapes = [
    (32, 100, 128, 1), (64, 100, 256, 1), (64, 100, 512, 2), (128, 50, 1024, 1), (16, 200, 64, 1),
    (20, 35, 200, 2), (1, 200, 128, 1),
  ].map { batch, steps, hidden, layers in
    BenchmarkShape(batch: batch, steps: steps, input: hidden, hidden: hidden, layers: layers)
  }
}
