extension OracleNetwork {
  /// The value of element `index`, in row-major order, of tensor number `tensor`.
  ///
  /// The tensors are numbered: the P parameters in the order of `parameterShapes`, then P the
  /// sequences, P+1 h_0, P+2 c_0, P+3 the cotangent of the outputs, P+4 of h_T, P+5 of c_T. The
  /// numbers of c_0 and c_T are left free where the cell has none.
  typealias Filling = (_ tensor: Int, _ index: Int) -> Double

  func arguments(lengths: [Int], filling: Filling) -> OracleArguments<Double> {
    var arguments = OracleArguments<Double>()
    for (tensor, shape) in parameterShapes.enumerated() {
      arguments.parameters[shape.name] = (0..<shape.rows * shape.columns).map { index in
        filling(tensor, index)
      }
    }
    let first = parameterShapes.count
    arguments.sequences = filled(lengths, width: input) { filling(first, $0) }
    arguments.initialHidden = filledStates(lengths, width: stateWidth) { filling(first + 1, $0) }
    if cell.isLSTM {
      arguments.initialCell = filledStates(lengths, width: hidden) { filling(first + 2, $0) }
    }
    return arguments
  }

  func cotangent(lengths: [Int], filling: Filling) -> OracleResult<Double> {
    let first = parameterShapes.count
    var cotangent = OracleResult<Double>()
    cotangent.outputs = filled(lengths, width: outputWidth) { filling(first + 3, $0) }
    cotangent.finalHidden = filledStates(lengths, width: stateWidth) { filling(first + 4, $0) }
    if cell.isLSTM {
      cotangent.finalCell = filledStates(lengths, width: hidden) { filling(first + 5, $0) }
    }
    return cotangent
  }

  /// Masks of both kinds that drop with probability `dropout`, and targets to force; the targets
  /// only if the network has a use for them.
  func constants(
    lengths: [Int], dropout: Double, using generator: inout OracleGenerator
  ) -> OracleConstants {
    var constants = OracleConstants()
    let keep = 1 / (1 - dropout)
    constants.recurrentMasks = filledStates(lengths, width: stateWidth) { _ in
      generator.unit() < dropout ? 0 : keep
    }
    constants.interLayerMasks = (0..<layers - 1).map { _ in
      filled(lengths, width: outputWidth) { _ in generator.unit() < dropout ? 0 : keep }
    }
    if cell.isJordan {
      constants.teacherTargets = filled(lengths, width: output) { _ in generator.value() }
    }
    return constants
  }

  /// [layer * D + direction][sequence][width].
  private func filledStates(
    _ lengths: [Int], width: Int, value: (Int) -> Double
  ) -> [[[Double]]] {
    let rows = lengths.count
    return filled(
      [Int](repeating: rows, count: layers * directions.count), width: width, value: value)
  }
}

/// [outer][lengths[outer]][width], counted through from 0.
private func filled(
  _ lengths: [Int], width: Int, value: (Int) -> Double
) -> [[[Double]]] {
  var index = 0
  return lengths.map { length in
    (0..<length).map { _ in
      (0..<width).map { _ in
        defer { index += 1 }
        return value(index)
      }
    }
  }
}
