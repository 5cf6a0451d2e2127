/// A `Table` as text that fits a given width.
///
/// Too wide, it leaves out details, then the useful columns, and says which; if even the essential
/// columns do not fit, it prints one record per row with nothing left out.
package struct TextTable: Sendable {
  private static let gap = 2

  private let table: Table
  private let titles: [String]
  private let texts: [[String]]
  private let widths: [Int]

  package init(_ table: Table) {
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
    let heading = wrapped(table.title.printable.split(separator: " "), width: width)
    let body = columnsThatFit(width).map { grid(columns: $0, width: width, style: style) }
    return (heading.map(style.bold) + (body ?? records(width: width, style: style))).map {
      $0 + "\n"
    }.joined()
  }

  /// The columns to show, in order, or `nil` if the essential ones are too wide already.
  private func columnsThatFit(_ width: Int) -> [Int]? {
    var shown = Array(titles.indices)
    while totalWidth(of: shown) > width {
      // Of the least important columns, the rightmost goes first.
      guard
        let candidate = shown.max(by: {
          (table.columns[$0].priority, $0) < (table.columns[$1].priority, $1)
        }), table.columns[candidate].priority > .essential
      else { return nil }
      shown.removeAll { $0 == candidate }
    }
    return shown
  }

  private func totalWidth(of columns: [Int]) -> Int {
    columns.reduce(Self.gap * max(0, columns.count - 1)) { $0 + widths[$1] }
  }

  private func grid(columns: [Int], width: Int, style: TextStyle) -> [String] {
    let header = columns.map { style.bold(padded(titles[$0], column: $0)) }
    let rule = style.dim(String(repeating: "─", count: totalWidth(of: columns)))
    let rows = texts.indices.map { row in
      line(columns.map { styled(padded(texts[row][$0], column: $0), row, $0, style) })
    }
    let missing = titles.indices.filter { !columns.contains($0) }.map { titles[$0] }
    let note = "Left out for width: " + missing.joined(separator: " · ")
    let notes = missing.isEmpty ? [] : wrapped(note.split(separator: " "), width: width)
    return [line(header), rule] + rows + notes.map(style.dim)
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

  private func wrapped(_ words: [Substring], width: Int) -> [String] {
    words.reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.displayWidth + 1 + String(word).displayWidth <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
  }
}
