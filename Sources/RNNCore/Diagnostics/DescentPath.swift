/// Gradient descent on a ``LossSurface2D``: what clipping does, step by step.
public struct DescentPath: Sendable, Hashable {
  /// Why a path ends.
  public enum End: String, Sendable, Hashable {
    /// All steps were made.
    case steps
    /// The last point lies outside of the region.
    case left
    /// The last point's value or gradient is infinite or not a number.
    case nonFinite = "non-finite"
  }

  /// The longest gradient that is followed at full length; nil without clipping.
  public let threshold: Double?
  /// The start, and one point more for each step.
  public internal(set) var points: [SurfacePoint]
  /// Whether the gradient of each point was shortened for the step that leads away from it; one
  /// fewer than `points`.
  public internal(set) var wasClipped: [Bool] = []
  /// Why the descent ended.
  public internal(set) var end = End.steps

  /// How far step `index` went in the plane.
  public func length(ofStep index: Int) -> Double {
    let (a, b) = (points[index], points[index + 1])
    return SurfacePoint(u: 0, v: 0, value: 0, slopeU: b.u - a.u, slopeV: b.v - a.v).gradientNorm
  }

  /// The longest step; nil without any.
  public var longestStep: (index: Int, length: Double)? {
    let lengths = wasClipped.indices.map { ($0, length(ofStep: $0)) }
    return lengths.max { $0.1 < $1.1 }
  }
}

/// How ``LossSurface2D/descend(from:_:within:)`` goes.
public struct DescentRule: Sendable, Hashable {
  /// η.
  public var rate: Double
  /// Steps at most.
  public var steps: Int
  /// Pascanu's threshold of the gradient's norm; nil without clipping.
  public var threshold: Double?

  /// Throws `.range` for a rate or threshold that is not above 0 and finite, and for fewer than one
  /// step.
  public init(rate: Double, steps: Int, threshold: Double? = nil) throws(RNNError) {
    for (name, number) in [("rate", rate), ("threshold", threshold ?? 1)] {
      guard number > 0, number.isFinite else {
        throw RNNError(
          .range, "\(name) of a descent", expected: "a finite number above 0", found: "\(number)")
      }
    }
    guard steps >= 1 else {
      throw RNNError(.range, "steps of a descent", expected: "at least 1", found: "\(steps)")
    }
    (self.rate, self.steps, self.threshold) = (rate, steps, threshold)
  }
}

extension LossSurface2D {
  /// (u, v) ← (u, v) − η g with g = (∂E/∂u, ∂E/∂v), and g · threshold / |g| in its place where |g|
  /// is larger than the threshold (Pascanu, Mikolov and Bengio 2013, algorithm 1).
  ///
  /// Throws `.nonFinite` when the start is not finite. Costs one gradient a step.
  ///
  /// - Parameters:
  ///   - start: where it begins.
  ///   - rule: rate, steps and threshold.
  ///   - region: ranges of u and v; the path ends with its first point outside.
  public func descend(
    from start: (u: Double, v: Double), _ rule: DescentRule,
    within region: (u: ClosedRange<Double>, v: ClosedRange<Double>)
  ) throws(RNNError) -> DescentPath {
    var path = DescentPath(threshold: rule.threshold, points: [try point(start.u, start.v)])
    guard let first = path.points.first, first.isFinite else {
      throw RNNError(
        .nonFinite, "start of a descent", expected: "a finite error and gradient",
        found: "\(path.points[0].value)")
    }
    var here = first
    for _ in 0..<rule.steps {
      let norm = here.gradientNorm
      let clips = rule.threshold.map { norm > $0 } ?? false
      let scale = clips ? (rule.threshold ?? norm) / norm : 1
      here = try point(
        here.u - rule.rate * scale * here.slopeU, here.v - rule.rate * scale * here.slopeV)
      path.points.append(here)
      path.wasClipped.append(clips)
      guard here.isFinite else {
        path.end = .nonFinite
        break
      }
      guard region.u.contains(here.u), region.v.contains(here.v) else {
        path.end = .left
        break
      }
    }
    return path
  }
}
