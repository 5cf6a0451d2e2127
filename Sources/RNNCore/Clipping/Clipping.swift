/// What is done to a gradient that is too long, before the optimiser sees it.
///
/// The same threshold means different things: an element's size (`value`), the length of the whole
/// gradient (`globalNorm`), of each layer's part (`perLayer`), or of the gradient divided by the
/// number of sequences (`normOverBatch`). Every report therefore names the mode.
public enum Clipping: Codable, Sendable, Hashable {
  /// The gradient stays as it is.
  case none
  /// Each element is clamped to ±threshold (char-rnn, torch-rnn).
  case value(Float)
  /// g ← g · threshold / ‖g‖ when ‖g‖ > threshold (Pascanu, Mikolov and Bengio 2013).
  case globalNorm(Float)
  /// The same for the gradient of each layer by itself.
  case perLayer(Float)
  /// The same with ‖g‖ / B in place of ‖g‖ (Zaremba, Sutskever and Vinyals 2014, whose loss is a
  /// sum over the batch).
  case normOverBatch(Float)

  /// The modes by the names of the command line.
  public enum Mode: String, CaseIterable, Codable, Sendable, Hashable {
    /// No clipping.
    case none
    /// Each element by itself.
    case value
    /// By the length of the gradient of all parameters.
    case globalNorm = "norm"
    /// By the length of each layer's part.
    case perLayer = "layer-norm"
    /// By the length of the whole gradient divided by the number of sequences.
    case normOverBatch = "norm-over-batch"
  }

  /// The mode without its threshold.
  public var mode: Mode {
    switch self {
    case .none: .none
    case .value: .value
    case .globalNorm: .globalNorm
    case .perLayer: .perLayer
    case .normOverBatch: .normOverBatch
    }
  }

  /// Nil without clipping.
  public var threshold: Float? {
    switch self {
    case .none: nil
    case .value(let limit), .globalNorm(let limit), .perLayer(let limit), .normOverBatch(let limit):
      limit
    }
  }

  /// - Parameters:
  ///   - mode: what the threshold is compared with.
  ///   - threshold: above 0 and finite; not looked at with mode `none`.
  public init(_ mode: Mode, threshold: Float) throws(RNNError) {
    if mode != .none, !(threshold > 0 && threshold.isFinite) {
      throw RNNError(
        .range, "clipping threshold", expected: "a finite number above 0", found: "\(threshold)")
    }
    switch mode {
    case .none: self = .none
    case .value: self = .value(threshold)
    case .globalNorm: self = .globalNorm(threshold)
    case .perLayer: self = .perLayer(threshold)
    case .normOverBatch: self = .normOverBatch(threshold)
    }
  }

  /// Clips gradients in place, and says what was done.
  ///
  /// - Parameters:
  ///   - gradients: of one step, all finite.
  ///   - sequences: B, which only `normOverBatch` looks at.
  @discardableResult
  public func apply(to gradients: ParameterStore, sequences: Int = 1) -> ClipRecord {
    let team = ThreadTeam.shared
    return apply(
      to: gradients, norm: gradients.sumOfSquares(team).squareRoot(), sequences: sequences,
      team: team)
  }

  /// - Parameter norm: ‖g‖ of the gradients.
  func apply(
    to gradients: ParameterStore, norm: Double, sequences: Int, team: ThreadTeam
  ) -> ClipRecord {
    let (values, count) = (gradients.storage.pointer, gradients.layout.storageCount)
    var record = ClipRecord(norm: norm, scale: 1, isClipped: false)
    switch self {
    case .none: break
    case .value(let limit):
      record.isClipped = kernels.clamp(count, limit, values) > 0
      if record.isClipped, norm > 0 {
        record.scale = gradients.sumOfSquares(team).squareRoot() / norm
      }
    case .globalNorm(let limit):
      if let factor = record.factor(to: Double(limit), from: norm) {
        gradients.scale(by: factor, team)
      }
    case .normOverBatch(let limit):
      if let factor = record.factor(to: Double(limit) * Double(sequences), from: norm) {
        gradients.scale(by: factor, team)
      }
    case .perLayer(let limit):
      for (_, range) in gradients.layout.layers {
        let part = values + range.lowerBound
        let own = kernels.sum_of_squares(range.count, part).squareRoot()
        if let factor = record.factor(to: Double(limit), from: own) {
          kernels.scale(range.count, factor, part)
        }
      }
    }
    return record
  }
}

/// What clipping did in one step.
public struct ClipRecord: Sendable, Hashable {
  /// ‖g‖ of the whole gradient before clipping, whatever the mode.
  public var norm: Double
  /// The factor that was applied: the smallest one with `perLayer`; with `value` the length after
  /// over the length before. 1 when nothing was clipped.
  public var scale: Double
  /// Whether the gradient was changed.
  public var isClipped: Bool

  /// The factor that brings a norm above the limit down to it, and notes that something was
  /// clipped; nil for a norm within the limit.
  fileprivate mutating func factor(to limit: Double, from norm: Double) -> Float? {
    guard norm > limit else { return nil }
    scale = min(scale, limit / norm)
    isClipped = true
    return Float(limit / norm)
  }
}
