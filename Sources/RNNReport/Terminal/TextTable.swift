/// A `Table` as text that fits a given width.
///
/// Too wide, it leaves out details, then the useful columns, then essential ones from the middle:
/// the first and the last stay. One column, `…`, stands where the first is missing, and a line
/// below says what is. Where not even the first and the last fit, it prints one record per row with
/// nothing left out.
package struct TextTable: Sendable {
  private static let gap = 2
  /// Missing columns that are named.
  private static let mostNames = 6

  private let table: Table
  private let titles: [String]
  private let texts: [[String]]
  private let widths: [Int]

  package init(_ table: Table) {
    let table = table.withoutUnknownColumns
    self.table = table
    let titles = table.columns.map(\.title.printable)
    let texts = table.rows.map { $0.map(\.text.printable) }
    widths = titles.indices.map { column in
      texts.reduce(titles[column].displayWidth) { max($0, $1[column].displayWidth) }
    }
    self.titles = titles
    self.texts = texts
  }

  /// Lines, each ending in a newline.
  package func rendered(width: Int, style: TextStyle = .plain) -> String {
    let heading = table.title.isEmpty ? [] : table.title.printable.wrapped(to: width)
    let body = columnsThatFit(width).map { grid(columns: $0, width: width, style: style) }
    return (heading.map(style.bold) + (body ?? records(width: width, style: style))).map {
      $0 + "\n"
    }.joined()
  }

  /// The columns to show, in order, or `nil` if not even the first and the last fit.
  private func columnsThatFit(_ width: Int) -> [Int]? {
    var shown = Array(titles.indices)
    while totalWidth(of: shown) > width {
      // Of the least important columns, the rightmost goes first.
      if let candidate = shown.max(by: {
        (table.columns[$0].priority, $0) < (table.columns[$1].priority, $1)
      }), table.columns[candidate].priority > .essential {
        shown.removeAll { $0 == candidate }
      } else if shown.count > 2 {
        shown.remove(at: shown.count - 2)
      } else {
        return nil
      }
    }
    return shown
  }

  /// With the column that stands for missing ones.
  private func totalWidth(of columns: [Int]) -> Int {
    let missing = columns.count < titles.count ? Self.gap + 1 : 0
    return columns.reduce(Self.gap * max(0, columns.count - 1) + missing) { $0 + widths[$1] }
  }

  private func grid(columns: [Int], width: Int, style: TextStyle) -> [String] {
    let missing = titles.indices.filter { !columns.contains($0) }
    func line(_ cell: (Int) -> String) -> String {
      var cells = columns.map(cell)
      if let first = missing.first {
        cells.insert(style.dim("…"), at: columns.count { $0 < first })
      }
      return self.line(cells)
    }
    let header = line { style.bold(padded(titles[$0], column: $0)) }
    let rule = style.dim(String(repeating: "─", count: totalWidth(of: columns)))
    let rows = texts.indices.map { row in
      line { styled(padded(texts[row][$0], column: $0), row, $0, style) }
    }
    return [header, rule] + rows
      + note(missing).wrapped(to: width).filter { !$0.isEmpty }.map(style.dim)
  }

  /// How many columns are missing, which where they are few, and who shows them.
  private func note(_ missing: [Int]) -> String {
    guard !missing.isEmpty else { return "" }
    let names = missing.map { titles[$0] }.joined(separator: " · ")
    return "… stands for \(missing.count) of \(titles.count) columns"
      + (missing.count <= Self.mostNames ? " (\(names))" : "")
      + "; a wider window shows more, the file of --report all."
  }

  private func records(width: Int, style: TextStyle) -> [String] {
    let titleWidth = titles.map(\.displayWidth).max() ?? 0
    let rule = style.dim(String(repeating: "─", count: max(1, min(width, 40))))
    return texts.indices.flatMap { row in
      [rule]
        + titles.indices.map { column in
          let title = titles[column].padded(to: titleWidth, alignment: .leading)
          return line([style.dim(title), styled(texts[row][column], row, column, style)])
        }
    }
  }

  private func padded(_ text: String, column: Int) -> String {
    text.padded(to: widths[column], alignment: table.columns[column].alignment)
  }

  /// Bold where the cell holds the best value of its column.
  private func styled(_ text: String, _ row: Int, _ column: Int, _ style: TextStyle) -> String {
    table.isBest(row: row, column: column) ? style.bold(text) : text
  }

  private func line(_ cells: [String]) -> String {
    let joined = cells.joined(separator: String(repeating: " ", count: Self.gap))
    return String(joined.reversed().drop { $0 == " " }.reversed())
  }
}
