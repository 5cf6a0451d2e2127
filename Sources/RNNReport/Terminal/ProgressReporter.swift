import CLibrary

/// Shows how far long work has come: a bar on a terminal, lines now and then in a log.
///
/// One phase runs at a time; all calls come from one thread.
package final class ProgressReporter {
  private struct Phase {
    let name: String
    let total: Int
    let start: Double
    var completed = 0
    var note = ""
    var lastShown: Double
  }

  private static let redrawInterval = 0.1
  private static let logInterval = 10.0

  private static let origin = ContinuousClock.now

  private let terminal: Terminal
  /// Seconds from any fixed moment.
  private let clock: () -> Double
  private let write: (String) -> Void
  private var phase: Phase?

  package init(
    terminal: Terminal = .standardError,
    clock: @escaping () -> Double = { (ContinuousClock.now - origin) / .seconds(1) },
    write: @escaping (String) -> Void = { text in
      // Progress that cannot be shown is no reason to stop the work.
      _ = writeAll(text, to: STDERR_FILENO)
    }
  ) {
    self.terminal = terminal
    self.clock = clock
    self.write = write
  }

  /// An error thrown in mid-phase must not print behind half a bar.
  deinit {
    if phase != nil, terminal.isTerminal { clearBar() }
  }

  /// Ends the running phase, if any, and starts another of `total` steps.
  package func begin(_ name: String, total: Int) {
    if phase != nil { finish() }
    let now = clock()
    phase = Phase(name: name.printable, total: max(0, total), start: now, lastShown: now)
    if terminal.isTerminal { drawBar(at: now) }
  }

  package func update(_ completed: Int, note: String = "") {
    let now = clock()
    let interval = terminal.isTerminal ? Self.redrawInterval : Self.logInterval
    guard var current = phase else { return }
    current.completed = min(max(0, completed), current.total)
    current.note = note.printable
    let isDue = now - current.lastShown >= interval
    if isDue { current.lastShown = now }
    phase = current
    guard isDue else { return }
    if terminal.isTerminal { drawBar(at: now) } else { write(logLine(current, at: now) + "\n") }
  }

  /// Ends the phase: the bar disappears from a terminal, a log gets its last line.
  package func finish(note: String = "") {
    guard let current = phase else { return }
    phase = nil
    if terminal.isTerminal {
      clearBar()
    } else {
      let elapsed = NumberFormat.duration(clock() - current.start)
      let last = note.isEmpty ? current.note : note.printable
      write(joined(["\(current.name): done in \(elapsed)", last]) + "\n")
    }
  }

  // MARK: - Text

  private func logLine(_ phase: Phase, at now: Double) -> String {
    let share = NumberFormat.percent(fraction(of: phase), decimals: 0)
    let steps = "\(phase.name): \(phase.completed) of \(phase.total) (\(share))"
    return joined([steps, remaining(phase, at: now), phase.note])
  }

  private func drawBar(at now: Double) {
    guard let phase else { return }
    let share = NumberFormat.percent(fraction(of: phase), decimals: 0)
    let details = joined([share, remaining(phase, at: now), phase.note])
    // The last column stays free: some terminals wrap as soon as it is written.
    let available = terminal.width - 1 - phase.name.displayWidth - details.displayWidth - 2
    guard available >= 8 else {
      write("\r" + "\(phase.name) \(details)".truncated(to: terminal.width - 1) + Self.eraseToEnd)
      return
    }
    let length = min(available, 30)
    let done = Int(fraction(of: phase) * Double(length))
    let bar =
      String(repeating: "━", count: done)
      + terminal.style.dim(String(repeating: "╌", count: length - done))
    write("\r\(phase.name) \(bar) \(details)" + Self.eraseToEnd)
  }

  private func clearBar() { write("\r" + Self.eraseToEnd) }

  private static let eraseToEnd = "\u{1B}[K"

  private func fraction(of phase: Phase) -> Double {
    phase.total == 0 ? 1 : Double(phase.completed) / Double(phase.total)
  }

  /// Empty until there is enough behind us to judge by.
  private func remaining(_ phase: Phase, at now: Double) -> String {
    let elapsed = now - phase.start
    guard phase.completed > 0, phase.completed < phase.total, elapsed >= 1 else { return "" }
    let left = elapsed / Double(phase.completed) * Double(phase.total - phase.completed)
    return NumberFormat.duration(left.rounded(.up)) + " left"
  }

  private func joined(_ parts: [String]) -> String {
    parts.filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
