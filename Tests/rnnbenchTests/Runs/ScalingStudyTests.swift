import Foundation
import RNNCore
import TestSupport
import Testing

@testable import RNNReport
@testable import RNNStudies
@testable import rnnbench

@Suite struct ScalingStudyTests {
  /// A study in which a pass takes the seconds that `seconds` gives.
  private static func study(
    cells: [CellKind] = [.lstm()], seconds: (ScalingStudy.Sweep, Double) -> Double
  ) -> ScalingStudy {
    let curves = ScalingStudy.Sweep.allCases.flatMap { sweep in
      cells.map { cell in
        let results = sweep.values(cores: 4).map { value in
          let item = sweep.item(value, cell: cell, pass: .train, threads: 4)
          return ThroughputResult(
            shape: item.shape, cell: cell, pass: .train, threads: item.threads, products: .packed,
            tokens: 1, times: PassTimes([seconds(sweep, Double(value))]), peak: 100,
            bytesAllocated: 1)
        }
        return ScalingStudy.Curve(sweep: sweep, cell: cell, pass: .train, results: results)
      }
    }
    return ScalingStudy(cells: cells, passes: [.train], threads: 4, curves: curves)
  }

  @Test func `a power law comes out as its exponent and lies on its reference`() throws {
    let study = Self.study { sweep, value in 0.01 * pow(value, sweep.expectedExponent) }
    for curve in study.curves {
      let exponent = try #require(curve.exponent)
      let last = try #require(curve.lastExponent)
      // Logarithms of a few numbers, rounded to double precision.
      #expect(abs(exponent - curve.sweep.expectedExponent) < 1e-9)
      #expect(abs(last - curve.sweep.expectedExponent) < 1e-9)
      for (point, reference) in zip(curve.points, curve.reference) {
        #expect(abs(point.y / reference.y - 1) < 1e-9 && point.x == reference.x)
      }
    }
  }

  @Test func `a fixed cost lowers the fitted exponent more than the last one`() throws {
    let study = Self.study { _, value in 1 + 0.01 * value }
    let curve = try #require(study.curves.first)
    let (exponent, last) = (try #require(curve.exponent), try #require(curve.lastExponent))
    #expect(exponent < last && last < 1)
  }

  @Test func `the table has a line a curve, and the report four figures`() throws {
    let study = Self.study(cells: [.lstm(), .gru()]) { _, value in 0.01 * value }
    let text = TextTable(study.table).rendered(width: 100)
    #expect(study.table.rows.count == 8)
    #expect(text.contains("25 to 800") && text.contains("H = I") && text.contains("1.00"))
    #expect(!text.contains("Left out"))
    let html = HTMLReport(
      title: "Scaling", subtitle: "", generator: "test", sections: [study.section]
    ).html
    let xml = try WellFormedXML(html)
    #expect(xml.text.contains("Figure 4.") && !xml.text.contains("Figure 5."))
    #expect(xml.text.contains("gru, slope 2") && xml.text.contains("lstm, ideal 1/n"))
  }
}
