extension HTMLReport {
  /// Rows that a table shows when it has too many.
  static let rowsShown = 8
  /// Rows up to which a table shows all.
  private static let mostRows = 12
  /// Folded rows up to which each is named.
  private static let mostNames = 4

  /// A table whose rows beyond the first and rows of zeros are folded; rows that sum up others are
  /// always there.
  func render(_ table: Table, number: Int) -> String {
    let table = table.withoutUnknownColumns
    let (shown, folded) = Self.split(table)
    let label = "Table \(number)"
    let caption = Markup.element("b", text: label + ".") + " " + Markup.escaped(table.title)
    var content =
      Markup.element("figcaption", [:], caption)
      + Self.scrolling(grid(table, rows: shown), label: label)
    if !folded.isEmpty {
      content += Markup.element(
        "details", [:],
        Markup.element("summary", text: Self.summary(of: folded, in: table))
          + Self.scrolling(grid(table, rows: folded), label: label + ", more rows"))
    }
    return Markup.element("figure", ["class": "table"], content)
  }

  private static func split(_ table: Table) -> (shown: [Int], folded: [Int]) {
    let all = table.rows.indices
    let items = all.filter { row in
      !table.totals.contains(row) && (table.isSeries || !table.isZero(row: row))
    }
    let first = Set(items.count > mostRows ? Array(items.prefix(rowsShown)) : items)
    let shown = all.filter { first.contains($0) || table.totals.contains($0) }
    guard !first.isEmpty else { return (Array(all), []) }
    return (shown, all.filter { !shown.contains($0) })
  }

  /// How many rows, and which if they are few: rows of zeros come from anywhere.
  private static func summary(of folded: [Int], in table: Table) -> String {
    let names = folded.map { table.rows[$0][0].text }
    let zeros = table.isSeries ? 0 : folded.count { table.isZero(row: $0) }
    return "\(folded.count) more of \(table.rows.count) rows"
      + (zeros == 0 ? "" : zeros == folded.count ? ", all zero" : ", \(zeros) of them all zero")
      + (names.count > mostNames || names.contains("") ? "" : ": " + names.joined(separator: ", "))
  }

  private func grid(_ table: Table, rows: [Int]) -> String {
    let headings = table.columns.indices.map { column in
      // The shown and the folded rows are two tables: columns of both are as wide as the widest
      // text of either.
      let widest = table.rows.map { $0[column].text }.max { $0.displayWidth < $1.displayWidth }
      return Markup.element(
        "th",
        [
          "scope": "col", "class": alignment(of: table.columns[column]),
          "data-widest": widest ?? "",
        ], text: table.columns[column].title)
    }
    let lines = rows.map { row in
      let cells = table.columns.indices.map { cell(of: table, row: row, column: $0) }
      return Markup.element(
        "tr", table.totals.contains(row) ? ["class": "total"] : [:], cells.joined())
    }
    return Markup.element(
      "table", [:],
      Markup.element("thead", [:], Markup.element("tr", [:], headings.joined()))
        + Markup.element("tbody", [:], lines.joined(separator: "\n")))
  }

  private func cell(of table: Table, row: Int, column: Int) -> String {
    let text = Markup.escaped(table.rows[row][column].text)
    let content =
      table.isBest(row: row, column: column) ? Markup.element("strong", [:], text) : text
    if column == 0 {
      return Markup.element(
        "th", ["scope": "row", "class": alignment(of: table.columns[0])], content)
    }
    return Markup.element("td", ["class": alignment(of: table.columns[column])], content)
  }

  private func alignment(of column: Table.Column) -> String {
    column.alignment == .trailing ? "number" : "text"
  }
}
