/// The lists of shapes that the program knows by name.
enum ShapePreset: String, CaseIterable, Sendable {
  case table, deepbench, onednn, published

  var shapes: [BenchmarkShape] {
    switch self {
    case .table: Self.tableShapes
    case .deepbench: Self.deepBenchShapes
    case .onednn: Self.oneDNNShapes
    case .published: Self.publishedShapes
    }
  }
}
