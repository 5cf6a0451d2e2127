/// One table, written once by a command and rendered as text (`TextTable`) and as HTML.
package struct Table: Sendable {
  package struct Column: Sendable {
    package enum Alignment: Sendable { case leading, trailing }

    /// What goes first when a terminal is too narrow: details, then the useful, never the essential.
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
  package let columns: [Column]
  package private(set) var rows: [[Cell]] = []

  package init(title: String = "", columns: [Column]) {
    self.title = title
    self.columns = columns
  }

  package mutating func append(_ row: [Cell]) {
    precondition(row.count == columns.count, "a row has one cell for each column")
    rows.append(row)
  }

  /// Whether the cell holds the best finite value of a column that marks it. The only value of
  /// its column is not the best of anything.
  func isBest(row: Int, column: Int) -> Bool {
    guard let best = columns[column].best, let value = rows[row][column].value else { return false }
    let values = rows.compactMap { $0[column].value }.filter(\.isFinite)
    return values.count > 1 && value == (best == .lowest ? values.min() : values.max())
  }
}
