internal import CLibrary

/// An error as a function of two numbers, E(u, v): a whole problem with two parameters
/// (``OneUnitSurface``), or a plane through the parameters of a model (``ModelSlice``).
///
/// Grids and descent paths are written once, for all surfaces. A value may be infinite or NaN: that
/// is a finding, not an error.
public protocol LossSurface2D {
  /// E(u, v).
  func value(_ u: Double, _ v: Double) throws(RNNError) -> Double

  /// E(u, v) with ∂E/∂u and ∂E/∂v.
  func point(_ u: Double, _ v: Double) throws(RNNError) -> SurfacePoint
}

/// One place of a ``LossSurface2D``.
public struct SurfacePoint: Sendable, Hashable {
  /// The first coordinate.
  public var u: Double
  /// The second coordinate.
  public var v: Double
  /// E(u, v).
  public var value: Double
  /// (∂E/∂u, ∂E/∂v).
  public var slopeU: Double
  /// ∂E/∂v.
  public var slopeV: Double

  /// Makes a point of its place, E there and its slopes.
  public init(u: Double, v: Double, value: Double, slopeU: Double, slopeV: Double) {
    (self.u, self.v, self.value) = (u, v, value)
    (self.slopeU, self.slopeV) = (slopeU, slopeV)
  }

  /// √((∂E/∂u)² + (∂E/∂v)²).
  public var gradientNorm: Double { hypot(slopeU, slopeV) }

  /// Whether value and gradient are finite.
  public var isFinite: Bool { value.isFinite && slopeU.isFinite && slopeV.isFinite }
}

/// Evenly spaced values from one end of a range to the other.
public struct SurfaceAxis: Sendable, Hashable {
  /// From the first value to the last.
  public let range: ClosedRange<Double>
  /// How many values there are, both ends among them.
  public let count: Int

  /// Throws `.range` for fewer than two values, and for a range without extent or a finite end.
  ///
  /// - Parameters:
  ///   - range: the first and the last value.
  ///   - count: how many values, both ends included.
  public init(_ range: ClosedRange<Double>, count: Int) throws(RNNError) {
    guard count >= 2 else {
      throw RNNError(.range, "grid", expected: "at least 2 values an axis", found: "\(count)")
    }
    guard range.lowerBound < range.upperBound, (range.upperBound - range.lowerBound).isFinite else {
      throw RNNError(
        .range, "axis", expected: "two different finite ends",
        found: "\(range.lowerBound) to \(range.upperBound)")
    }
    self.range = range
    self.count = count
  }

  /// Value `index` of `count`, from the lower end on.
  public subscript(index: Int) -> Double {
    if index == count - 1 { return range.upperBound }
    let share = Double(index) / Double(count - 1)
    return range.lowerBound + share * (range.upperBound - range.lowerBound)
  }

  /// All values, from the lower end to the upper.
  public var values: [Double] { (0..<count).map { self[$0] } }
}

/// The values of a surface on a grid.
public struct SurfaceGrid: Sendable, Hashable {
  /// The columns.
  public let u: SurfaceAxis
  /// The rows.
  public let v: SurfaceAxis
  /// E, one row for each v, one column for each u; not finite where E is not.
  public private(set) var rows: [[Double]]

  /// The largest rise between two neighbours on the grid.
  public struct Cliff: Sendable, Hashable {
    /// (u, v) of the lower and of the higher neighbour.
    public var foot: (u: Double, v: Double)
    /// (u, v) of the higher neighbour.
    public var top: (u: Double, v: Double)
    /// E at the foot.
    public var low: Double
    /// E at the top.
    public var high: Double

    /// The rise from foot to top.
    public var height: Double { high - low }

    public static func == (a: Cliff, b: Cliff) -> Bool {
      a.foot == b.foot && a.top == b.top && a.low == b.low && a.high == b.high
    }

    public func hash(into hasher: inout Hasher) {
      for number in [foot.u, foot.v, top.u, top.v, low, high] { hasher.combine(number) }
    }
  }

  /// Where the surface rises most from one grid point to the next, along u or v; nil when no two
  /// finite values are neighbours.
  public var cliff: Cliff? {
    var best: Cliff?
    for row in 0..<v.count {
      for column in 0..<u.count {
        for (otherRow, otherColumn) in [(row + 1, column), (row, column + 1)]
        where otherRow < v.count && otherColumn < u.count {
          let (a, b) = (rows[row][column], rows[otherRow][otherColumn])
          guard a.isFinite, b.isFinite, abs(a - b) > best?.height ?? -1 else { continue }
          let (here, there) = ((u[column], v[row]), (u[otherColumn], v[otherRow]))
          best =
            a < b
            ? Cliff(foot: here, top: there, low: a, high: b)
            : Cliff(foot: there, top: here, low: b, high: a)
        }
      }
    }
    return best
  }

  /// The lowest and the highest finite value; nil without any.
  public var range: ClosedRange<Double>? {
    let finite = rows.joined().filter(\.isFinite)
    return finite.min().flatMap { low in finite.max().map { low...$0 } }
  }

  init(u: SurfaceAxis, v: SurfaceAxis, rows: [[Double]]) {
    (self.u, self.v, self.rows) = (u, v, rows)
  }
}

extension LossSurface2D {
  /// E on all points of a grid. Costs `u.count` · `v.count` evaluations.
  ///
  /// - Parameters:
  ///   - u: the values of u, one a column.
  ///   - v: the values of v, one a row.
  ///   - progress: called after each row with the share that is done.
  public func grid(
    u: SurfaceAxis, v: SurfaceAxis, progress: (Double) -> Void = { _ in }
  ) throws(RNNError) -> SurfaceGrid {
    var rows: [[Double]] = []
    for row in 0..<v.count {
      var values: [Double] = []
      for column in 0..<u.count { values.append(try value(u[column], v[row])) }
      rows.append(values)
      progress(Double(row + 1) / Double(v.count))
    }
    return SurfaceGrid(u: u, v: v, rows: rows)
  }
}

extension LossSurface2D {
  /// The steepest point met while halving the distance between a cliff's foot and top around the
  /// place where E is half-way up: cliffs are often narrower than the grid that found them. Nil
  /// when nothing met is finite.
  ///
  /// - Parameters:
  ///   - cliff: of a grid of this surface.
  ///   - halvings: how often; each costs a gradient.
  public func steepestPoint(
    of cliff: SurfaceGrid.Cliff, halvings: Int = 40
  ) throws(RNNError) -> SurfacePoint? {
    var (foot, top) = (cliff.foot, cliff.top)
    let middle = cliff.low + cliff.height / 2
    var best: SurfacePoint?
    for _ in 0..<halvings {
      let here = try point((foot.u + top.u) / 2, (foot.v + top.v) / 2)
      if here.isFinite, here.gradientNorm > best?.gradientNorm ?? -1 { best = here }
      if here.value < middle { foot = (here.u, here.v) } else { top = (here.u, here.v) }
    }
    return best
  }
}
