import CLibrary

/// Shows on a terminal how far long work has come, with the time that it will still take: one line,
/// which is drawn again and goes away at the end. Silent where nobody watches, in a pipe or a file.
///
/// One phase runs at a time; all calls come from one thread.
package final class ProgressReporter {
  /// Where phases stand in work of several of them.
  package struct Whole {
    /// What is done of it, in 0...1.
    package var share: Double
    /// Whether it may end earlier than it is planned to.
    package var mayEndEarlier: Bool

    package init(share: Double, mayEndEarlier: Bool = false) {
      (self.share, self.mayEndEarlier) = (share, mayEndEarlier)
    }
  }

  private struct Phase {
    let name: String
    let total: Int
    let time: RemainingTime
    var completed = 0
    var note = ""
    var lastShown: Double
    var whole: Whole?

    var share: Double { total == 0 ? 1 : Double(completed) / Double(total) }
  }

  private static let redrawInterval = 0.1
  private static let origin = ContinuousClock.now

  private let terminal: Terminal
  /// Seconds from any fixed moment.
  private let clock: () -> Double
  private let write: (String) -> Void
  private var phase: Phase?
  /// Of the whole of which phases are parts, with what was last known of it.
  private var whole: (time: RemainingTime, share: Double)?

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
  deinit { finish() }

  /// Ends the running phase, if any, and starts another of `total` steps.
  ///
  /// - Parameter whole: where it stands in all phases; nil for a phase alone. A share below the
  ///   last one begins other work.
  package func begin(_ name: String, total: Int, of whole: Whole? = nil) {
    guard terminal.isTerminal else { return }
    finish()
    let now = clock()
    phase = Phase(
      name: name.printable, total: max(0, total), time: RemainingTime(start: now, share: 0),
      lastShown: now)
    follow(whole, at: now)
    draw(at: now)
  }

  /// - Parameter whole: as of ``begin(_:total:of:)``, as it is now.
  package func update(_ completed: Int, of whole: Whole? = nil, note: String = "") {
    guard let total = phase?.total else { return }
    let now = clock()
    phase?.completed = min(max(0, completed), total)
    phase?.note = note.printable
    follow(whole, at: now)
    if now - (phase?.lastShown ?? now) >= Self.redrawInterval { draw(at: now) }
  }

  /// Ends the phase: its line disappears.
  package func finish() {
    if phase != nil { write("\r" + Self.eraseToEnd) }
    phase = nil
  }

  private func follow(_ now: Whole?, at time: Double) {
    phase?.whole = now
    guard let share = now?.share else { return }
    let known = whole.flatMap { $0.share <= share ? $0.time : nil }
    whole = (known ?? RemainingTime(start: time, share: share), share)
  }

  // MARK: - Text

  private func draw(at now: Double) {
    phase?.lastShown = now
    guard let phase else { return }
    let share = NumberFormat.percent(phase.share, decimals: 0)
    let details = [share, left(of: phase, at: now), leftInAll(phase, at: now), phase.note]
      .filter { !$0.isEmpty }.joined(separator: ", ")
    // The last column stays free: some terminals wrap as soon as it is written.
    let available = terminal.width - 1 - phase.name.displayWidth - details.displayWidth - 2
    guard available >= 8 else {
      write("\r" + "\(phase.name) \(details)".truncated(to: terminal.width - 1) + Self.eraseToEnd)
      return
    }
    let length = min(available, 30)
    let done = Int(phase.share * Double(length))
    let bar =
      String(repeating: "━", count: done)
      + terminal.style.dim(String(repeating: "╌", count: length - done))
    write("\r\(phase.name) \(bar) \(details)" + Self.eraseToEnd)
  }

  private static let eraseToEnd = "\u{1B}[K"

  /// Empty until there is enough behind us to judge by.
  private func left(of phase: Phase, at now: Double) -> String {
    phase.time.seconds(at: now, share: phase.share)
      .map { "about \(RemainingTime.words($0)) left" } ?? ""
  }

  private func leftInAll(_ phase: Phase, at now: Double) -> String {
    guard let place = phase.whole,
      let seconds = whole?.time.seconds(at: now, share: place.share)
    else { return "" }
    return "in all \(place.mayEndEarlier ? "at most" : "about") \(RemainingTime.words(seconds))"
  }
}
