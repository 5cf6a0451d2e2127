/// One table, written once by a command and rendered as text (`TextTable`) and as HTML.
struct Table: Sendable {
  struct Column: Sendable {
    enum Alignment: Sendable { case leading, trailing }

    /// What goes first when a terminal is too narrow: details, then the useful, never the essential.
    enum Priority: Int, Sendable, Comparable {
      case essential, useful, detail

      static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Which value of a column deserves to be marked.
    enum Best: Sendable { case lowest, highest }

    var title: String
    var alignment = Alignment.leading
    var priority = Priority.essential
    var best: Best?

    static func text(_ title: String, _ priority: Priority = .essential) -> Column {
      Column(title: title, priority: priority)
    }

    static func number(
      _ title: String, _ priority: Priority = .essential, best: Best? = nil
    ) -> Column {
      Column(title: title, alignment: .trailing, priority: priority, best: best)
    }
  }

  /// The text of a cell and, where one exists, the number behind it.
  struct Cell: Sendable, ExpressibleByStringInterpolation {
    var text: String
    var value: Double?

    init(_ text: String, value: Double? = nil) {
      self.text = text
      self.value = value
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  var title: String
  let columns: [Column]
  private(set) var rows: [[Cell]] = []

  init(title: String = "", columns: [Column]) {
    self.title = title
    self.columns = columns
  }

  mutating func append(_ row: [Cell]) {
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
