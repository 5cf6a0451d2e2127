import CLibrary
import RNNCore

/// What the reader at the other end of a standard stream can see.
package struct Terminal: Sendable {
  let isTerminal: Bool
  /// In columns; 100 where nothing says otherwise, as in a pipe.
  package let width: Int
  package let style: TextStyle

  package static var standardOutput: Terminal { Terminal(descriptor: STDOUT_FILENO) }
  static var standardError: Terminal { Terminal(descriptor: STDERR_FILENO) }

  package init(isTerminal: Bool, width: Int, style: TextStyle = .plain) {
    self.isTerminal = isTerminal
    self.width = width
    self.style = style
  }

  package init(descriptor: Int32, environment: (String) -> String? = environmentValue(of:)) {
    let isTerminal = isatty(descriptor) == 1
    // https://no-color.org: set to anything but the empty string.
    let refusesStyle = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    let isDumb = environment("TERM") == "dumb"
    self.init(
      isTerminal: isTerminal,
      width: Self.width(of: descriptor, environment: environment),
      style: isTerminal && !refusesStyle && !isDumb ? .ansi : .plain)
  }

  /// The text as this stream shows it: broken between words where a window's edge would break it,
  /// untouched where the stream is no terminal.
  ///
  /// - Parameter hanging: blanks before each line but the first.
  package func fitted(_ text: String, hanging: Int = 0) -> String {
    isTerminal ? text.wrapped(to: width, hanging: hanging).joined(separator: "\n") : text
  }

  /// Prints sentences, headings and the like on standard output, with a newline. Control characters
  /// in them come from data and are escaped.
  ///
  /// - Parameter hanging: blanks before each line but the first.
  package static func print(_ text: String, hanging: Int = 0) {
    StandardOutput.print(standardOutput.fitted(text.printableLines, hanging: hanging))
  }

  /// One sentence on standard error, behind the name of the program. Control characters in it come
  /// from data and are escaped.
  package static func warn(_ text: String) {
    let line = standardError.fitted("rnnbench: \(text.printableLines)")
    _ = writeAll(line + "\n", to: STDERR_FILENO)
  }

  /// Text that answers or comes from data, as this stream shows it: on a terminal control
  /// characters that are neither line ends nor tabs are escaped, a file or pipe gets it as it is.
  package func data(_ text: String) -> String { isTerminal ? text.printableLines : text }

  /// Writes text that answers or comes from data to standard output at once.
  package static func write(data text: String) throws(OutputError) {
    try StandardOutput.write(standardOutput.data(text))
  }

  private static func width(of descriptor: Int32, environment: (String) -> String?) -> Int {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 100
  }
}
