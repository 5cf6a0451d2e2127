internal import CLibrary

/// What a profile says about one layer, in plain words: what happens to the gradient over the steps
/// that the task asks to remember, what shows it, and what to try.
public struct GradientVerdict: Sendable, Hashable {
  /// What happens to a gradient on its way back.
  public enum Kind: String, Sendable, Hashable {
    /// Less than ``GradientVerdict/fadedShare`` of the gradient arrives over the steps needed.
    case vanishing
    /// More than ``GradientVerdict/grownShare`` times the gradient arrives, or it is not finite.
    case exploding
    /// What lies between.
    case holding
    /// No gradient reaches the layer at all.
    case silent
    /// Losses of several steps come together, so that what lies below cannot be told.
    case masked
  }

  /// ‖δ_{T−τ}‖ / ‖δ_T‖ below which a gradient counts as vanished.
  public static let fadedShare = 0.01
  /// The same above which it counts as exploded.
  public static let grownShare = 10.0

  /// `l0`, `l0_reverse`, …
  public var layer: String
  /// What happens to the gradient in this layer.
  public var kind: Kind
  /// What was seen, with its numbers.
  public var evidence: String
  /// What to try; empty where nothing has to be done.
  public var advice: String

  /// "l0 vanishing: evidence: advice."
  public var sentence: String {
    "\(layer) \(kind.rawValue): \(evidence)" + (advice.isEmpty ? "." : ": \(advice).")
  }
}

/// What a verdict is to know besides the profile.
public struct VerdictContext: Sendable {
  /// The cell of the layers, which decides what can be advised.
  public var cell: CellKind
  /// The steps over which the task asks to remember; nil for the whole sequence.
  public var memoryNeeded: Int?
  /// What clipping did in training so far.
  public var clips: ClipStatistics?
  /// The largest Lyapunov exponent of each layer by its name, in nats a step.
  public var lyapunov: [String: Double]

  /// Makes a context.
  ///
  /// - Parameters:
  ///   - cell: of the layers.
  ///   - memoryNeeded: steps over which the task asks to remember; nil for the whole sequence.
  ///   - clips: what clipping did so far; nil for nothing known.
  ///   - lyapunov: the largest exponent of each layer by its name, in nats a step.
  public init(
    cell: CellKind, memoryNeeded: Int? = nil, clips: ClipStatistics? = nil,
    lyapunov: [String: Double] = [:]
  ) {
    self.cell = cell
    self.memoryNeeded = memoryNeeded
    self.clips = clips
    self.lyapunov = lyapunov
  }

  /// Takes the largest exponents from the Jacobians of a profile's layers, one outcome a layer.
  package mutating func add(_ spectra: [LayerSpectrum.Outcome], of profile: GradientProfile) {
    for (layer, outcome) in zip(profile.layers, spectra) {
      lyapunov[layer.name] = outcome.spectrum?.lyapunov.exponents.first
    }
  }
}

extension GradientProfile {
  /// One verdict a layer. It judges ``Layer/memory`` and wants a profile of one answer alone
  /// (``ProfiledLoss/lastAnswer`` or ``ProfiledLoss/step(_:)``). With losses at several steps
  /// nothing seems to fade and much seems to grow: unless nothing arrives or something is not
  /// finite, the verdict is then ``GradientVerdict/Kind/masked``.
  public func verdicts(_ context: VerdictContext) -> [GradientVerdict] {
    layers.map { $0.verdict(context, isMasked: hasSeveralLosses) }
  }
}

extension GradientProfile.Layer {
  fileprivate func verdict(_ context: VerdictContext, isMasked: Bool) -> GradientVerdict {
    let norms = memory.byDistance
    let lag = max(0, min(context.memoryNeeded ?? .max, norms.count - 1))
    func make(_ kind: GradientVerdict.Kind, _ evidence: [String], _ advice: String)
      -> GradientVerdict
    {
      GradientVerdict(
        layer: name, kind: kind, evidence: evidence.joined(separator: "; "), advice: advice)
    }
    if let bad = norms.firstIndex(where: { !$0.isFinite }) {
      return make(
        .exploding, ["the gradient is not finite from \(bad) steps back on"],
        explodingAdvice(context))
    }
    guard let share = memory.share(at: lag) else {
      return make(.silent, ["no gradient arrives at the last step"], silentAdvice)
    }
    let rate = memory.decayRate(upTo: lag).map { ", \($0.short) a step" } ?? ""
    if isMasked {
      return make(
        .masked,
        [
          "losses at several steps: the earlier the step, the more of them add up, whatever fades "
            + "on the way"
        ],
        "probe one answer alone, the last or that of a step")
    }
    if share > GradientVerdict.grownShare {
      let growth = "the gradient grows \(share.short) times over \(lag) steps\(rate)"
      return make(
        .exploding, [growth] + clipEvidence(context) + lyapunovEvidence(context),
        explodingAdvice(context))
    }
    if share < GradientVerdict.fadedShare {
      let horizon = memory.horizon(share: GradientVerdict.fadedShare) ?? lag
      let flushed = memory.flushed.map {
        ["from \($0) steps back on it is below 1.2e-38 and counts as zero"]
      }
      return make(
        .vanishing,
        ["the gradient falls to 1 % within \(horizon) steps, the task needs \(lag)"]
          + (flushed ?? []) + gateEvidence(context),
        vanishingAdvice(context, lag: lag))
    }
    let amount = share > 1 ? "\(share.short) times" : "\((100 * share).short) % of"
    let arrives = "\(amount) the gradient arrives \(lag) steps back\(rate)"
    return make(.holding, [arrives] + gateEvidence(context), "")
  }

  // MARK: Evidence

  private func gateEvidence(_ context: VerdictContext) -> [String] {
    var evidence: [String] = []
    if let keeping = context.cell.cell.keepingGate,
      let entry = gates.first(where: { $0.gate == keeping.gate })
    {
      let kept = keeping.kept(entry.values.mean)
      evidence.append(
        "\(keeping.says) \(kept.short) "
          + "(memory \(GradientProfile.GateValues.memoryTime(kept: kept).short) steps)")
    }
    if deadUnits > 0 { evidence.append("\(deadUnits) of \(units) units never change") }
    return evidence
  }

  private func clipEvidence(_ context: VerdictContext) -> [String] {
    guard let clips = context.clips, clips.steps > 0 else { return [] }
    var evidence = ["\((100 * clips.clippedShare).short) % of steps clipped"]
    if clips.nonFiniteSteps > 0 { evidence.append("\(clips.nonFiniteSteps) steps not finite") }
    return evidence
  }

  private func lyapunovEvidence(_ context: VerdictContext) -> [String] {
    context.lyapunov[name].map {
      ["largest Lyapunov exponent \($0 < 0 ? "" : "+")\($0.signedShort)"]
    } ?? []
  }

  // MARK: Advice

  private func vanishingAdvice(_ context: VerdictContext, lag: Int) -> String {
    context.cell.cell.advice(MemoryAim(share: GradientVerdict.fadedShare, steps: lag))
  }

  private func explodingAdvice(_ context: VerdictContext) -> String {
    let smaller = "start the recurrent weights with a spectral radius below 1"
    guard let quantile = context.clips?.normQuantiles([0.9])?.first else {
      return "clip the global norm, or \(smaller)"
    }
    return
      "clip the global norm at \(quantile.short), the 90 % quantile of its history, or \(smaller)"
  }

  private var silentAdvice: String {
    deadUnits == units ? "all units are dead; use smaller weights or another activation" : ""
  }
}
