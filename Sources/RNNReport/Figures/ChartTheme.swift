/// Colours and sizes of the figures.
///
/// Every colour is a CSS variable that the page sets for light and dark; its fallback makes a
/// figure taken out of the page look right on white.
enum ChartTheme {
  static let ink = "var(--ink, #1c1e21)"
  static let muted = "var(--muted, #5c6370)"
  static let rule = "var(--rule, #d9dce1)"
  static let paper = "var(--paper, #ffffff)"

  static let fontSize = 13.0
  static let fonts = "system-ui, 'Segoe UI', 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"

  /// Six hues near Okabe and Ito's, of spread lightness. The smallest Oklab distance between two of
  /// a palette, over normal sight and Machado's protanopia, deuteranopia and tritanopia, is 0.087
  /// (light) and 0.109 (dark); the contrast with the paper is 3.3 or more.
  static let lightSeries = ["#2b92cb", "#a62406", "#45846d", "#90459c", "#c4800b", "#555555"]
  static let darkSeries = ["#4a9ff5", "#f2592f", "#c2f0c6", "#b273a6", "#f2be39", "#b6b6b6"]

  static func series(_ index: Int) -> String {
    let slot = index % lightSeries.count
    return "var(--series-\(slot + 1), \(lightSeries[slot]))"
  }

  /// Colours come around again after six series; a dash then tells the second round apart.
  static func dash(_ index: Int, isDashed: Bool) -> String {
    let isSecondRound = index >= lightSeries.count
    return isDashed ? (isSecondRound ? "2 3" : "6 4") : (isSecondRound ? "10 3 2 3" : "none")
  }

  /// The mean width of a letter: that of a wide typeface, as nothing here can measure the reader's.
  private static let letterWidth = 0.6 * fontSize

  static func textWidth(_ text: String) -> Double { Double(text.displayWidth) * letterWidth }

  static func fitting(_ text: String, width: Double) -> String {
    text.truncated(to: max(1, Int((width / letterWidth).rounded())))
  }
}
