/// A report in one self-contained file: no network, no scripts, light and dark, screen and print.
package struct HTMLReport: Sendable {
  private static let wideFigure = 760.0
  private static let narrowFigure = 360.0

  package var title: String
  package var subtitle: String
  /// Program, version and date, as in "rnnbench 0.1.0, 23 November 2025".
  package var generator: String
  package var sections: [ReportSection]

  package init(title: String, subtitle: String, generator: String, sections: [ReportSection]) {
    self.title = title
    self.subtitle = subtitle
    self.generator = generator
    self.sections = sections
  }

  /// The whole document. Figures and tables are numbered in the order they stand in.
  package var html: String {
    var numbers = Numbers(
      colors: SeriesColors(
        sections.flatMap { section in
          section.blocks.compactMap {
            if case .figure(let figure) = $0 { figure.chart } else { nil }
          }
        }))
    let body = sections.map { render($0, &numbers) }.joined()
    return "<!DOCTYPE html>\n"
      + Markup.element(
        "html", ["xmlns": "http://www.w3.org/1999/xhtml", "lang": "en"],
        head + "\n" + Markup.element("body", [:], Markup.element("main", [:], header + body)))
      + "\n"
  }

  /// What is known of the page while its parts are written.
  private struct Numbers {
    let colors: SeriesColors
    var figure = 0
    var table = 0
  }

  private var head: String {
    Markup.element(
      "head", [:],
      Markup.element("meta", ["charset": "utf-8"])
        + Markup.element(
          "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        + Markup.element("meta", ["name": "color-scheme", "content": "light dark"])
        + Markup.element("title", text: title)
        + Markup.element("style", [:], Self.stylesheet))
  }

  private var header: String {
    let subtitle =
      subtitle.isEmpty ? "" : Markup.element("p", ["class": "subtitle"], text: subtitle)
    return Markup.element(
      "header", [:],
      Markup.element("h1", text: title) + subtitle
        + Markup.element("p", ["class": "generator"], text: "Generated with \(generator)"))
  }

  private func render(_ section: ReportSection, _ numbers: inout Numbers) -> String {
    var content = Markup.element("h2", text: section.heading)
    for block in section.blocks {
      content += "\n"
      switch block {
      case .paragraph(let text):
        content += Markup.element("p", text: text)
      case .facts(let facts):
        content += render(facts)
      case .table(let table):
        numbers.table += 1
        content += render(table, number: numbers.table)
      case .figure(let figure):
        numbers.figure += 1
        content += render(figure, number: numbers.figure, numbers.colors)
      case .details(let summary, let text):
        let code = Markup.element("pre", ["tabindex": "0"], Markup.element("code", text: text))
        content += Markup.element("details", [:], Markup.element("summary", text: summary) + code)
      }
    }
    return "\n" + Markup.element("section", [:], content)
  }

  private func render(_ facts: [(name: String, value: String)]) -> String {
    let items = facts.map {
      Markup.element(
        "div", [:], Markup.element("dt", text: $0.name) + Markup.element("dd", text: $0.value))
    }
    return Markup.element("dl", [:], items.joined())
  }

  private func render(
    _ figure: ReportFigure, number: Int, _ colors: SeriesColors
  ) -> String {
    let chart = figure.chart.colored(colors.places(of: figure.chart.things))
    let drawings = [("wide", Self.wideFigure), ("narrow", Self.narrowFigure)].map { name, width in
      Markup.element("div", ["class": "chart \(name)"], chart.svg(width: width))
    }
    let caption =
      Markup.element("b", text: "Figure \(number).") + " "
      + Markup.escaped(figure.caption)
    let guide = Markup.element("span", ["class": "guide"], text: figure.howToRead)
    return Markup.element(
      "figure", [:],
      drawings.joined()
        + Markup.element(
          "figcaption", [:], caption + (figure.howToRead.isEmpty ? "" : " " + guide)))
  }

  private func render(_ table: Table, number: Int) -> String {
    let headings = table.columns.map {
      Markup.element("th", ["scope": "col", "class": alignment(of: $0)], text: $0.title)
    }
    let rows = table.rows.indices.map { row in
      let cells = table.columns.indices.map { cell(of: table, row: row, column: $0) }
      return Markup.element("tr", [:], cells.joined())
    }
    let grid = Markup.element(
      "table", [:],
      Markup.element("thead", [:], Markup.element("tr", [:], headings.joined()))
        + Markup.element("tbody", [:], rows.joined(separator: "\n")))
    let caption = Markup.element("b", text: "Table \(number).") + " " + Markup.escaped(table.title)
    return Markup.element(
      "figure", ["class": "table"],
      Markup.element("figcaption", [:], caption)
        // Focus lets the keyboard scroll what does not fit.
        + Markup.element(
          "div",
          ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Table \(number)"],
          grid))
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
