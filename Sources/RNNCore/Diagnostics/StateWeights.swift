/// One layer's parameters in `Double`.
struct StateWeights: Sendable {
  /// H
  let hidden: Int
  /// W [G·H, I] and U [G·H, R]
  let input, recurrent: DenseMatrix
  /// b_ih and b_hh, [G·H]
  let inputBias, recurrentBias: [Double]
  /// Rows i, f, o (coupled: i, o), [3 or 2, H]; no rows without peepholes
  let peephole: DenseMatrix
  /// Jordan's V [O, H] and c [O]; no rows for other cells
  let emission: DenseMatrix
  let emissionBias: [Double]

  init(_ layer: RecurrentLayer, _ parameters: ParameterStore) throws(RNNError) {
    func matrix(_ slice: ParameterLayout.Slice?) throws(RNNError) -> DenseMatrix {
      guard let slice else { return DenseMatrix(zeros: 0, layer.shape.hidden) }
      let found = try parameters.layout.slice(named: slice.name)
      guard found.rows == slice.rows, found.columns == slice.columns else {
        throw RNNError(
          .shape, slice.name, expected: "\(slice.rows) × \(slice.columns)",
          found: "\(found.rows) × \(found.columns)")
      }
      let values = try parameters.values(of: slice.name).map { Double($0) }
      let result = try DenseMatrix(rows: slice.rows, columns: slice.columns, values: values)
      try result.requireFinite(slice.name)
      return result
    }
    hidden = layer.shape.hidden
    input = try matrix(layer.weightIH)
    recurrent = try matrix(layer.weightHH)
    inputBias = try matrix(layer.biasIH).values
    recurrentBias = try matrix(layer.biasHH).values
    peephole = try matrix(layer.peephole)
    emission = try matrix(layer.weightHO)
    emissionBias = try matrix(layer.biasHO).values
  }

  /// W x + b_ih, [G·H]
  func fromInput(_ x: [Double]) -> [Double] { sum(input.times(x), inputBias) }

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

  /// Element `unit` of row `row` of the peepholes; 0 without.
  func peephole(_ row: Int, _ unit: Int) -> Double {
    peephole.rows > 0 ? peephole[row, unit] : 0
  }
}

/// a + b, element by element.
func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }

/// a ⊙ b.
func product(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 * $1 } }
