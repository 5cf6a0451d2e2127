import CLibrary
import RNNCore

/// A report in one self-contained file: no network, no scripts, light and dark, screen and print.
///
/// It opens with the answers of its sections, then contents where there are several.
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

  /// What ``generator`` says of a program of this package, today.
  package static func generator(_ program: String) -> String {
    "\(program) \(Version.current), \(today())"
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
    let ids = Self.ids(of: sections.map(\.heading))
    let body = zip(sections, ids).map { render($0, id: $1, &numbers) }.joined()
    return "<!DOCTYPE html>\n"
      + Markup.element(
        "html", ["xmlns": "http://www.w3.org/1999/xhtml", "lang": "en"],
        head + "\n"
          + Markup.element("body", [:], Markup.element("main", [:], header + contents(ids) + body)))
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
      + answer
  }

  private var answer: String {
    let sentences = sections.flatMap(\.answer).map { Markup.element("p", text: $0) }
    return sentences.isEmpty
      ? "" : "\n" + Markup.element("div", ["class": "answer"], sentences.joined())
  }

  private func contents(_ ids: [String]) -> String {
    guard sections.count > 1 else { return "" }
    let items = zip(sections, ids).map { section, id in
      Markup.element("li", [:], Markup.element("a", ["href": "#\(id)"], text: section.heading))
    }
    return "\n"
      + Markup.element(
        "nav", ["aria-label": "Contents"], Markup.element("ol", [:], items.joined()))
  }

  /// What sections are linked by: the letters and digits of their headings, so that links to a
  /// report outlive that it is made again; with a number behind where one is taken.
  static func ids(of headings: [String]) -> [String] {
    var taken: Set<String> = []
    return headings.map { heading in
      let words = heading.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
      let name = words.isEmpty ? "section" : words.joined(separator: "-")
      let id = (1...).lazy.map { $0 == 1 ? name : "\(name)-\($0)" }.first { !taken.contains($0) }
      taken.insert(id ?? name)
      return id ?? name
    }
  }

  private func render(
    _ section: ReportSection, id: String, _ numbers: inout Numbers
  ) -> String {
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
    return "\n" + Markup.element("section", ["id": id], content)
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
    // A figure that no window may shrink has one drawing, in a box to scroll where it is too wide.
    let sizes =
      chart.leastWidth > Self.wideFigure
      ? [("chart", Self.wideFigure)]
      : [("chart wide", Self.wideFigure), ("chart narrow", Self.narrowFigure)]
    let drawings = sizes.map { name, width in
      let svg = chart.svg(width: width)
      return chart.leastWidth > width
        ? Self.scrolling(svg, name: name, label: "Figure \(number)")
        : Markup.element("div", ["class": name], svg)
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

  /// A box that scrolls sideways. Focus lets the keyboard scroll what does not fit.
  static func scrolling(_ content: String, name: String = "", label: String) -> String {
    Markup.element(
      "div",
      [
        "class": name.isEmpty ? "scroll" : "\(name) scroll", "tabindex": "0", "role": "region",
        "aria-label": label,
      ], content)
  }
}
