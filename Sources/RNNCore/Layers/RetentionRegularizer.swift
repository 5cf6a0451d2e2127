/// Ω, which asks that a gradient keep its length on its way back through time (Pascanu, Mikolov and
/// Bengio 2013, "On the difficulty of training recurrent neural networks", section 3.3).
///
/// With a_t the preactivation, h_t = f(a_t), and dE/da_t the gradient that BPTT brings to step t:
///
///     ρ_t = ‖(dE/da_t · U) ⊙ f'(a_{t−1})‖ / ‖dE/da_t‖
///     Ω   = mean of (ρ_t − 1)² over the steps t ≥ 1 of all sequences     (`paper`)
///           mean of (ρ_t² − 1)² over them                               (`released`)
///
/// summed over layers and directions. ρ < 1 everywhere is a gradient that vanishes, ρ > 1 one that
/// explodes. Steps where no gradient arrives do not count. Only the immediate gradient is taken, as
/// in the paper: dE/da and f' are constants, and Ω moves U alone, dU += weight · dΩ/dU.
///
/// The released code divides by ‖dE/dh_t‖, before f', where the paper and this type have ‖dE/da_t‖:
/// each ρ belongs to another cut through the same chain of factors.
///
/// For cells whose state is f of one preactivation: `elman` and `irnn`, in any number of layers and
/// directions, without recurrent dropout. Costs N·H² multiplications and additions twice over, half
/// of a backward pass, and N·H floats.
public struct RetentionRegularizer: Sendable, Hashable {
  /// How ρ is compared with 1.
  public enum Form: String, CaseIterable, Sendable, Hashable {
    /// (ρ − 1)², the published equation. Steps with ‖dE/da‖ < 1e-30, where `Float` gives out, do
    /// not count.
    case paper
    /// (ρ² − 1)², what Pascanu's released code computes. Steps with ‖dE/da‖² < 1e-20 do not count.
    case released

    /// ‖dE/da‖² below which a step does not count.
    var bound: Double {
      switch self {
      case .paper: 1e-60
      case .released: 1e-20
      }
    }
  }

  /// What Ω is multiplied with before it is added to the loss; 0 measures Ω and changes nothing.
  public let weight: Float
  /// Which of the two forms of Ω.
  public let form: Form

  /// Throws `.range` for a weight that is negative or not finite.
  public init(weight: Float, form: Form = .paper) throws(RNNError) {
    guard weight >= 0, weight.isFinite else {
      throw RNNError(
        .range, "regulariser weight", expected: "a finite number, 0 or more", found: "\(weight)")
    }
    self.weight = weight
    self.form = form
  }

  /// Throws `.unsupported` for a body in which U alone does not lead from one preactivation to the
  /// next.
  func check(_ body: RecurrentConfiguration?) throws(RNNError) {
    func refuse(_ expected: String, _ found: String) -> RNNError {
      RNNError(.unsupported, "retention regulariser", expected: expected, found: found)
    }
    guard let body else { throw refuse("a recurrent network", "a feed-forward one") }
    if !body.cell.cell.kernel(body.sizes(input: 1)).hasOnePreactivation {
      throw refuse("elman or irnn, whose state is f of one preactivation", "\(body.cell)")
    }
    if body.recurrentDropout > 0 {
      throw refuse("no recurrent dropout, which cuts U's inputs", "\(body.recurrentDropout)")
    }
  }

  /// One step's term of Ω, and the two factors that make dΩ/dU's row of q ⊙ f': products of both
  /// may leave `Float`'s range, the factors do not. Nil when the step does not count.
  ///
  /// - Parameters:
  ///   - passed: ‖q‖², q = (dE/da_t · U) ⊙ f'(a_{t−1}).
  ///   - arriving: ‖dE/da_t‖².
  func term(passed: Double, arriving: Double) -> (value: Float, factors: (Float, Float))? {
    guard arriving >= form.bound else { return nil }
    switch form {
    case .paper:
      let (length, norm) = (passed.squareRoot(), arriving.squareRoot())
      let excess = length / norm - 1
      // At q = 0 the length has no gradient; with relu, all units may be off.
      let isFlat = length < 1e-37
      return (
        Float(excess * excess), isFlat ? (0, 0) : (Float(1 / length), Float(2 * excess / norm))
      )
    case .released:
      let excess = passed / arriving - 1
      return (Float(excess * excess), (1, Float(4 * excess / arriving)))
    }
  }
}

/// Where Ω is computed; it grows to the largest layer and batch.
final class RetentionWorkspace: @unchecked Sendable {
  /// (dE/da_t · U) ⊙ f'(a_{t−1}), then dΩ/dU's right factor, [N − B, H]
  let passed = FloatBuffer()
  /// The terms of Ω, [N − B]; `skipped` for steps that do not count
  let terms = FloatBuffer()

  /// No square is negative.
  static let skipped: Float = -1
}
