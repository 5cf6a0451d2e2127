import Testing

@testable import RNNReport

@Suite struct AxisTests {
  private func labels(
    _ scale: ChartAxis.Scale, _ low: Double, _ high: Double, count: Int = 5
  ) -> [String] {
    AxisTick.ticks(on: scale, over: low...high, count: count).map(\.label).filter { !$0.isEmpty }
  }

  @Test func `linear ticks are 1, 2 or 5 times a power of ten`() {
    #expect(labels(.linear, 0, 1) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(.linear, -3, 7) == ["−2", "0", "2", "4", "6"])
    #expect(labels(.linear, 0, 0.05) == ["0", "0.01", "0.02", "0.03", "0.04", "0.05"])
    #expect(labels(.linear, 0, 40_000) == ["0", "10k", "20k", "30k", "40k"])
    #expect(labels(.linear, 0, 2e-7) == ["0", "5e-8", "1e-7", "1.5e-7", "2e-7"])
  }

  @Test func `a narrow stretch far from zero keeps labels apart`() {
    let labels = labels(.linear, 10_001, 10_003)
    #expect(labels.count >= 3)
    #expect(Set(labels).count == labels.count)
  }

  @Test func `logarithmic ticks label decades, or 1, 2 and 5 between few`() {
    #expect(labels(.log10, 0.01, 100) == ["0.01", "0.1", "1", "10", "100"])
    #expect(labels(.log10, 0.02, 1) == ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    #expect(labels(.log10, 1e-12, 1) == ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"])
    #expect(labels(.log10, 2, 5) == ["2", "3", "4", "5"])
  }

  @Test(
    arguments: [
      (0.0, 1.0), (-1e150, 1e150), (1e-150, 2e-150), (1, 1 + 1e-12), (0, 5e-9), (1e149, 1.1e149),
      (1e-170, 1e170),
    ] as [(Double, Double)])
  func `ticks are few, rising and within the axis`(low: Double, high: Double) {
    for scale in [ChartAxis.Scale.linear, .log10] where scale.position(of: low) != nil {
      let values = AxisTick.ticks(on: scale, over: low...high, count: 5).map(\.value)
      #expect(values.count <= 60)
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
      let slack = (high - low) * 1e-3
      #expect(values.allSatisfy { $0 >= low - slack && $0 <= high + slack })
    }
  }

  @Test(
    arguments: [
      [], [0], [3], [-2], [.nan, .infinity], [1e308, -1e308], [0, Double.leastNonzeroMagnitude],
      [5, 5, 5], [-1, 0], [1e-300, 1e300],
    ] as [[Double]])
  func `every set of values has a domain that is not empty`(values: [Double]) {
    for scale in [ChartAxis.Scale.linear, .log10] {
      for isRounded in [true, false] {
        let domain = ChartAxis(title: "", scale: scale)
          .domain(of: values, isRoundedToTicks: isRounded)
        #expect(domain.lowerBound < domain.upperBound)
        #expect(scale.position(of: domain.lowerBound) != nil)
        #expect(domain.upperBound.isFinite)
        #expect(AxisTick.ticks(on: scale, over: domain, count: 5).count <= 60)
      }
    }
  }

  @Test func `a rounded domain is no wider than its ticks need`() {
    let axis = ChartAxis(title: "")
    #expect(axis.domain(of: [0, 1], isRoundedToTicks: true) == 0...1)
    #expect(axis.domain(of: [0.13, 0.94], isRoundedToTicks: true) == 0...1)
    let fixed = ChartAxis(title: "", range: 0...0.3)
    #expect(fixed.domain(of: [0.1, 80], isRoundedToTicks: true) == 0...0.3)
  }

  @Test func `a projection has no place for what its scale cannot show`() {
    let axis = AxisProjection(scale: .log10, domain: 0.01...100, start: 0, end: 400)
    #expect(axis.pixel(of: 1) == 200)
    #expect(axis.pixel(of: 0) == nil)
    #expect(axis.pixel(of: -1) == nil)
    #expect(axis.pixel(of: .nan) == nil)
    #expect(axis.pixel(of: 1e300) == 4000)
  }

  @Test(arguments: [1.0...2, 1...3, 1...8, 1...64, 25...800])
  func `an axis of counted things labels whole numbers`(domain: ClosedRange<Double>) {
    for scale in [ChartAxis.Scale.linear, .log10] {
      let axis = AxisProjection(scale: scale, domain: domain, start: 0, end: 600, isWhole: true)
      let labels = axis.ticks(spacing: 60).map(\.label).filter { !$0.isEmpty }
      #expect(labels.count >= 2)
      for label in labels { #expect(Int(label) != nil, "\(label)") }
    }
  }

  @Test(arguments: [[1], [0], [1, 2], [3, 4, 5], [1000], [0, 1, 2, 3]] as [[Double]])
  func `few counted things have whole ticks at some of them`(values: [Double]) {
    let axis = ChartAxis(title: "epochs", isWhole: true)
    let projection = AxisProjection(
      scale: .linear, domain: axis.domain(of: values, isRoundedToTicks: false), start: 0, end: 700,
      isWhole: true)
    let ticks = projection.ticks(spacing: 90).map(\.value)
    #expect(ticks.allSatisfy { $0 == $0.rounded() } && values.allSatisfy(ticks.contains))
    let map = HeatMap(
      title: "", description: "", x: .numbers("step", 0...1, areWhole: true),
      y: .numbers("update", 0...2, areWhole: true), values: [[1, 2], [3, 4], [5, 6]],
      colors: .init(title: ""))
    let layout = HeatMapLayout(map: map, width: 760)
    for axis in [layout.x, layout.y] {
      #expect(axis.ticks(spacing: 90).allSatisfy { $0.value == $0.value.rounded() })
    }
  }
}
