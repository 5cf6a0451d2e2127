internal import CLibrary

/// Where the gradient went in one training step: its norm per layer and time step, what the gates
/// did, and how much each parameter got.
///
/// ```swift
/// let profile = try model.profile(for: batch, probing: .lastAnswer)
/// for layer in profile.layers { print(layer.name, layer.memory.horizon() ?? .max) }
/// ```
///
/// Its numbers come from what BPTT holds anyway (``GradientProfiler`` takes them while training).
public struct GradientProfile: Sendable, Hashable {
  /// Norms along time.
  public struct Series: Sendable, Hashable {
    /// ‖δ_t‖ over all sequences that have a step t, as the caller counts steps: √Σ_b ‖δ_{b,t}‖², T
    /// values.
    public var byStep: [Double]
    /// The same by the distance, in the order in which the layer reads, from the step of the probed
    /// answer (``ProfiledLoss/lastAnswer``), else from the last step read: the distance 0 first.
    public var byDistance: [Double]
    /// For each distance the norm at distance 0 of the sequences that reach it: what shares are
    /// relative to, so that a batch of several lengths does not seem to lose what its short
    /// sequences never had. For attention that of all their steps.
    public var reference: [Double]

    /// - Parameter reference: nil when all sequences reach every distance.
    init(byStep: [Double], byDistance: [Double], reference: [Double]? = nil) {
      self.byStep = byStep
      self.byDistance = byDistance
      self.reference =
        reference ?? Array(repeating: byDistance.first ?? 0, count: byDistance.count)
    }
  }

  /// One layer and direction.
  public struct Layer: Sendable, Hashable {
    /// `l0`, `l0_reverse`, `l1`, …, behind `encoder.`, `decoder.` or `question.` in models that
    /// have other parts.
    public var name: String
    /// δ = dE/dh_t, the whole derivative: what the steps after t and the loss at t contribute. For
    /// a Jordan layer dE/dz_t, z the preactivation of its output. (An Elman-Jordan layer's y_t is
    /// made of its h_t.)
    public var hidden: Series
    /// δ = dE/dc_t, the whole derivative, with h_t following c_t; nil without a cell state.
    public var cell: Series?
    /// The hidden states.
    public var states: ValueStatistics
    /// The gates, in the order of the cell's weights.
    public var gates: [GateValues]
    /// Units of the state that had the same value at every token looked at.
    public var deadUnits: Int
    /// The width of the state: H; O for a Jordan layer, H + O for an Elman-Jordan layer, H rounded
    /// down to pairs for an LRU.
    public var units: Int
    /// The share of the state that stays from one step to the next, the mean over the tokens looked
    /// at, where a gate says so: the forget gate, a GRU's update gate; 1 − that gate where it is
    /// the share that is replaced. Nil for cells without such a gate.
    public var kept: Double?

    /// The series that tells how far the layer remembers: the cell state's where there is one.
    public var memory: Series { cell ?? hidden }
  }

  /// A gate's values over the tokens looked at.
  public struct GateValues: Sendable, Hashable {
    /// Which gate.
    public var gate: Gate
    /// Mean, spread, saturation and histogram of its values.
    public var values: ValueStatistics

    /// −1 / ln(mean): the steps after which a value that is multiplied by the mean gate has fallen
    /// to 1/e. It means something for a forget gate, and for a GRU's update gate (not for minGRU's,
    /// see ``Layer/kept``); infinite when the gate is 1.
    public var memoryTime: Double { Self.memoryTime(kept: values.mean) }

    /// −1 / ln(kept)
    static func memoryTime(kept: Double) -> Double {
      kept <= 0 ? 0 : kept >= 1 ? .infinity : -1 / log(kept)
    }
  }

  /// One parameter's gradient, before clipping.
  public struct Parameter: Sendable, Hashable {
    /// The parameter's name in the layout, such as `weight_hh_l0`.
    public var name: String
    /// The layer that it belongs to: `l0`, `l0_reverse`, `embedding`, `readout`.
    public var layer: String
    /// ‖dE/dw‖, of the loss alone where a regulariser adds to it.
    public var gradientNorm: Double
    /// ‖w‖ before the update.
    public var weightNorm: Double
    /// ‖Δw‖ / ‖w‖ of the update; nil when there was none, or without weights.
    public var updateRatio: Double?
    /// ‖dE/dw‖ of each gate's rows, in the weights' order; empty for a parameter without gates.
    public var gates: [GateNorm]
  }

  /// A gate's share of a parameter's gradient.
  public struct GateNorm: Sendable, Hashable {
    /// The gate whose rows of the parameter are meant.
    public var gate: Gate
    /// ‖dE/dw‖ of these rows.
    public var norm: Double
  }

