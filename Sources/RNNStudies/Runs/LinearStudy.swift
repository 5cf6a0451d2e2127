import RNNCore
import RNNReport

/// One linear unit over many steps, for a few weights and for all weights near 1.
package struct LinearStudy {
  package let chain: LinearChain
  let responses: [LinearChain.Response]
  /// Responses to weights from 0.97 to 1.03.
  let curve: [LinearChain.Response]

  package init(steps: Int, weights: [Double]) throws {
    chain = try LinearChain(steps: steps)
    responses = weights.map(chain.response)
    curve = (0...120).map { [chain] in chain.response(to: 0.97 + 0.0005 * Double($0)) }
  }
}

extension LinearStudy {
  package var table: Table {
    var table = Table(
      title:
        "One linear unit, \(chain.steps) steps: h_1 = 1, h_t = w h_(t-1), y = w^\(chain.steps - 1)",
      columns: [.number("w"), .number("y"), .number("dy/dw")])
    for response in responses {
      table.append([
        .init("\(response.weight)"), .init(number(response.output), value: response.output),
        .init(number(response.slope), value: response.slope),
      ])
    }
    return table
  }

  package var sentence: String {
    let finite = responses.filter { $0.slope.isFinite && $0.slope != 0 }
    guard let large = finite.max(by: { abs($0.slope) < abs($1.slope) }),
      let small = finite.min(by: { abs($0.slope) < abs($1.slope) })
    else { return "All slopes have vanished or overflowed." }
    return
      "From w = \(small.weight) to w = \(large.weight) the slope grows from \(number(small.slope)) "
      + "to \(number(large.slope)): no learning rate suits both."
  }

  private func number(_ value: Double) -> String {
    NumberFormat.significant(value, digits: 4, nonFinite: "overflow")
  }

  package var section: ReportSection {
    ReportSection(
      "One linear unit over \(chain.steps) steps", answer: [sentence],
      [
        .table(table),
        .figure(
          ReportFigure(
            chart: chart,
            caption: "Output w^\(chain.steps - 1) and its derivative for weights near 1.",
            howToRead:
              "Both are straight lines on the logarithmic axis: a hundredth more in w multiplies "
              + "them by a constant."
          )),
      ])
  }

  private var chart: LineChart {
    func series(_ name: String, _ value: (LinearChain.Response) -> Double) -> LineChart.Series {
      LineChart.Series(
        name: name, points: curve.map { .init(x: $0.weight, y: value($0)) })
    }
    return LineChart(
      title: "Output and slope of a linear unit",
      description: "Output and its derivative by weight, on a logarithmic axis.",
      xAxis: ChartAxis(title: "recurrent weight w"),
      yAxis: ChartAxis(title: "output, slope", scale: .log10),
      series: [series("y", \.output), series("dy/dw", \.slope)],
      references: [.init(direction: .vertical, value: 1, label: "w = 1")])
  }

  package var json: [(key: String, value: JSONValue)] {
    [
      (
        "results",
        .array(
          responses.map {
            [
              "weight": JSONValue($0.weight), "output": JSONValue($0.output),
              "slope": JSONValue($0.slope),
            ]
          })
      )
    ]
  }

  package var csv: String {
    var csv = CSVWriter(columns: ["weight", "output", "slope"])
    for response in responses {
      csv.append(
        [response.weight, response.output, response.slope].map { CSVWriter.field($0) })
    }
    return csv.text
  }
}
