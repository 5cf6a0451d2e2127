/// What clipping has done over a training run, in constant memory.
public struct ClipStatistics: Codable, Sendable, Hashable {
  /// Steps seen, those with a non-finite gradient included.
  public private(set) var steps = 0
  /// Steps whose gradient was clipped.
  public private(set) var clippedSteps = 0
  /// Steps whose gradient was infinite or not a number.
  public private(set) var nonFiniteSteps = 0
  /// The first of these steps; nil when there was none.
  public private(set) var firstNonFinite: NonFinite?

  /// Where a gradient was infinite or not a number.
  public struct NonFinite: Codable, Sendable, Hashable {
    /// The first parameter concerned, in the order of the layout.
    public let parameter: String
    /// The training step, counted from 0.
    public let step: Int
    /// Layer, sequence and time step where it began; nil when no single step's share was not
    /// finite.
    public let origin: NonFiniteOrigin?
  }

  private var scaleSum = 0.0
  private var normSum = 0.0
  /// A uniform sample of the norms seen (Vitter's algorithm R, 1985): all of them up to the
  /// capacity.
  private var sample: [Double] = []
  private var generator = RandomGenerator(seed: 0, for: .normSample)
  private static let capacity = 4096

  /// Statistics of no steps.
  public init() { sample.reserveCapacity(Self.capacity) }

  /// The share of steps that were clipped.
  public var clippedShare: Double { steps == 0 ? 0 : Double(clippedSteps) / Double(steps) }
  /// The mean factor of the clipped steps; 1 when there were none.
  public var meanScaleWhenClipped: Double {
    clippedSteps == 0 ? 1 : scaleSum / Double(clippedSteps)
  }
  /// The mean norm of the finite gradients; nil when there was none.
  public var meanNorm: Double? {
    steps > nonFiniteSteps ? normSum / Double(steps - nonFiniteSteps) : nil
  }

  /// Counts a step with what clipping did to its gradient.
  public mutating func add(_ record: ClipRecord) {
    normSum += record.norm
    if record.isClipped {
      clippedSteps += 1
      scaleSum += record.scale
    }
    let seen = steps - nonFiniteSteps
    if sample.count < Self.capacity {
      sample.append(record.norm)
    } else {
      let place = generator.integer(below: seen + 1)
      if place < Self.capacity { sample[place] = record.norm }
    }
    steps += 1
  }

  /// Counts a step whose gradient was infinite or not a number.
  ///
  /// - Parameters:
  ///   - parameter: the first parameter concerned, in the order of the layout.
  ///   - origin: where numbers stopped being finite; nil when nobody looked.
  public mutating func addNonFinite(parameter: String, origin: NonFiniteOrigin? = nil) {
    if firstNonFinite == nil {
      firstNonFinite = NonFinite(parameter: parameter, step: steps, origin: origin)
    }
    nonFiniteSteps += 1
    steps += 1
  }

  /// Quantiles of the gradient norm by linear interpolation; nil before the first finite gradient.
  /// Exact up to 4,096 steps, from a uniform sample of as many beyond.
  public func normQuantiles(_ levels: [Double]) -> [Double]? {
    guard !sample.isEmpty else { return nil }
    let sorted = sample.sorted()
    return levels.map { sorted.sortedQuantile($0) }
  }
}
