internal import CLibrary

/// What a profile says about one layer, in plain words: what happens to the gradient over the steps that the task
/// asks to remember, what shows it, and what to try.
public struct GradientVerdict: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// Less than ``GradientVerdict/fadedShare`` of the gradient arrives over the steps needed.
    case vanishing
    /// More than ``GradientVerdict/grownShare`` times the gradient arrives, or it is not finite.
    case exploding
    /// What lies between.
    case holding
    /// No gradient reaches the layer at all.
    case silent
  }

  /// ‖δ_{T−τ}‖ / ‖δ_T‖ below which a gradient counts as vanished.
  public static let fadedShare = 0.01
  /// The same above which it counts as exploded.
  public static let grownShare = 10.0

  /// `l0`, `l0_reverse`, …
  public var layer: String
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
  public var cell: CellKind
  /// The steps over which the task asks to remember; nil for the whole sequence.
  public var memoryNeeded: Int?
  /// What clipping did in training so far.
  public var clips: ClipStatistics?
  /// The largest Lyapunov exponent of each layer by its name, in nats a step.
  public var lyapunov: [String: Double]

  public init(
    cell: CellKind, memoryNeeded: Int? = nil, clips: ClipStatistics? = nil,
    lyapunov: [String: Double] = [:]
  ) {
    self.cell = cell
    self.memoryNeeded = memoryNeeded
    self.clips = clips
    self.lyapunov = lyapunov
  }
}

extension GradientProfile {
  /// One verdict a layer. It judges ``Layer/memory`` and wants a profile of the last answer alone
  /// (``ProfiledLoss/lastAnswer``): with a loss at every step nothing seems to fade.
  public func verdicts(_ context: VerdictContext) -> [GradientVerdict] {
    layers.map { $0.verdict(context) }
  }
}

extension GradientProfile.Layer {
  fileprivate func verdict(_ context: VerdictContext) -> GradientVerdict {
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
    let rate = memory.decayRate(upTo: lag).map { ", \(short($0)) a step" } ?? ""
    if share < GradientVerdict.fadedShare {
      let horizon = memory.horizon(share: GradientVerdict.fadedShare) ?? lag
      return make(
        .vanishing,
        ["the gradient falls to 1 % within \(horizon) steps, the task needs \(lag)"] + gateEvidence,
        vanishingAdvice(context, lag: lag))
    }
    if share > GradientVerdict.grownShare {
      let growth = "the gradient grows \(short(share)) times over \(lag) steps\(rate)"
      return make(
        .exploding, [growth] + clipEvidence(context) + lyapunovEvidence(context),
        explodingAdvice(context))
    }
    let amount = share > 1 ? "\(short(share)) times" : "\(short(100 * share)) % of"
    let arrives = "\(amount) the gradient arrives \(lag) steps back\(rate)"
    return make(.holding, [arrives] + gateEvidence, "")
  }

  // MARK: Evidence

  private var gateEvidence: [String] {
    gates.compactMap { entry in
      switch entry.gate {
      case .forget, .update:
        "\(entry.gate.rawValue) gates average \(short(entry.values.mean)) "
          + "(memory \(short(entry.memoryTime)) steps)"
      case .input where !gates.contains { $0.gate == .forget } && cell != nil:
        // Coupled gates: f = 1 − i.
        "forget gates average \(short(1 - entry.values.mean))"
      case .input, .candidate, .output, .reset, .hidden: nil
      }
    } + (deadUnits > 0 ? ["\(deadUnits) of \(units) units never change"] : [])
  }

  private func clipEvidence(_ context: VerdictContext) -> [String] {
    guard let clips = context.clips, clips.steps > 0 else { return [] }
    var evidence = ["\(short(100 * clips.clippedShare)) % of steps clipped"]
    if clips.nonFiniteSteps > 0 { evidence.append("\(clips.nonFiniteSteps) steps not finite") }
    return evidence
  }

  private func lyapunovEvidence(_ context: VerdictContext) -> [String] {
    context.lyapunov[name].map {
      ["largest Lyapunov exponent \($0 < 0 ? "" : "+")\(signed($0))"]
    } ?? []
  }

  // MARK: Advice

  private func vanishingAdvice(_ context: VerdictContext, lag: Int) -> String {
    switch context.cell {
    case .elman(.sigmoid):
      return
        "the slope of a sigmoid is at most 1/4; use tanh with an orthogonal start, or an LSTM or GRU"
    case .elman, .jordan: return "start the recurrent weights orthogonal, or use an LSTM or GRU"
    case .irnn:
      return "use a smaller learning rate or clip, so that units stay alive, or use an LSTM or GRU"
    case .lstm(_, coupled: true, _, _):
      return "lower the bias of the input gate (\(signed(-keepingBias(lag))) \(keeps(lag)))"
    case .lstm: return "raise the forget bias (\(signed(keepingBias(lag))) \(keeps(lag)))"
    case .gru:
      return "raise the bias of the update gate (\(signed(keepingBias(lag))) \(keeps(lag)))"
    }
  }

  private func keeps(_ lag: Int) -> String { "would keep 1 % over \(lag) steps" }

  /// The bias b with σ(b)^lag = 1 %.
  private func keepingBias(_ lag: Int) -> Double {
    let gate = pow(GradientVerdict.fadedShare, 1 / Double(max(1, lag)))
    return log(gate / (1 - gate))
  }

  private func explodingAdvice(_ context: VerdictContext) -> String {
    let smaller = "start the recurrent weights with a spectral radius below 1"
    guard let quantile = context.clips?.normQuantiles([0.9])?.first else {
      return "clip the global norm, or \(smaller)"
    }
    return
      "clip the global norm at \(short(quantile)), the 90 % quantile of its history, or \(smaller)"
  }

  private var silentAdvice: String {
    deadUnits == units ? "all units are dead; use smaller weights or another activation" : ""
  }
}

/// Two significant digits, as a person would write them.
private func short(_ value: Double) -> String {
  if value == 0 || !value.isFinite { return "\(value == 0 ? "0" : "∞")" }
  if abs(value) >= 1e5 || abs(value) < 1e-3 { return value.scientific(decimals: 1) }
  let digits = Int(log10(abs(value)).rounded(.down))
  return value.fixed(decimals: max(0, 1 - digits))
}

private func signed(_ value: Double) -> String { (value < 0 ? "−" : "") + short(abs(value)) }
