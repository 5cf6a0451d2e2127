import Foundation
import Testing

@testable import CLibrary

@Suite struct NumberTextTests {
  @Test func `numbers print as Foundation formats them`() {
    var generator = SystemRandomNumberGenerator()
    let random = (0..<200).map { _ in Double(bitPattern: generator.next()) }
    let chosen = [0, -0.0, 0.5, 2.5, 9.995, 1e300, 0x1p-1074, .infinity, -.infinity, .nan]
    for value in random + chosen {
      for decimals in 0...9 {
        #expect(value.fixed(decimals: decimals) == String(format: "%.\(decimals)f", value))
        #expect(value.scientific(decimals: decimals) == String(format: "%.\(decimals)e", value))
      }
    }
  }

  @Test(arguments: [
    "", " ", "a", " \t a b\u{A0}\u{2003}", "\r\n a\r\n", "a\u{301} ", " \u{301}a",
    "\u{85}é\u{2029}",
  ])
  func `white space is trimmed as Foundation does`(text: String) {
    #expect(text.trimmed == text.trimmingCharacters(in: .whitespacesAndNewlines))
    #expect(text[...].trimmed == text.trimmed)
  }

  @Test func `variables of the environment are read`() {
    #expect(environmentValue(of: "PATH") == ProcessInfo.processInfo.environment["PATH"])
    #expect(environmentValue(of: "RNNCORE_NO_SUCH_VARIABLE") == nil)
  }

  @Test func `small files of the system are read`() {
    #expect(contents(ofSmallFile: "/proc/self/comm")?.isEmpty == false)
    #expect(contents(ofSmallFile: "/no such file") == nil)
  }
}
