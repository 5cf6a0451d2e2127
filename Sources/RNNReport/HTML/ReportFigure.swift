/// A chart with the words that belong to it.
package struct ReportFigure: Sendable {
  package let chart: any Chart
  package let caption: String
  /// One sentence for readers who see such a figure for the first time.
  package let howToRead: String

  package init(chart: any Chart, caption: String, howToRead: String) {
    self.chart = chart
    self.caption = caption
    self.howToRead = howToRead
  }
}
