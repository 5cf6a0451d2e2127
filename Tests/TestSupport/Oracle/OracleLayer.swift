/// What a cell carries from step to step: h_t (y_t of a Jordan cell, both of a hybrid) [R] and c_t
/// [H] or nothing.
struct OracleState<Scalar> {
  var hidden: [Scalar]
  var cell: [Scalar]
}

/// One layer in one direction, for one sequence.
struct OracleLayer<Scalar: OracleScalar> {
  private let cell: OracleCell
  private let hidden: Int
  private let recurrentMask: [Double]?

  private let inputWeight: [Scalar]  // W   [G*H, in]
  private let recurrentWeight: [Scalar]  // U   [G*H, R]
  private let inputBias: [Scalar]  // b_ih [G*H]
  private let recurrentBias: [Scalar]  // b_hh [G*H]
  private let peephole: [Scalar]  // p   [P, H]
  private let outputWeight: [Scalar]  // V   [O, H]
  private let outputBias: [Scalar]  // c   [O]
  private let recurrence: [[Scalar]]  // nu_log, theta_log, gamma_log, [H] each

  init(
    cell: OracleCell, hidden: Int, parameters: [String: [Scalar]], suffix: String,
    recurrentMask: [Double]?
  ) {
    self.cell = cell
    self.hidden = hidden
    self.recurrentMask = recurrentMask
    func parameter(_ stem: String) -> [Scalar] { parameters[stem + suffix] ?? [] }
    inputWeight = parameter("weight_ih")
    recurrentWeight = parameter("weight_hh")
    inputBias = parameter("bias_ih")
    recurrentBias = parameter("bias_hh")
    peephole = parameter("weight_peephole")
    outputWeight = parameter("weight_ho")
    outputBias = parameter("bias_ho")
    recurrence = ["nu_log", "theta_log", "gamma_log"].map(parameter)
  }

  func step(
    input: [Scalar], state: OracleState<Scalar>
  ) -> (output: [Scalar], state: OracleState<Scalar>) {
    switch cell {
    case .elman(let activation):
      let next = sums(input: input, state: state)[0].map { activation($0) }
      return (next, OracleState(hidden: next, cell: []))

    case .jordan(let activation, let feedback, let hybrid):
      let inner = sums(input: input, state: state)[0].map { activation($0) }
      let output = affine(outputWeight, inner, outputBias)
      return (output, OracleState(hidden: (hybrid ? inner : []) + feedback(output), cell: []))

    case .lstm(_, let coupled, let linearInput, let linearOutput):
      let next = lstmStep(
        sums(input: input, state: state), coupled: coupled, linearInput: linearInput,
        linearOutput: linearOutput, previous: state.cell)
      return (next.hidden, next)

    case .gru(let resetAfter):
      let next = gruStep(input: input, state: state, resetAfter: resetAfter)
      return (next, OracleState(hidden: next, cell: []))

    case .minGRU(let positive):
      let sums = gates(affine(inputWeight, input, inputBias))
      let next = (0..<hidden).map { unit in
        let z = sums[0][unit].sigmoid()
        let g = positive ? positivePart(sums[1][unit]) : sums[1][unit]
        return (1.0 - z) * state.hidden[unit] + z * g
      }
      return (next, OracleState(hidden: next, cell: []))

    case .minLSTM(let positive):
      let sums = gates(affine(inputWeight, input, inputBias))
      let next = (0..<hidden).map { unit in
        let (f, i) = (sums[0][unit].sigmoid(), sums[1][unit].sigmoid())
        let g = positive ? positivePart(sums[2][unit]) : sums[2][unit]
        return f / (f + i) * state.hidden[unit] + i / (f + i) * g
      }
      return (next, OracleState(hidden: next, cell: []))

    case .lru:
      return lruStep(input: input, state: state.hidden)
    }
  }

  private func positivePart(_ x: Scalar) -> Scalar { x.value >= 0 ? x + 0.5 : x.sigmoid() }

