extension OracleNetwork {
  /// Outputs and final states, sequence by sequence, so that no length can influence another.
  func run<Scalar: OracleScalar>(
    _ arguments: OracleArguments<Scalar>, constants: OracleConstants = OracleConstants()
  ) -> OracleResult<Scalar> {
    var result = OracleResult<Scalar>()
    result.finalHidden = arguments.initialHidden
    result.finalCell = arguments.initialCell
    for sequence in arguments.sequences.indices {
      var steps = arguments.sequences[sequence]
      for layer in 0..<layers {
        if layer > 0, let masks = constants.interLayerMasks {
          steps = zip(masks[layer - 1][sequence], steps).map(masked)
        }
        var outputs: [[[Scalar]]] = []
        for direction in 0..<directions.count {
          let index = stateIndex(layer: layer, direction: direction)
          let pass = runDirection(
            layer: layer, direction: direction, sequence: sequence, steps: steps,
            arguments: arguments, constants: constants)
          outputs.append(pass.outputs)
          result.finalHidden[index][sequence] = pass.final.hidden
          if cell.isLSTM { result.finalCell[index][sequence] = pass.final.cell }
        }
        steps = merged(outputs)
      }
      result.outputs.append(steps)
    }
    return result
  }

  private func runDirection<Scalar: OracleScalar>(
    layer: Int, direction: Int, sequence: Int, steps: [[Scalar]],
    arguments: OracleArguments<Scalar>, constants: OracleConstants
  ) -> (outputs: [[Scalar]], final: OracleState<Scalar>) {
    let index = stateIndex(layer: layer, direction: direction)
    let oracleLayer = OracleLayer(
      cell: cell, hidden: hidden,
      parameters: arguments.parameters,
      suffix: Self.parameterSuffix(layer: layer, direction: direction),
      recurrentMask: constants.recurrentMasks?[index][sequence])
    let isTaught = cell.isJordan && layer == layers - 1 && direction == 0
    let targets = isTaught ? constants.teacherTargets?[sequence] : nil

    var state = OracleState(
      hidden: arguments.initialHidden[index][sequence],
      cell: cell.isLSTM ? arguments.initialCell[index][sequence] : [])
    var outputs = [[Scalar]](repeating: [], count: steps.count)
    for step in direction == 0 ? Array(steps.indices) : steps.indices.reversed() {
      if let targets, step > 0 {
        state.hidden = state.hidden.dropLast(output) + targets[step - 1].map { Scalar($0) }
      }
      (outputs[step], state) = oracleLayer.step(input: steps[step], state: state)
    }
    return (outputs, state)
  }

  /// The outputs of all directions as one sequence: [direction][step][width] to [step][width].
  private func merged<Scalar: OracleScalar>(_ outputs: [[[Scalar]]]) -> [[Scalar]] {
    switch directions {
    case .forward: outputs[0]
    case .bidirectionalConcat: zip(outputs[0], outputs[1]).map { $0 + $1 }
    case .bidirectionalSum: zip(outputs[0], outputs[1]).map { zip($0, $1).map { $0 + $1 } }
    }
  }
}

func masked<Scalar: OracleScalar>(_ mask: [Double], _ vector: [Scalar]) -> [Scalar] {
  precondition(mask.count == vector.count)
  return zip(mask, vector).map { Scalar($0) * $1 }
}
