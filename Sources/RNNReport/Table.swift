/// One table, written once by a command and rendered as text (`TextTable`) and as HTML.
package struct Table: Sendable {
  package struct Column: Sendable {
    package enum Alignment: Sendable { case leading, trailing }

    /// What goes first when a terminal is too narrow: details, then the useful, never the
    /// essential.
    package enum Priority: Int, Sendable, Comparable {
      case essential, useful, detail

      package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Which value of a column deserves to be marked.
    package enum Best: Sendable { case lowest, highest }

    package var title: String
    package var alignment = Alignment.leading
    var priority = Priority.essential
    package var best: Best?

    package static func text(_ title: String, _ priority: Priority = .essential) -> Column {
      Column(title: title, priority: priority)
    }

    package static func number(
      _ title: String, _ priority: Priority = .essential, best: Best? = nil
    ) -> Column {
      Column(title: title, alignment: .trailing, priority: priority, best: best)
    }
  }

  /// The text of a cell and, where one exists, the number behind it.
  package struct Cell: Sendable, ExpressibleByStringInterpolation {
    package var text: String
    package var value: Double?

    package init(_ text: String, value: Double? = nil) {
      self.text = text
      self.value = value
    }

    package init(stringLiteral text: String) { self.init(text) }
  }

  package var title: String
  /// Whether rows follow each other, such as steps: then those of zeros are not folded.
  package var isSeries = false
  package let columns: [Column]
  package private(set) var rows: [[Cell]] = []
  /// Indices of rows that sum up the others.
  private(set) var totals: Set<Int> = []

  package init(title: String = "", columns: [Column]) {
    self.title = title
    self.columns = columns
  }

  /// - Parameter isTotal: whether it sums up the others, and stays in sight where those are folded.
  package mutating func append(_ row: [Cell], isTotal: Bool = false) {
    precondition(row.count == columns.count, "a row has one cell for each column")
    if isTotal { totals.insert(rows.count) }
    rows.append(row)
  }

  /// The table without columns in which nothing is known of any row.
  var withoutUnknownColumns: Table {
    let known = columns.indices.filter { column in
      column == 0 || rows.isEmpty || rows.contains { !["", "-"].contains($0[column].text) }
    }
    guard known.count < columns.count else { return self }
    var table = Table(title: title, columns: known.map { columns[$0] })
    table.rows = rows.map { row in known.map { row[$0] } }
    (table.totals, table.isSeries) = (totals, isSeries)
    return table
  }

  /// Whether all numbers of a row are 0, with nothing else beside its name.
  func isZero(row: Int) -> Bool {
    let texts = columns.indices.filter { columns[$0].alignment == .trailing }.map {
      rows[row][$0].text
    }
    return texts.contains { $0.contains("0") || $0 == "·" }
      && texts.allSatisfy { $0.allSatisfy { "0.·-−% ".contains($0) } }
  }

  /// Whether the cell holds the best finite value of a column that marks it. The only value of
  /// its column is not the best of anything.
  func isBest(row: Int, column: Int) -> Bool {
    guard let best = columns[column].best, let value = rows[row][column].value else { return false }
    let values = rows.compactMap { $0[column].value }.filter(\.isFinite)
    return values.count > 1 && value == (best == .lowest ? values.min() : values.max())
  }
}