  private func lruStep(
    input: [Scalar], state: [Scalar]
  ) -> (output: [Scalar], state: OracleState<Scalar>) {
    let pairs = recurrence[0].count
    let fed = affine(inputWeight, input, [Scalar](repeating: 0.0, count: 2 * pairs + hidden))
    var (real, imaginary): ([Scalar], [Scalar]) = ([], [])
    for unit in 0..<pairs {
      let radius = (0.0 - recurrence[0][unit].exponential()).exponential()
      let angle = recurrence[1][unit].exponential()
      let (re, im) = (radius * angle.cosine(), radius * angle.sine())
      let gamma = recurrence[2][unit].exponential()
      let (oldRe, oldIm) = (state[unit], state[pairs + unit])
      real.append(re * oldRe - im * oldIm + gamma * fed[unit])
      imaginary.append(re * oldIm + im * oldRe + gamma * fed[pairs + unit])
    }
    let next = real + imaginary
    let shown = affine(outputWeight, next, [Scalar](repeating: 0.0, count: hidden))
    let output = zip(shown, fed[(2 * pairs)...]).map { $0 + $1 }
    return (output, OracleState(hidden: next, cell: []))
  }

  private func lstmStep(
    _ sums: [[Scalar]], coupled: Bool, linearInput: Bool, linearOutput: Bool, previous: [Scalar]
  ) -> OracleState<Scalar> {
    var next = OracleState<Scalar>(hidden: [], cell: [])
    for unit in 0..<hidden {
      let gates = sums.map { $0[unit] }
      let old = previous[unit]
      let i = peeped(gates[0], peepholeRow: 0, unit, old).sigmoid()
      let f = coupled ? 1.0 - i : peeped(gates[1], peepholeRow: 1, unit, old).sigmoid()
      let written = gates[coupled ? 1 : 2]
      let g = linearInput ? written : written.hyperbolicTangent()
      let c = f * old + i * g
      let o = peeped(gates[coupled ? 2 : 3], peepholeRow: coupled ? 1 : 2, unit, c).sigmoid()
      next.cell.append(c)
      next.hidden.append(o * (linearOutput ? c : c.hyperbolicTangent()))
    }
    return next
  }

  private func peeped(
    _ sum: Scalar, peepholeRow row: Int, _ unit: Int, _ cellState: Scalar
  ) -> Scalar {
    peephole.isEmpty ? sum : sum + peephole[row * hidden + unit] * cellState
  }

  private func gruStep(
    input: [Scalar], state: OracleState<Scalar>, resetAfter: Bool
  ) -> [Scalar] {
    let fromInput = gates(affine(inputWeight, input, inputBias))
    let carried = dropped(state.hidden)
    let fromState = gates(affine(recurrentWeight, carried, recurrentBias))
    let r = zip(fromInput[0], fromState[0]).map { ($0 + $1).sigmoid() }
    let z = zip(fromInput[1], fromState[1]).map { ($0 + $1).sigmoid() }

    let candidate: [Scalar]
    if resetAfter {
      candidate = zip(r, fromState[2]).map { $0 * $1 }
    } else {
      let candidateWeight = Array(recurrentWeight.suffix(hidden * hidden))  // U_n
      let candidateBias = Array(recurrentBias.suffix(hidden))  // b_hn
      candidate = affine(candidateWeight, zip(r, carried).map { $0 * $1 }, candidateBias)
    }
    return (0..<hidden).map { unit in
      let n = (fromInput[2][unit] + candidate[unit]).hyperbolicTangent()
      return (1.0 - z[unit]) * n + z[unit] * state.hidden[unit]
    }
  }

  /// W x + b_ih + U (mask * h) + b_hh, gate by gate: [G][H].
  private func sums(input: [Scalar], state: OracleState<Scalar>) -> [[Scalar]] {
    let fromInput = affine(inputWeight, input, inputBias)
    let fromState = affine(recurrentWeight, dropped(state.hidden), recurrentBias)
    return gates(zip(fromInput, fromState).map { $0 + $1 })
  }

  private func dropped(_ state: [Scalar]) -> [Scalar] {
    recurrentMask.map { masked($0, state) } ?? state
  }

  /// [G*H] to [G][H].
  private func gates(_ stacked: [Scalar]) -> [[Scalar]] {
    (0..<cell.gateCount).map { Array(stacked[$0 * hidden..<($0 + 1) * hidden]) }
  }
}

/// weight [rows, columns] * vector [columns] + bias [rows].
private func affine<Scalar: OracleScalar>(
  _ weight: [Scalar], _ vector: [Scalar], _ bias: [Scalar]
) -> [Scalar] {
  precondition(weight.count == bias.count * vector.count, "the weight has another shape")
  return bias.indices.map { row in
    var sum = bias[row]
    for column in vector.indices {
      sum = sum + weight[row * vector.count + column] * vector[column]
    }
    return sum
  }
}
