import Foundation
import Testing

@testable import RNNCore

@Suite("Verdicts say what the norms say")
struct GradientVerdictTests {
  private func layer(
    _ norms: [Double], cell: Bool = false, forget: Float? = nil
  ) -> GradientProfile.Layer {
    let series = GradientProfile.Series(byStep: norms.reversed(), byDistance: norms)
    let values = ValueStatistics([forget ?? 0.5, forget ?? 0.5], range: 0...1)
    return GradientProfile.Layer(
      name: "l0", hidden: series, cell: cell ? series : nil, states: values,
      gates: forget == nil ? [] : [.init(gate: .forget, values: values)], deadUnits: 0, units: 3)
  }

  private func profile(_ layer: GradientProfile.Layer) -> GradientProfile {
    GradientProfile(step: 0, loss: 1, layers: [layer], parameters: [])
  }

  private func geometric(_ rate: Double, _ count: Int = 51) -> [Double] {
    (0..<count).map { 3 * pow(rate, Double($0)) }
  }

  @Test("A geometric decay has its rate, its share and its horizon", arguments: [0.5, 0.9, 1.1])
  func decay(_ rate: Double) throws {
    let series = layer(geometric(rate)).hidden
    // Double rounds the logarithms of the 51 norms.
    #expect(abs(try #require(series.decayRate()) - rate) < 1e-12)
    #expect(abs(try #require(series.share(at: 10)) - pow(rate, 10)) < 1e-12 * pow(rate, 10))
    let expected = rate < 1 ? Int((log(0.01) / log(rate)).rounded(.up)) : nil
    #expect(series.horizon() == expected)
    #expect(series.share(at: 51) == nil)
  }

  @Test("What has underflowed to zero does not spoil the rate, and nothing gives no rate")
  func zeros() {
    let series = layer([1, 0.5, 0.25, 0, 0]).hidden
    #expect(abs((series.decayRate() ?? 0) - 0.5) < 1e-12)
    #expect(series.horizon() == 3)
    #expect(layer([0, 0]).hidden.decayRate() == nil)
    #expect(layer([0, 0]).hidden.horizon() == nil)
    #expect(layer([1]).hidden.decayRate() == nil)
  }

  @Test("Vanishing names the horizon, the need, the gates and the bias that would do")
  func vanishing() {
    let context = VerdictContext(cell: .lstm(), memoryNeeded: 40)
    let verdict = profile(layer(geometric(0.7), cell: true, forget: 0.62)).verdicts(context)[0]
    #expect(verdict.kind == .vanishing)
    #expect(verdict.evidence.contains("falls to 1 % within 13 steps, the task needs 40"))
    #expect(verdict.evidence.contains("forget gates average 0.62 (memory 2.1 steps)"))
    // σ(b)^40 = 1 %: b = ln(f / (1 − f)) with f = 0.01^(1/40) = 0.8913.
    #expect(verdict.advice.contains("2.1 would keep 1 % over 40 steps"))
  }

  @Test("A gradient that falls below what a Float can say is said to count as zero")
  func flushed() {
    let context = VerdictContext(cell: .elman(.tanh), memoryNeeded: 40)
    // 3 · 0.1^38 is above 2⁻¹²⁶ by little; after that nothing is left.
    let norms = geometric(0.1).enumerated().map { $0.offset > 38 ? 0 : $0.element }
    #expect(layer(norms).hidden.flushed == 39)
    let verdict = profile(layer(norms)).verdicts(context)[0]
    #expect(verdict.kind == .vanishing)
    #expect(verdict.evidence.contains("from 39 steps back on it is below 1.2e-38 and counts as"))
    #expect(layer([1, 1e-13, 1e-26, 0]).hidden.flushed == 3)
    // Zero for another reason, and no zero.
    #expect(layer([1, 0.5, 0]).hidden.flushed == nil)
    #expect(layer(geometric(0.1)).hidden.flushed == nil)
  }

  @Test("Exploding names the clipped share, the exponent and the norms' own quantile")
  func exploding() {
    var clips = ClipStatistics()
    for index in 1...10 {
      clips.add(ClipRecord(norm: Double(index), scale: 1, isClipped: index > 6))
    }
    let context = VerdictContext(cell: .elman(.tanh), clips: clips, lyapunov: ["l0": 0.08])
    let verdict = profile(layer(geometric(1.1))).verdicts(context)[0]
    #expect(verdict.kind == .exploding)
    #expect(verdict.evidence.contains("40 % of steps clipped"))
    #expect(verdict.evidence.contains("largest Lyapunov exponent +0.080"))
    #expect(verdict.advice.contains("clip the global norm at 9.1, the 90 % quantile"))
    let infinite = profile(layer([1, .infinity, .nan])).verdicts(context)[0]
    #expect(infinite.kind == .exploding && infinite.evidence.contains("from 1 steps back"))
  }

  @Test("What stays is holding, and what never arrives is silent")
  func holding() {
    let context = VerdictContext(cell: .gru(), memoryNeeded: 30)
    #expect(profile(layer(geometric(0.98))).verdicts(context)[0].kind == .holding)
    #expect(profile(layer([0, 0, 0])).verdicts(context)[0].kind == .silent)
    // Over a short lag a fast decay is none.
    let near = VerdictContext(cell: .gru(), memoryNeeded: 3)
    #expect(profile(layer(geometric(0.7))).verdicts(near)[0].kind == .holding)
  }

  @Test("Values that are not finite are in no bin, and shares of lost ones are none")
  func notFinite() {
    let values = ValueStatistics([1, -1, .infinity, -.infinity, .nan], range: nil)
    #expect(values.range == -1...1 && values.histogram.reduce(0, +) == 2)
    let always = GradientProfile.GateValues(
      gate: .forget, values: ValueStatistics([1, 1], range: 0...1))
    #expect(always.memoryTime == .infinity)
  }

  @Test("A layer that keeps its gradient keeps it in a batch of several lengths too")
  func ragged() throws {
    // One long sequence among ten: what arrives beyond the short ones is relative to the long one
    // alone.
    let series = GradientProfile.Series(
      byStep: [1, 1, 1], byDistance: [3.0, 1, 1],
      reference: [3.0, 1, 1])
    #expect(series.share(at: 2) == 1)
    #expect(abs(try #require(series.decayRate()) - 1) < 1e-12)
    #expect(series.horizon(share: 0.9) == nil)
    #expect(series.decayRate(upTo: .max) == series.decayRate())
    #expect(series.decayRate(upTo: -2) == nil)
  }

  @Test("Statistics of values count their ends, their spread and their bins")
  func values() {
    let gate = ValueStatistics([0, 0.05, 0.5, 0.95, 1], range: 0...1)
    #expect(gate.low == 0.4 && gate.high == 0.4 && gate.saturated == 0.8)
    // 0.05 and 0.95 are Floats.
    #expect(abs(gate.mean - 0.5) < 1e-7)
    #expect(gate.histogram.count == ValueStatistics.bins)
    // The Float next to 0.95 lies below the border of the last bin.
    #expect(gate.histogram[0] == 1 && gate.histogram[1] == 1)
    #expect(gate.histogram[18] == 1 && gate.histogram[19] == 1)
    let squashed = ValueStatistics([-0.95, 0, 0.95, 0.5], range: -1...1)
    #expect(squashed.low == 0.25 && squashed.high == 0.25)
    let relu = ValueStatistics([0, 0, 2, 4], range: nil)
    #expect(relu.low == 0.5 && relu.high == 0 && relu.range == 0...4)
    #expect(relu.histogram[0] == 2 && relu.histogram[10] == 1 && relu.histogram[19] == 1)
  }
}
