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
  /// The sentences that answer the section's question. They open the report.
  package var answer: [String]
  package var blocks: [Block]

  package init(_ heading: String, answer: [String] = [], _ blocks: [Block] = []) {
    self.heading = heading
    self.answer = answer
    self.blocks = blocks
  }
}
