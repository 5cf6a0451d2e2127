import Foundation
import Testing

@Suite("A good neighbour: threads and memory as the system allows")
struct NeighbourTests {
  @Test("Bound to one core, a command has one thread by default, and doctor says why")
  func boundToOneCore() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let list = try #require(
      status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list") })
    let core = try #require(list.split { !$0.isNumber }.first)
    func bound(_ arguments: String) throws -> String {
      try line.shell("exec taskset -c \(core) \"$0\" \(arguments)").output
    }
    #expect(try bound("train tag --help").contains(/--threads <n> +Threads \(default: 1\)/))
    let facts = try bound("doctor")
    #expect(facts.contains(/(?m)^threads +1$/))
    if ProcessInfo.processInfo.processorCount > 1 {
      #expect(facts.contains(/(?m)^cores +1 of \d+, which the process is bound to$/))
    }
  }
}
