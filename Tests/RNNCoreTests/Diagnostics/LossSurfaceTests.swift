import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Error surfaces, and descent on them")
struct LossSurfaceTests {
  /// A bowl with a wall: E = u² + 3 v², infinite for u > 2.
  private struct Bowl: LossSurface2D {
    func value(_ u: Double, _ v: Double) -> Double { u > 2 ? .infinity : u * u + 3 * v * v }

    func point(_ u: Double, _ v: Double) -> SurfacePoint {
      SurfacePoint(u: u, v: v, value: value(u, v), slopeU: 2 * u, slopeV: 6 * v)
    }
  }

  private static let region = (u: -5.0...5.0, v: -5.0...5.0)

  // MARK: One unit

  @Test(
    "BPTT of the one-unit surface is its central difference",
    arguments: [(5.5, -2.5), (3.2, -1.4), (0.7, 0.3), (-4.0, 1.0)], [1, 7, 50])
  func oneUnitGradient(_ place: (Double, Double), _ steps: Int) throws {
    let surface = try OneUnitSurface(steps: steps)
    let (w, b) = place
    let point = surface.point(w, b)
    #expect(point.value == surface.value(w, b))
    let probe = 1e-5
    let slopes = [
      (surface.value(w + probe, b) - surface.value(w - probe, b)) / (2 * probe),
      (surface.value(w, b + probe) - surface.value(w, b - probe)) / (2 * probe),
    ]
    expectClose(
      [point.slopeU, point.slopeV], slopes,
      Closeness(
        absolute: 1e-8, relative: 1e-6,
        reason:
          "away from the cliff third derivatives are below 1e3: probe² / 6 of them, and 1e-11 of rounding"
      ), "slopes")
  }

