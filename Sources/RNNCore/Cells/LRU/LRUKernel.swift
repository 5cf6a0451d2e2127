internal import CKernels
internal import CLibrary

/// h_t = λ ⊙ h_{t−1} + γ ⊙ B x_t with complex numbers, y_t = Re(C h_t) + D x_t.
///
/// The n complex numbers are two blocks, real parts first. Weights: [Re B; Im B; D] [2n + H, I],
/// and [Re C | −Im C] [H, 2n], so that all products are real. Gates: B x as the way back needs it,
/// then B x and D x as the product fills them.
///
/// Backward, with conj(λ) the complex conjugate: dh_t = dy_t C + dh carried from the step after,
/// d(B x_t) = γ ⊙ dh_t, dh_{t−1} = conj(λ) ⊙ dh_t, and summed over all steps
///
///     dRe λ = Σ Re(conj(h_{t−1}) ⊙ dh_t)    dIm λ = Σ Im(conj(h_{t−1}) ⊙ dh_t)
///     dγ = Σ Re(conj(B x_t) ⊙ dh_t)
struct LRUKernel: ElementwiseKernel {
  let shape: CellShape
  /// The first column of gates that the product fills.
  private let fed: Int
  private enum Parameter { static let radius = 0, angle = 1, normalization = 2 }

  init(_ cell: LRU, _ sizes: CellSizes) {
    let (input, hidden) = (sizes.input, sizes.hidden)
    let pairs = LRU.pairs(hidden: hidden)
    func ring(_ name: String, _ part: LRU.RingStart.Part) -> CellParameter {
      CellParameter(
        name: name, rows: pairs, role: .recurrence,
        start: OwnStart(LRU.RingStart(part: part, ring: cell.ring)))
    }
    let (fromInput, fromState) = (2 * pairs + hidden, 2 * pairs)
    let half = 1 / Float(2 * input).squareRoot()
    fed = 2 * pairs
    shape = CellShape(
      input: input, hidden: hidden,
      slots: (fed + fromInput + hidden - 1) / hidden, state: fromState, emission: hidden,
      derived: 3 * pairs, separateUnits: pairs,
      parameters: [
        ring(LRU.Names.radius, .radius), ring(LRU.Names.angle, .angle),
        ring(LRU.Names.normalization, .normalization),
        CellParameter(
          name: "weight_ih", rows: fromInput, columns: input, role: .inputWeight,
          start: OwnStart(
            LRU.NormalStart(
              deviation: half, rows: 2 * pairs, rest: 1 / Float(input).squareRoot()))),
        CellParameter(
          name: "weight_ho", rows: hidden, columns: fromState, role: .emissionWeight,
          start: OwnStart(
            LRU.NormalStart(deviation: 1 / Float(pairs).squareRoot(), rows: hidden, rest: 0))),
      ],
      inputProducts: [
        CellProduct(weight: 3, rows: 0..<fromInput, source: .input, target: .gates(fed))
      ],
      finalProduct: FinalProduct(
        product: CellProduct(
          weight: 4, rows: 0..<hidden, source: .state, target: .gates(fed + 2 * pairs)),
        stateGradient: fed))
  }

  private var pairs: Int { shape.state / 2 }

  var stateActivation: Activation { .identity }

  /// Re λ, Im λ and γ.
  func derive(_ weights: CellWeights, into derived: UnsafeMutablePointer<Float>) {
    let radius = weights.parameter(Parameter.radius)
    let angle = weights.parameter(Parameter.angle)
    let normalization = weights.parameter(Parameter.normalization)
    for unit in 0..<pairs {
      let lambda = LRU.rotation(Double(radius[unit]), Double(angle[unit]))
      derived[unit] = Float(lambda.re)
      derived[pairs + unit] = Float(lambda.im)
      derived[2 * pairs + unit] = Float(exp(Double(normalization[unit])))
    }
  }

  func forward(_ steps: CellSteps, _ weights: CellWeights) {
    let own = own(steps, weights)
    kernels.lru_forward(
      own.lambda, own.gamma, fed, steps.kernelSteps(bias: weights.bias, block: pairs))
  }

  func backward(_ steps: CellSteps, _ weights: CellWeights) {
    let own = own(steps, weights)
    kernels.lru_backward(
      own.lambda, own.gamma, fed, steps.kernelSteps(bias: weights.bias, block: pairs),
      steps.kernelGradient())
  }

  /// λ and γ of the worker's units.
  private func own(
    _ steps: CellSteps, _ weights: CellWeights
  ) -> (lambda: UnsafePointer<Float>, gamma: UnsafePointer<Float>) {
    let first = weights.derived + (steps.share.units?.lowerBound ?? 0)
    return (first, first + 2 * pairs)
  }

  /// ‖dE/dh_t‖², of what the output and later steps ask of the complex state.
  func addStateGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>
  ) {
    for part in 0..<2 {
      let first = part * pairs
      let columns = first + step.units.lowerBound..<first + step.units.upperBound
      gradient.state.columns(columns).addRowSquares(
        plus: step.gates.columns(fed..<fed + 2 * pairs).columns(columns), to: squares)
    }
  }

  func addOwnGradients(_ pass: FinishedPass, team: ThreadTeam) {
    let sums = pass.sums
    if pass.isLast { sums.update(repeating: 0, count: 3 * pairs) }
    team.split(pairs, grain: 16) { units in
      pass.layout.forEachGroup { range in
        let steps = CellSteps(
          unrolled: pass.unrolled, range: range,
          share: StepShare(
            ranks: 0..<pass.layout.sequenceCount, units: units, barrier: .none))
        kernels.lru_sums(
          fed, steps.kernelSteps(bias: pass.weights.bias, block: pairs), sums + units.lowerBound)
      }
    }
    guard pass.isFirst else { return }
    let (derived, radius) = (pass.weights.derived, pass.weights.parameter(Parameter.radius))
    let angle = pass.weights.parameter(Parameter.angle)
    for unit in 0..<pairs {
      func number(_ values: UnsafePointer<Float>, _ block: Int) -> Double {
        Double(values[block * pairs + unit])
      }
      let (re, im, gamma) = (number(derived, 0), number(derived, 1), number(derived, 2))
      // The sums have γ as a factor.
      let (byRe, byIm) = gamma > 0 ? (number(sums, 0) / gamma, number(sums, 1) / gamma) : (0, 0)
      pass.gradient(of: Parameter.radius)[unit] -= Float(
        (byRe * re + byIm * im) * exp(Double(radius[unit])))
      pass.gradient(of: Parameter.angle)[unit] += Float(
        (byIm * re - byRe * im) * exp(Double(angle[unit])))
      pass.gradient(of: Parameter.normalization)[unit] += sums[2 * pairs + unit]
    }
  }
}
