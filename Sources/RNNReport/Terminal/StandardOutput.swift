import CLibrary

/// What a program prints to, without a buffer in between.
///
/// A pipe whose reader has gone ends the program, as it ends others: by the signal for it, also
/// where whoever started the program had that signal ignored.
package enum StandardOutput {
  /// Prints text. What cannot be printed is found by ``finish()``: the work goes on meanwhile.
  package static func print(_ text: String, terminator: String = "\n") {
    do throws(OutputError) { try write(text + terminator) } catch {
      failure.withLock { $0 = $0 ?? error }
    }
  }

  /// Writes text at once.
  package static func write(_ text: String) throws(OutputError) {
    try write(text, to: STDOUT_FILENO)
  }

  /// Throws the first failure of ``print(_:terminator:)``, or that of the end: some disks report
  /// only there what they could not store. Nothing is printed after it.
  package static func finish() throws(OutputError) {
    if let failure = failure.withLock({ $0 }) { throw failure }
    if close(STDOUT_FILENO) != 0, errno != EBADF { throw error() }
  }

  static func write(_ text: String, to descriptor: Int32) throws(OutputError) {
    guard !writeAll(text, to: descriptor) else { return }
    let error = error()
    if errno == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    throw error
  }

  private static let failure = Locked<OutputError?>(nil)

  /// The reason in `errno`, which the failing call has just set.
  private static func error() -> OutputError {
    OutputError(path: "standard output", reason: String(cString: strerror(errno)))
  }

  /// Where standard output led when this was first asked for; since then it leads to standard
  /// error.
  static let reserved: Int32 = {
    let kept = dup(STDOUT_FILENO)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    return kept
  }()

  /// Opens what is closed of the three standard streams, so that no other file gets their numbers
  /// and what is meant for them. What is written to one of these fails.
  package static func openStreams() {
    while true {
      let descriptor = open("/dev/null", O_RDONLY)
      guard (0...STDERR_FILENO).contains(descriptor) else {
        if descriptor >= 0 { close(descriptor) }
        return
      }
    }
  }
}
