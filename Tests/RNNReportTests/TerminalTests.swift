import Foundation
import Testing

@testable import RNNReport

@Suite struct TerminalTests {
  /// A pipe, which is no terminal.
  private func terminal(_ environment: [String: String]) -> Terminal {
    let pipe = Pipe()
    return Terminal(
      descriptor: pipe.fileHandleForWriting.fileDescriptor, environment: { environment[$0] })
  }

  @Test func `a pipe is 100 columns wide and unstyled`() {
    let terminal = terminal([:])
    #expect(!terminal.isTerminal)
    #expect(terminal.width == 100)
    #expect(terminal.style == .plain)
  }

  @Test func `COLUMNS decides where the stream does not know`() {
    #expect(terminal(["COLUMNS": "72"]).width == 72)
    #expect(terminal(["COLUMNS": "-3"]).width == 100)
    #expect(terminal(["COLUMNS": "wide"]).width == 100)
  }

  private static let sentence =
    "Interrupted: /somewhere/a-model-with-a-long-name.safetensors holds it; --resume goes on."

  @Test(arguments: 20...100)
  func `lines break between words at any width`(width: Int) {
    let terminal = Terminal(isTerminal: true, width: width)
    let lines = terminal.fitted(Self.sentence).split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.displayWidth <= width })
    // Only the path may be cut, and nothing is lost.
    let longest = Self.sentence.split(separator: " ").map(\.count).max() ?? 0
    #expect(
      lines.joined(separator: width < longest ? "" : " ").filter { $0 != " " }
        == Self.sentence.filter { $0 != " " })
    if width >= longest { #expect(lines.joined(separator: " ") == Self.sentence) }
  }

  @Test func `data act on no terminal, and go to files and pipes as they are`() {
    let text = "first\tline\n\u{1B}[2J\u{9B}31m\u{202E}é\r\n"
    #expect(Terminal(isTerminal: false, width: 20).data(text) == text)
    #expect(
      Terminal(isTerminal: true, width: 20).data(text)
        == "first\tline\n\\u{1B}[2J\\u{9B}31m\\u{202E}é\\r\n")
  }

  @Test func `a pipe gets its text as it is`() {
    #expect(Terminal(isTerminal: false, width: 20).fitted(Self.sentence) == Self.sentence)
  }

  @Test func `lines that are there stay apart, blanks stay, later lines hang`() {
    #expect("CPU     a b".wrapped(to: 40, hanging: 8) == ["CPU     a b"])
    #expect(
      "CPU     AMD EPYC of many cores".wrapped(to: 18, hanging: 8)
        == ["CPU     AMD EPYC", "        of many", "        cores"])
    #expect("a\n\n  b c".wrapped(to: 4) == ["a", "", "  b", "c"])
    #expect("abcdefg h".wrapped(to: 3) == ["abc", "def", "g h"])
    #expect("台北台北".wrapped(to: 5) == ["台北", "台北"])
    #expect("".wrapped(to: 5) == [""])
  }

  #if os(Linux)
    @Test func `a real terminal is bold unless NO_COLOR asks otherwise`() throws {
      // The two macros of <asm/ioctls.h> that Swift does not import.
      let setLock = UInt(0x4004_5431)
      let getNumber = UInt(0x8004_5430)
      let controller = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      defer { close(controller) }
      var unlocked: Int32 = 0
      var number: Int32 = 0
      try #require(ioctl(controller, setLock, &unlocked) == 0)
      try #require(ioctl(controller, getNumber, &number) == 0)
      let device = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
      defer { close(device) }
      var size = winsize(ws_row: 24, ws_col: 57, ws_xpixel: 0, ws_ypixel: 0)
      try #require(ioctl(device, UInt(TIOCSWINSZ), &size) == 0)

      let terminal = Terminal(descriptor: device, environment: { ["COLUMNS": "72"][$0] })
      #expect(terminal.isTerminal)
      #expect(terminal.width == 57)
      #expect(terminal.style == .ansi)
      #expect(Terminal(descriptor: device, environment: { ["NO_COLOR": "1"][$0] }).style == .plain)
      #expect(Terminal(descriptor: device, environment: { ["NO_COLOR": ""][$0] }).style == .ansi)
      #expect(Terminal(descriptor: device, environment: { ["TERM": "dumb"][$0] }).style == .plain)
    }
  #endif
}
