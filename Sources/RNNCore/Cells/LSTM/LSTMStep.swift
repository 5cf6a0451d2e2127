internal import CLibrary

/// The joint Jacobian of an LSTM on (h, c), [2H, 2H].
///
/// With w = tanh(c_t) ⊙ o', q = o ⊙ (1 − tanh² c_t) and e = q + w ⊙ p_o = ∂h_t/∂c_t:
///
///     A = ∂c_t/∂h_{t−1} = diag(c_{t−1} ⊙ f') U_f + diag(g ⊙ i') U_i + diag(i ⊙ g') U_g
///     F = ∂c_t/∂c_{t−1} = diag(f + c_{t−1} ⊙ f' ⊙ p_f + g ⊙ i' ⊙ p_i)
///     ∂h_t/∂h_{t−1} = diag(e) A + diag(w) U_o          ∂h_t/∂c_{t−1} = diag(e) F
///
/// Coupled gates have f = 1 − i: the terms in f' go, and g ⊙ i' becomes (g − c_{t−1}) ⊙ i'. Where a
/// tanh is left out (``LSTMLinearity``), g' is 1, or c_t stands for tanh(c_t) and 1 for its slope.
struct LSTMStep: LinearizedStep {
  let next, output: [Double]
  let sums: [(gate: Gate, values: [Double])]
  private let recurrent: DenseMatrix
  private let hidden: Int
  private let outputGate: Int
  /// ∂c_t/∂a for each gate that c_t sees, by its place in U
  private var cellSlopes: [(gate: Int, values: [Double])]
  /// F, e and w, each [H]
  private var kept: [Double]
  private var shown: [Double]
  private var outputSlopes: [Double]

  init(_ weights: StateWeights, _ cell: LSTM, state: [Double], input: [Double]) {
    let (coupled, linear) = (cell.coupled, cell.linear)
    hidden = weights.hidden
    recurrent = weights.recurrent
    let peepholes = weights["weight_peephole"]
    let (candidate, output) = coupled ? (1, 2) : (2, 3)
    outputGate = output
    let zeros = [Double](repeating: 0, count: hidden)
    var (h, c) = (zeros, zeros)
    var (byInput, byForget, byCandidate) = (zeros, zeros, zeros)
    (kept, shown, outputSlopes) = (zeros, zeros, zeros)
    var a = weights.preactivations(input, Array(state.prefix(hidden)))
    for unit in 0..<hidden {
      let old = state[hidden + unit]
      let place = { (gate: Int) in gate * weights.hidden + unit }
      func gate(_ index: Int) -> Double { a[place(index)] }
      let p = { (row: Int) in peepholes.map { $0[row, unit] } ?? 0 }
      let (pi, po) = (p(0), p(coupled ? 1 : 2))
      a[place(0)] += pi * old
      let i = logistic(gate(0))
      let isLinear = (input: linear.contains(.input), output: linear.contains(.output))
      let g = isLinear.input ? gate(candidate) : tanh(gate(candidate))
      if coupled {
        byInput[unit] = (g - old) * i * (1 - i)
        kept[unit] = 1 - i + byInput[unit] * pi
        c[unit] = (1 - i) * old + i * g
      } else {
        let pf = p(1)
        a[place(1)] += pf * old
        let f = logistic(gate(1))
        byInput[unit] = g * i * (1 - i)
        byForget[unit] = old * f * (1 - f)
        kept[unit] = f + byForget[unit] * pf + byInput[unit] * pi
        c[unit] = f * old + i * g
      }
      byCandidate[unit] = isLinear.input ? i : i * (1 - g * g)
      a[place(output)] += po * c[unit]
      let o = logistic(gate(output))
      let bent = isLinear.output ? c[unit] : tanh(c[unit])
      outputSlopes[unit] = bent * o * (1 - o)
      shown[unit] = o * (isLinear.output ? 1 : 1 - bent * bent) + outputSlopes[unit] * po
      h[unit] = o * bent
    }
    next = h + c
    self.output = h
    sums = zip(cell.gates, 0...).map { ($0, weights.gate($1, of: a)) }
    cellSlopes = [(0, byInput), (candidate, byCandidate)] + (coupled ? [] : [(1, byForget)])
  }

  func jacobian() -> DenseMatrix {
    var result = DenseMatrix(zeros: 2 * hidden, 2 * hidden)
    for (gate, slopes) in cellSlopes {
      result.addRows(of: recurrent, from: gate * hidden, scaledBy: slopes, toRow: hidden)
      result.addRows(of: recurrent, from: gate * hidden, scaledBy: product(shown, slopes))
    }
    result.addRows(of: recurrent, from: outputGate * hidden, scaledBy: outputSlopes)
    result.addDiagonal(kept, row: hidden, column: hidden)
    result.addDiagonal(product(shown, kept), column: hidden)
    return result
  }
}
