/// Everything the loss is differentiated with respect to; a gradient has the same type.
struct OracleArguments<Scalar> {
  /// By PyTorch's name, row-major.
  var parameters: [String: [Scalar]] = [:]

  /// [sequence][step][I], of any lengths.
  var sequences: [[[Scalar]]] = []

  /// h_0 (y_0 of a Jordan network), [layer * D + direction][sequence][R].
  var initialHidden: [[[Scalar]]] = []

  /// c_0, [layer * D + direction][sequence][H]; empty unless the cell is an LSTM.
  var initialCell: [[[Scalar]]] = []

  /// Applies `transform` to every scalar, in the order of `tensors`.
  func map<Other>(_ transform: (Scalar) -> Other) -> OracleArguments<Other> {
    var image = OracleArguments<Other>()
    for (name, values) in parameters.sorted(by: { $0.key < $1.key }) {
      image.parameters[name] = values.map(transform)
    }
    image.sequences = mapped(sequences, transform)
    image.initialHidden = mapped(initialHidden, transform)
    image.initialCell = mapped(initialCell, transform)
    return image
  }

  /// Every tensor flattened, under a name to report it by.
  var tensors: [(name: String, values: [Scalar])] {
    parameters.sorted { $0.key < $1.key }.map { (name: $0.key, values: $0.value) } + [
      ("sequences", flattened(sequences)),
      ("initialHidden", flattened(initialHidden)),
      ("initialCell", flattened(initialCell)),
    ]
  }
}

/// What a network returns; a cotangent, the loss's slope in each of them, has the same type.
struct OracleResult<Scalar> {
  /// [sequence][step][output width].
  var outputs: [[[Scalar]]] = []

  /// The state after the last step a direction reads, [layer * D + direction][sequence][R].
  var finalHidden: [[[Scalar]]] = []

  /// [layer * D + direction][sequence][H]; empty unless the cell is an LSTM.
  var finalCell: [[[Scalar]]] = []

  var tensors: [(name: String, values: [Scalar])] {
    [
      ("outputs", flattened(outputs)),
      ("finalHidden", flattened(finalHidden)),
      ("finalCell", flattened(finalCell)),
    ]
  }
}

/// What is given and not differentiated; absent means unused.
struct OracleConstants: Sendable {
  /// What multiplies the state on its way into U, [layer * D + direction][sequence][R].
  var recurrentMasks: [[[Double]]]?

  /// What multiplies the outputs of layer k on their way into layer k + 1,
  /// [k][sequence][step][width].
  var interLayerMasks: [[[[Double]]]]?

  /// What the top layer's forward direction is fed instead of its own y_{t-1} for t > 0 (Jordan
  /// networks only), [sequence][step][O].
  var teacherTargets: [[[Double]]]?
}

func flattened<Scalar>(_ nested: [[[Scalar]]]) -> [Scalar] {
  nested.flatMap { $0.flatMap { $0 } }
}

private func mapped<Scalar, Other>(
  _ nested: [[[Scalar]]], _ transform: (Scalar) -> Other
) -> [[[Other]]] {
  nested.map { $0.map { $0.map(transform) } }
}
