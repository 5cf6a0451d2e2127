/// Names beside samples of their lines or bars, in rows that fit a width.
struct ChartLegend {
  struct Entry {
    let name: String
    let color: String
    /// `nil` for a filled square instead of a line.
    let dash: String?
  }

  static let rowHeight = 20.0
  private static let sampleWidth = 22.0
  private static let entryGap = 18.0

  private let rows: [[(entry: Entry, x: Double)]]

  var height: Double { rows.isEmpty ? 0 : Double(rows.count) * Self.rowHeight + 8 }

  init(_ entries: [Entry], width: Double) {
    var rows: [[(entry: Entry, x: Double)]] = []
    var x = width
    for entry in entries {
      let name = ChartTheme.fitting(entry.name, width: width - Self.sampleWidth)
      let entryWidth = Self.sampleWidth + ChartTheme.textWidth(name)
      if x + entryWidth > width || rows.isEmpty {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((Entry(name: name, color: entry.color, dash: entry.dash), x))
      x += entryWidth + Self.entryGap
    }
    self.rows = rows
  }

  func svg(x left: Double, y top: Double) -> String {
    rows.enumerated().flatMap { index, row in
      row.map { item in
        let y = top + (Double(index) + 0.5) * Self.rowHeight
        return sample(item.entry, left + item.x, y)
          + SVG.text(item.entry.name, left + item.x + Self.sampleWidth, y)
      }
    }.joined()
  }

  private func sample(_ entry: Entry, _ x: Double, _ y: Double) -> String {
    guard let dash = entry.dash else {
      return SVG.path("M\(SVG.number(x + 4)) \(SVG.number(y - 5))h11v11h-11z", fill: entry.color)
    }
    return SVG.line(x, y, x + 16, y, stroke: entry.color, width: 2.5, dash: dash)
  }
}