  @Test("One step of the one-unit network is what a pocket calculator says")
  func oneStep() throws {
    func s(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let expected = s(2 * s(0.5) - 1) - 0.7
    // The same few operations in the same order.
    #expect(try abs(OneUnitSurface(steps: 1).value(2, -1) - expected * expected) < 1e-16)
  }

  @Test("Pascanu's cliff is there: 0.4 high, and far steeper than anything around it")
  func cliff() throws {
    let surface = try OneUnitSurface()
    let grid = try surface.grid(
      u: SurfaceAxis(3...7, count: 41), v: SurfaceAxis(-4...(-1), count: 31))
    let cliff = try #require(grid.cliff)
    #expect(cliff.height > 0.35 && cliff.high <= 0.49)
    let steepest = try #require(try surface.steepestPoint(of: cliff))
    #expect(steepest.gradientNorm > 1000)
    #expect(surface.point(5.5, -2.5).gradientNorm < 0.1)
  }

  @Test("From one start, the unclipped path flies off the cliff and the clipped one goes on")
  func clippingOnTheCliff() throws {
    let surface = try OneUnitSurface()
    let region = (u: 3.0...7.0, v: -4.0...(-1.0))
    let free = try surface.descend(
      from: (5.5, -2.5), DescentRule(rate: 0.3, steps: 60), within: region)
    #expect(free.end == .left && free.points.count < 61)
    #expect(free.wasClipped.allSatisfy { !$0 })
    let clipped = try surface.descend(
      from: (5.5, -2.5), DescentRule(rate: 0.3, steps: 60, threshold: 1), within: region)
    #expect(clipped.end == .steps && clipped.points.count == 61)
    #expect(clipped.wasClipped.contains(true))
    // Rounding of a square root.
    #expect(try #require(clipped.longestStep).length <= 0.3 * (1 + 1e-12))
    #expect(try #require(clipped.points.last).value < 0.02)
  }

  // MARK: Any surface

  @Test("A grid holds the value of each point, from end to end")
  func gridValues() throws {
    let grid = try Bowl().grid(
      u: SurfaceAxis(-1...3, count: 5), v: SurfaceAxis(0...1, count: 3))
    #expect(grid.rows.count == 3 && grid.rows[2] == [4, 3, 4, 7, .infinity])
    #expect(grid.u.values == [-1, 0, 1, 2, 3] && grid.range == 0...7)
    let cliff = try #require(grid.cliff)
    #expect(cliff.low == 1 && cliff.high == 4 && cliff.foot == (1, 0) && cliff.top == (2, 0))
  }

  @Test("Descent on a bowl is the closed form, and clipping shortens steps to the threshold")
  func descentOnABowl() throws {
    let path = try Bowl().descend(
      from: (1, -1), DescentRule(rate: 0.1, steps: 4), within: Self.region)
    for (step, point) in path.points.enumerated() {
      // u shrinks by 1 − 2η, v by 1 − 6η a step; a few roundings of numbers below 1.
      #expect(abs(point.u - pow(0.8, Double(step))) < 1e-15)
      #expect(abs(point.v + pow(0.4, Double(step))) < 1e-15)
    }
    let clipped = try Bowl().descend(
      from: (1, -1), DescentRule(rate: 0.1, steps: 1, threshold: 0.5), within: Self.region)
    // 0.5 · 0.1, but for a rounding.
    #expect(abs(clipped.length(ofStep: 0) - 0.05) < 1e-15 && clipped.wasClipped == [true])
    // The gradient (2, −6) has norm 6.32: just above one threshold, just below the other.
    for (threshold, isClipped) in [(6.3, true), (6.4, false)] {
      let path = try Bowl().descend(
        from: (1, -1), DescentRule(rate: 0.1, steps: 1, threshold: threshold), within: Self.region)
      #expect(path.wasClipped == [isClipped])
    }
  }

  @Test("A path ends where it leaves the region, or meets what is not finite")
  func pathEnds() throws {
    // u is multiplied by 1 − 2η = −1.6 a step: 1.6, then −2.56.
    let left = try Bowl().descend(
      from: (-1, 0), DescentRule(rate: 1.3, steps: 9), within: (-2...2, -2...2))
    #expect(left.end == .left && left.points.count == 3)
    // −1.5 · −1.4 = 2.1 lies beyond the wall.
    let wall = try Bowl().descend(
      from: (-1.5, 0), DescentRule(rate: 1.2, steps: 9), within: Self.region)
    #expect(wall.end == .nonFinite && wall.points.count == 2)
    expectError(.nonFinite, about: "start") {
      _ = try Bowl().descend(from: (3, 0), DescentRule(rate: 1, steps: 1), within: Self.region)
    }
  }

  @Test("Rates, thresholds, steps and axes without sense are refused")
  func refusals() {
    expectError(.range, about: "rate") { _ = try DescentRule(rate: 0, steps: 1) }
    expectError(.range, about: "rate") { _ = try DescentRule(rate: .nan, steps: 1) }
    expectError(.range, about: "threshold") { _ = try DescentRule(rate: 1, steps: 1, threshold: 0) }
    expectError(.range, about: "steps") { _ = try DescentRule(rate: 1, steps: 0) }
    expectError(.range, about: "grid") { _ = try SurfaceAxis(0...1, count: 1) }
    expectError(.range, about: "axis") { _ = try SurfaceAxis(1...1, count: 3) }
    expectError(.range, about: "axis") { _ = try SurfaceAxis(0...Double.infinity, count: 3) }
    expectError(.range, about: "steps") { _ = try OneUnitSurface(steps: 0) }
    expectError(.nonFinite, about: "target") { _ = try OneUnitSurface(target: .nan) }
    expectError(.range, about: "steps") { _ = try LinearChain(steps: 1) }
  }

  // MARK: The linear unit

  @Test("1000 linear steps give w^999 and 999 w^998", arguments: [1, 1.01, 0.99, 0.01, -1])
  func linearChain(_ w: Double) throws {
    let response = try LinearChain(steps: 1000).response(to: w)
    let closeness = Closeness(
      absolute: 1e-300, relative: 1e-10,
      reason: "a thousand products, each with a rounding of 1e-16")
    expectClose(
      [response.output, response.slope], [pow(w, 999), 999 * pow(w, 998)], closeness, "w = \(w)")
  }

  @Test("The lecture's numbers: 1, about 20,000, and next to nothing")
  func lectureNumbers() throws {
    let chain = try LinearChain()
    #expect(chain.response(to: 1).output == 1)
    #expect((20_000...21_000).contains(chain.response(to: 1.01).output))
    #expect(chain.response(to: 0.99).output < 1e-4 && chain.response(to: 0.01).output == 0)
  }
}
