/// The lists of shapes that the program knows by name.
package enum ShapePreset: String, CaseIterable, Sendable {
  case table, deepbench, onednn, published

  package var shapes: [BenchmarkShape] {
    switch self {
    case .table: Self.tableShapes
    case .deepbench: Self.deepBenchShapes
    case .onednn: Self.oneDNNShapes
    case .published: Self.publishedShapes
    }
  }
}
