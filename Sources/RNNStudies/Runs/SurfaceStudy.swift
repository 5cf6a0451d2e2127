import RNNCore
import RNNReport

/// A surface on a grid, and descents on it that differ in their clipping alone: what `surface`
/// draws.
package struct SurfaceStudy {
  /// What the surface is, for titles: "one unit over 50 steps".
  package let subject: String
  let xName: String
  let yName: String
  package let grid: SurfaceGrid
  let paths: [DescentPath]
  /// The steepest place between the two grid points that differ most.
  let steepest: SurfacePoint?

  package init(
    _ surface: some LossSurface2D, subject: String, names: (x: String, y: String),
    axes: (x: SurfaceAxis, y: SurfaceAxis), start: (u: Double, v: Double), rules: [DescentRule],
    progress: ProgressReporter
  ) throws {
    self.subject = subject
    (xName, yName) = names
    guard axes.x.range.contains(start.u), axes.y.range.contains(start.v) else {
      throw RNNError(
        .range, "--start", expected: "a point within --x-range and --y-range",
        found: "\(start.u),\(start.v)")
    }
    // The paths are short and may find a bad start, so they come before the grid.
    paths = try rules.map {
      try surface.descend(from: start, $0, within: (axes.x.range, axes.y.range))
    }
    let total = axes.y.count
    progress.begin("grid of \(axes.x.count) by \(total)", total: total)
    grid = try surface.grid(u: axes.x, v: axes.y) { done in
      progress.update(Int(done * Double(total)))
    }
    progress.finish()
    steepest = try grid.cliff.flatMap { try surface.steepestPoint(of: $0) }
  }
}
