/// A `HeatMap` as text that fits a given width: shades where text is plain, colours on a terminal.
///
/// Too large, it shows the mean of the finite values behind each character; `×` stands where there
/// is none.
package struct TerminalHeatMap: Sendable {
  private static let shades: [Character] = [" ", "░", "▒", "▓", "█"]
  private static let mostRows = 24
  /// Where several paths meet.
  private static let shared: Character = "*"

  private let map: HeatMap
  private let domain: ClosedRange<Double>
  private let middle: Double?

  package init(_ map: HeatMap) {
    self.map = map
    domain = map.colorDomain
    middle = map.middleShare
  }

  /// Lines, each ending in a newline.
  package func rendered(width: Int, style: TextStyle = .plain) -> String {
    // Rows with names are not put together.
    let rowsShown = map.isUpward ? min(map.rowCount, Self.mostRows) : map.rowCount
    let labels = rowLabels(count: rowsShown)
    let labelWidth = min(labels.map(\.displayWidth).max() ?? 0, max(0, width / 3))
    let available = max(1, width - labelWidth - 3)
    let rows = labels.count
    // Few columns are drawn wider: a character is half as wide as it is high.
    let columns = min(available, map.columnCount)
    let repeats = max(1, min(3, available / columns))
    let cells = Self.reduced(map.rowsFromTop, rows: rows, columns: columns)
    let symbols = symbols(rows: rows, columns: columns)
    let lines = cells.indices.map { row in
      let body = cells[row].indices.map { column in
        text(cells[row][column], symbols[row * columns + column], repeats, style)
      }.joined()
      let label = labels[row].truncated(to: labelWidth)
      return label.padded(to: labelWidth, alignment: .trailing) + " │" + body + "│"
    }
    let heading = [map.title, map.y.title.isEmpty ? "" : "rows: \(map.y.title)"]
    return
      (heading.filter { !$0.isEmpty }.flatMap { $0.printable.wrapped(to: width) }.map(style.bold)
      + lines
      + footer(columns * repeats, indent: labelWidth + 2, width: width)
      + legend(width: width, style: style)).map { $0 + "\n" }.joined()
  }

  // MARK: - Cells

  private func text(
    _ value: Double, _ symbol: Character?, _ repeats: Int, _ style: TextStyle
  ) -> String {
    let share = map.share(of: value, in: domain)
    let fill = Character(share == nil ? "×" : " ")
    if style == .ansi {
      let content = symbol.map { String($0) + String(repeating: fill, count: repeats - 1) }
      let text = content ?? String(repeating: fill, count: repeats)
      guard let share else { return text }
      let (paper, ink) = ColorMap.terminalColors(share, middle: middle)
      return "\u{1B}[38;5;\(ink);48;5;\(paper)m\(text)\u{1B}[0m"
    }
    let shade = share.map { Self.shades[Self.level($0)] } ?? fill
    return (symbol.map(String.init) ?? String(shade)) + String(repeating: shade, count: repeats - 1)
  }

  private static func level(_ share: Double) -> Int {
    min(shades.count - 1, Int(share * Double(shades.count)))
  }

  /// The mean of the finite values of each block of rows and columns; NaN without any.
  private static func reduced(_ values: [[Double]], rows: Int, columns: Int) -> [[Double]] {
    func block(_ index: Int, _ count: Int, _ total: Int) -> Range<Int> {
      index * total / count..<max(index * total / count + 1, (index + 1) * total / count)
    }
    return (0..<rows).map { row in
      (0..<columns).map { column in
        let finite = block(row, rows, values.count).flatMap {
          values[$0][block(column, columns, values[$0].count)]
        }.filter(\.isFinite)
        return finite.isEmpty ? .nan : finite.reduce(0) { $0 + $1 / Double(finite.count) }
      }
    }
  }

  /// What paths put on cells.
  private func symbols(rows: Int, columns: Int) -> [Character?] {
    var result = [Character?](repeating: nil, count: rows * columns)
    let x = HeatMap.edges(map.x, count: map.columnCount)
    let y = HeatMap.edges(map.y, count: map.rowCount)
    for path in map.paths {
      for point in path.points where x.contains(point.x) && y.contains(point.y) {
        let across = (point.x - x.lowerBound) / (x.upperBound - x.lowerBound)
        let up = (point.y - y.lowerBound) / (y.upperBound - y.lowerBound)
        let down = map.isUpward ? 1 - up : up
        let column = min(columns - 1, Int(across * Double(columns)))
        let index = min(rows - 1, Int(down * Double(rows))) * columns + column
        let isShared = result[index].map { $0 != path.symbol } ?? false
        result[index] = isShared ? Self.shared : path.symbol
      }
    }
    return result
  }

  // MARK: - Words

  /// One label a line; the middle of the block for numbers, the first of its rows for names.
  private func rowLabels(count: Int) -> [String] {
    switch map.y {
    case .labels(_, let names):
      return (0..<count).map { names[$0 * names.count / count].printable }
    case .numbers:
      let edges = HeatMap.edges(map.y, count: map.rowCount)
      let step = (edges.upperBound - edges.lowerBound) / Double(count)
      return (0..<count).map {
        NumberFormat.significant(edges.upperBound - (Double($0) + 0.5) * step, digits: 3)
      }
    }
  }

  /// The first and last column's name below the ends, the axis's title between them.
  private func footer(_ length: Int, indent: Int, width: Int) -> [String] {
    let ends: [String] =
      switch map.x {
      case .numbers(_, let range, _):
        [range.lowerBound, range.upperBound].map { NumberFormat.significant($0, digits: 3) }
      case .labels(_, let names): [names.first ?? "", names.last ?? ""].map(\.printable)
      }
    let title = map.x.title.printable
    let space = length - ends[0].displayWidth - ends[1].displayWidth - title.displayWidth
    guard space >= 2 else {
      return "\(title): \(ends[0]) to \(ends[1])".wrapped(to: width)
    }
    let gaps = [space / 2, space - space / 2].map { String(repeating: " ", count: $0) }
    return [
      String(repeating: " ", count: indent) + ends[0] + gaps[0] + title + gaps[1] + ends[1]
    ]
  }

  private func legend(width: Int, style: TextStyle) -> [String] {
    let ends = [domain.lowerBound, domain.upperBound].map {
      NumberFormat.significant($0, digits: 3)
    }
    // The two numbers, and four columns around the samples.
    let around = ends[0].displayWidth + ends[1].displayWidth + 4
    let count = min(style == .ansi ? 8 : Self.shades.count, max(2, width - around))
    let samples = (0..<count).map { index -> String in
      let share = Double(index) / Double(count - 1)
      return style == .ansi
        ? "\u{1B}[48;5;\(ColorMap.terminalColors(share, middle: middle).paper)m \u{1B}[0m"
        : String(Self.shades[Int(share * Double(Self.shades.count - 1))])
    }.joined()
    let words =
      map.colors.title.printable + (map.colors.scale == .log10 ? ", logarithmic" : "")
    let scale = "\(ends[0]) [\(samples)] \(ends[1])"
    let length = around + count
    let fits = length + 2 + words.displayWidth <= width
    var lines = fits || words.isEmpty ? [] : words.wrapped(to: width)
    lines += map.paths.flatMap { "\($0.symbol) \($0.name.printable)".wrapped(to: width) }
    if map.paths.count > 1 { lines += "\(Self.shared) several of them".wrapped(to: width) }
    if map.hasGaps { lines += "× \(map.gapName)".wrapped(to: width) }
    return [fits && !words.isEmpty ? "\(scale)  \(words)" : scale] + lines
  }
}
