import Testing

@testable import RNNCore
@testable import TestSupport

/// All modes of clipping against NumPy, on a gradient of two layers.
///
/// Recipe (NumPy 2.4.6), with c the threshold and B the sequences:
///
///     g = numpy.array([4 * closed(3, k) for k in range(9)])   # closed: see ClosedForm.swift
///     a, b, norm = g[:5], g[5:], numpy.linalg.norm
///     value              numpy.clip(g, -c, c)
///     globalNorm         g * min(1, c / norm(g))
///     perLayer           p * min(1, c / norm(p)) for p in (a, b)
///     normOverBatch      g * min(1, c / (norm(g) / B))
@Suite("Clipping against NumPy")
struct ClippingValuesTests {
  struct Golden: Sendable {
    var clipping: Clipping
    var gradient: [Double]
    var scale: Double
  }

  private static let norm = 4.047049244737555

  static let golden: [Golden] = [
    Golden(
      clipping: .value(1.25),
      gradient: [
        1.25, -0.7015664577484131, -1.25, 1.1568795442581177, 1.0020416975021362, -1.25, 1.25,
        -0.7641428112983704, 0.10084537416696548,
      ], scale: 0.7687247495940764),
    Golden(
      clipping: .globalNorm(1.5),
      gradient: [
        0.6398805509378318, -0.26002888103993477, -0.6862886751943316, 0.42878631107433174,
        0.3713971477386052, -0.737242780229018, 0.595829984825746, -0.28322220650959384,
        0.037377371043148186,
      ], scale: 0.3706404121349585),
    Golden(
      clipping: .perLayer(2.5),
      gradient: [
        1.4195904819438074, -0.5768803630830368, -1.5225480282902872, 0.9512728041144306,
        0.8239535569225729, -1.861674641627715, 1.5045811274366652, -0.7151885565308184,
        0.09438478844122856,
      ], scale: 0.8222747206792922),
    Golden(
      clipping: .perLayer(2),
      gradient: [
        1.135672385555046, -0.46150429046642943, -1.2180384226322296, 0.7610182432915444,
        0.6591628455380583, -1.489339713302172, 1.2036649019493322, -0.5721508452246548,
        0.07550783075298285,
      ], scale: 0.6578197765434337),
    Golden(
      clipping: .normOverBatch(0.5),
      gradient: [
        1.0664675848963863, -0.4333814683998913, -1.1438144586572194, 0.7146438517905529,
        0.6189952462310087, -1.2287379670483634, 0.9930499747095766, -0.47203701084932304,
        0.06229561840524698,
      ], scale: 0.6177340202249308),
  ]

  private static let closeness = Closeness(
    absolute: 0, relative: 2e-7, reason: "a factor and a product, each rounded to Float once")

  @Test("Gradient and factor are NumPy's", arguments: golden)
  func values(_ golden: Golden) throws {
    let (found, record) = try Self.clip(golden.clipping)
    expectClose(found, golden.gradient, Self.closeness, "gradient")
    expectClose([record.norm, record.scale], [Self.norm, golden.scale], Self.closeness, "record")
    #expect(record.isClipped)
  }

  @Test(
    "Just above what is there nothing is clipped",
    arguments: [
      Clipping.none, .value(1.98911), .globalNorm(4.04706), .perLayer(3.0404),
      .normOverBatch(0.809411),
    ])
  func above(_ clipping: Clipping) throws {
    let (found, record) = try Self.clip(clipping)
    #expect(found == ClosedForm.values(tensor: 3, count: 9).map { 4 * $0 })
    #expect(record.scale == 1 && !record.isClipped)
  }

  @Test(
    "Just below something is",
    arguments: [
      Clipping.value(1.9891), .globalNorm(4.04704), .perLayer(3.0403), .normOverBatch(0.809409),
    ])
  func below(_ clipping: Clipping) throws {
    let (found, record) = try Self.clip(clipping)
    #expect(found != ClosedForm.values(tensor: 3, count: 9).map { 4 * $0 })
    #expect(record.scale < 1 && record.isClipped)
  }

  private static func clip(_ clipping: Clipping) throws -> ([Double], ClipRecord) {
    var layout = ParameterLayout()
    _ = layout.add("a", layer: "l0", rows: 5, role: .peephole)
    _ = layout.add("b", layer: "l1", rows: 4, role: .peephole)
    let gradients = ParameterStore(layout: layout)
    let values = ClosedForm.values(tensor: 3, count: 9).map { Float(4 * $0) }
    try gradients.set("a", to: Array(values[..<5]))
    try gradients.set("b", to: Array(values[5...]))
    let record = clipping.apply(to: gradients, sequences: 5)
    let found = try gradients.values(of: "a") + gradients.values(of: "b")
    return (found.map(Double.init), record)
  }
}
