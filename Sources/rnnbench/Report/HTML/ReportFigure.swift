/// A chart with the words that belong to it.
struct ReportFigure: Sendable {
  let chart: any Chart
  let caption: String
  /// One sentence for readers who see such a figure for the first time.
  let howToRead: String
}
