import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// The corrected average of parameters against pandas, whose `ewm(adjust=True)` is the same
/// weighted mean, and against the closed form that it has where a parameter grows by one with each
/// update.
///
/// Recipe (pandas 3.1.1, NumPy 2.4.6):
///
///     x = pandas.Series([4 * closed(5, k) for k in range(12)])   # closed: see ClosedForm.swift
///     x.ewm(alpha=1 - numpy.float64(numpy.float32(beta)), adjust=True).mean()
@Suite("Averages against pandas")
struct AverageValuesTests {
  private static let golden: [(decay: Float, averages: [Double])] = [
    (
      0.5,
      [
        -0.7015664577484131, -1.5437923272450764, -0.415773868560791, 0.7682888348897298,
        -0.4206972276010821, -0.27438436992584714, 0.5924614245497336, -0.684382952895819,
        0.6531873458518908, -0.6405578927443757, 0.6597136116400543, -0.6689626203497396,
      ]
    ),
    (
      0.75,
      [
        -0.7015664577484131, -1.4234743458884103, -0.621868152876158, 0.26543218203953334,
        -0.32484410972204464, -0.26639055214404067, 0.22758563577335317, -0.37772297900427493,
        0.26105327017404306, -0.3198678274377496, 0.27489797385489734, -0.3116538632431476,
      ]
    ),
    (
      0.999,
      [
        -0.7015664577484131, -1.333551848498005, -0.7450329253362379, -0.10673196791557366,
        -0.39303192681656546, -0.3495252835578363, -0.09228513836229066, -0.32547050207086076,
        -0.0676635497700217, -0.2549152018614754, -0.05266786746423721, -0.21558778683753826,
      ]
    ),
  ]

  @Test("Twelve updates give pandas' twelve means")
  func values() throws {
    for (decay, expected) in Self.golden {
      let found = try Self.averages(
        of: ClosedForm.values(tensor: 5, count: 12).map { 4 * $0 }, decay)
      let closeness = Closeness(
        absolute: 1e-6, relative: 0, reason: "twelve roundings of a Float below 2, 1.2e-7 each")
      expectClose(found, expected, closeness, "β = \(decay)")
    }
  }

  /// Σ βᵏ (t − k) / Σ βᵏ = t − β / (1 − β) + t βᵗ / (1 − βᵗ): the mean lags behind.
  @Test(
    "Of a parameter that counts the updates it lags by the mean age",
    arguments: [0.25, 0.9, 0.99] as [Float])
  func ramp(_ decay: Float) throws {
    let beta = Double(decay)
    let times = (1...300).map(Double.init)
    let expected = times.map { time in
      let left = pow(beta, time)
      return time - beta / (1 - beta) + time * left / (1 - left)
    }
    let closeness = Closeness(
      absolute: 1e-6, relative: 6e-6,
      reason: "a rounding to Float, 6e-8 of the average, is forgotten after at most 100 updates")
    expectClose(try Self.averages(of: times, decay), expected, closeness, "β = \(decay)")
  }

  private static func averages(of values: [Double], _ decay: Float) throws -> [Double] {
    var layout = ParameterLayout()
    _ = layout.add("w", layer: "l", rows: 1, role: .peephole)
    let (parameter, team) = (ParameterStore(layout: layout), try ThreadTeam(count: 1))
    let average = try ParameterAverage(decay: decay, layout: layout)
    return try values.map { value in
      try parameter.set("w", to: [Float(value)])
      average.add(parameter, team: team)
      return Double(try average.store.values(of: "w")[0])
    }
  }
}
