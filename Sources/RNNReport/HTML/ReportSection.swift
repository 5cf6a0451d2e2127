/// A heading and what stands below it.
package struct ReportSection: Sendable {
  package enum Block: Sendable {
    case paragraph(String)
    case facts([(name: String, value: String)])
    case table(Table)
    case figure(ReportFigure)
    /// Text to unfold, such as the full configuration, in the typeface of code.
    case details(summary: String, text: String)
  }

  package var heading: String
  package var blocks: [Block]

  package init(_ heading: String, _ blocks: [Block] = []) {
    self.heading = heading
    self.blocks = blocks
  }
}
