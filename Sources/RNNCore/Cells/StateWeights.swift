/// One layer's parameters in `Double`.
struct StateWeights: Sendable {
  /// H
  let hidden: Int
  private let matrices: [String: DenseMatrix]

  /// - Parameter slices: where the shape's parameters lie.
  ///
  /// Throws `.format` or `.shape` for parameters of another network, `.nonFinite` for one that is
  /// not finite.
  init(
    _ shape: CellShape, _ slices: [ParameterLayout.Slice], _ parameters: ParameterStore
  ) throws(RNNError) {
    hidden = shape.hidden
    var matrices: [String: DenseMatrix] = [:]
    for (declared, slice) in zip(shape.parameters, slices) {
      let found = try parameters.layout.slice(named: slice.name)
      guard found.rows == slice.rows, found.columns == slice.columns else {
        throw RNNError(
          .shape, slice.name, expected: "\(slice.rows) × \(slice.columns)",
          found: "\(found.rows) × \(found.columns)")
      }
      let values = try parameters.values(of: slice.name).map { Double($0) }
      let matrix = try DenseMatrix(rows: slice.rows, columns: slice.columns, values: values)
      try matrix.requireFinite(slice.name)
      matrices[declared.name] = matrix
    }
    self.matrices = matrices
  }

  /// The parameter that the cell declares by this name; nil where it has none.
  subscript(name: String) -> DenseMatrix? { matrices[name] }

  /// The same of a cell that always has it; a vector is one column.
  func parameter(_ name: String) -> DenseMatrix {
    guard let matrix = matrices[name] else { preconditionFailure("the cell declares \(name)") }
    return matrix
  }

  // MARK: Of cells with W x + b_ih and U s + b_hh

  /// U, [G·H, R]
  var recurrent: DenseMatrix { parameter("weight_hh") }

  /// b_hh, [G·H]
  var recurrentBias: [Double] { parameter("bias_hh").values }

  /// W x + b_ih, [G·H]
  func fromInput(_ x: [Double]) -> [Double] {
    sum(parameter("weight_ih").times(x), parameter("bias_ih").values)
  }

  /// U s + b_hh, [G·H]
  func fromState(_ s: [Double]) -> [Double] { sum(recurrent.times(s), recurrentBias) }

  /// a = W x + U s + b, [G·H]
  func preactivations(_ x: [Double], _ s: [Double]) -> [Double] { sum(fromInput(x), fromState(s)) }

  /// The H elements of [G·H] that belong to a gate.
  func gate(_ index: Int, of stacked: [Double]) -> [Double] {
    Array(stacked[index * hidden..<(index + 1) * hidden])
  }

  /// A gate's block of U, [H, R].
  func recurrentBlock(_ index: Int) -> DenseMatrix {
    recurrent.rows(index * hidden..<(index + 1) * hidden)
  }
}

/// a + b, element by element.
func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }

/// a ⊙ b.
func product(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 * $1 } }