  /// The training steps that came before; 0 for a profile without training.
  public var step: Int
  /// Of the batch; nil where only the gradient of the outputs was given.
  public var loss: Double?
  /// One a layer and direction; none for a feed-forward model.
  public var layers: [Layer]
  /// Norms of every parameter, its gradient and its update, in the order of the layout.
  public var parameters: [Parameter]
  /// What clipping did; nil without an update.
  public var clip: ClipRecord?
  /// The ways by which the gradient comes from one part of the model to another, by their names;
  /// none for a model of one network. An ``EncoderDecoder`` has `decoder.start`, the initial states
  /// of all the decoder's layers, which are the encoder's final ones, and `attention` and
  /// `attention.query`.
  public var paths: [Path] = []
  /// The losses that it is of.
  public var probe = ProfiledLoss.allAnswers
  /// Whether losses of several steps of a sequence come together, so that those of later steps hide
  /// what has faded of those before: nothing can then be said of vanishing.
  public var hasSeveralLosses = false

  /// ‖dE/dθ‖ of all parameters, before clipping and without a regulariser's part.
  public var globalNorm: Double {
    parameters.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }.squareRoot()
  }
}

extension GradientProfile.Series {
  /// ‖δ_{T−τ}‖ / ‖δ_T‖, what arrives `distance` steps back, over the sequences that are long
  /// enough; nil where none is, or without a gradient to begin with.
  public func share(at distance: Int) -> Double? {
    guard byDistance.indices.contains(distance), reference[distance] > 0 else { return nil }
    return byDistance[distance] / reference[distance]
  }

  /// The first distance at which ``share(at:)`` is below `limit`; nil when the gradient never falls
  /// so far, or there is none. With a loss at every step later losses hide the decay: see
  /// ``ProfiledLoss/lastAnswer``.
  public func horizon(share limit: Double = 0.01) -> Int? {
    byDistance.indices.first { share(at: $0).map { $0 < limit } ?? false }
  }

  /// The first distance at which nothing is left because the numbers were below 2⁻¹²⁶, about
  /// 1.2e-38, which count as zeros (``ThreadTeam``): there the gradient was smaller than a `Float`
  /// can say, not exactly zero. Nil when that does not happen.
  public var flushed: Int? {
    guard let first = byDistance.firstIndex(of: 0), first > 0 else { return nil }
    let last = byDistance[first - 1]
    let fall = first > 1 && byDistance[first - 2] > 0 ? last / byDistance[first - 2] : 1
    // A norm is larger than its numbers by the root of how many there are.
    return last < 1e-30 || last * fall < 1e-35 ? first : nil
  }

  /// The factor by which the norm changes from one step to the one before it: e^slope of the least
  /// squares line through the logarithms of the shares against the distance, over the distances up
  /// to `limit` with a share above zero; nil with fewer than two of them.
  public func decayRate(upTo limit: Int? = nil) -> Double? {
    let last = min(limit ?? .max, byDistance.count - 1)
    guard last >= 1 else { return nil }
    let points = (0...last).compactMap { distance -> (x: Double, y: Double)? in
      guard let share = share(at: distance), share > 0, share.isFinite else { return nil }
      return (Double(distance), log(share))
    }
    guard points.count > 1 else { return nil }
    let count = Double(points.count)
    let (meanX, meanY) = (
      points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count
    )
    let covariance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    let variance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    return exp(covariance / variance)
  }
}

/// Which losses a profile is taken of.
///
/// Written as `last`, `all` or a step, counted from 0 as the caller counts: `7`.
public enum ProfiledLoss: Sendable, Hashable, CustomStringConvertible {
  /// All answers of the batch, as training sees them.
  case allAnswers
  /// Each sequence's last answer alone: the probe that shows how far back a gradient reaches, where
  /// otherwise the losses of later steps would hide that those before them have faded. For layers
  /// that read from the end it is the first answer, which is the last that they give. Of losses of
  /// whole sequences (conditional random field, connectionist temporal classification) it is the
  /// share of that step's output in the gradient of the whole.
  case lastAnswer
  /// The answer at one step alone, for layers that read from the end as well; sequences that have
  /// none there have no gradient.
  case step(Int)

  /// Throws `.format` for a text that is none of its names.
  public init(_ text: String) throws(RNNError) {
    switch text {
    case "last": self = .lastAnswer
    case "all": self = .allAnswers
    default:
      guard let step = Int(text), step >= 0 else {
        throw RNNError(
          .format, "probe", expected: "last, all or a step, counted from 0", found: text.excerpt)
      }
      self = .step(step)
    }
  }

  public var description: String {
    switch self {
    case .allAnswers: "all"
    case .lastAnswer: "last"
    case .step(let step): "\(step)"
    }
  }

  /// The error of a model whose answers cannot be told apart.
  static func unsupported(_ probing: ProfiledLoss) -> RNNError {
    RNNError(
      .unsupported, "probe", expected: "all: the answers of this model cannot be told apart",
      found: "\(probing)")
  }
}
