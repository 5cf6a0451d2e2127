import Foundation
import TestSupport
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

  /// OpenBLAS's own threads waited there for memory for ever, and the end of the program for them.
  @Test(
    "A program ends under any limit of memory", .unsanitized,
    arguments: Array(stride(from: 100, to: 400, by: 20)))
  func limitedMemory(_ megabytes: Int) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.shell(
      "ulimit -v \(megabytes * 1000); exec timeout -s KILL 60 \"$0\" --version")
    // 127: even the libraries found no room; 1 and 134: nor did the start of Swift.
    #expect([0, 1, 127, 134].contains(outcome.code), "\(outcome)")
    if megabytes >= 300 { #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(outcome)") }
  }

  /// Each of its calls that run at the same time works in 128 MiB: where there is room for one
  /// only, they wait for each other, and with less the program says so.
  @Test(
    "OpenBLAS multiplies in the memory that there is", .unsanitized,
    arguments: [150, 250, 350, 450, 600])
  func limitedProducts(_ megabytes: Int) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.shell(
      "ulimit -v \(megabytes * 1000); exec timeout -s KILL 120 \"$0\" doctor --threads 4")
    #expect(outcome.code != 137 && outcome.code != SIGKILL, "\(outcome)")
    if outcome.code != 0 {
      #expect(outcome.errors.contains("OpenBLAS works in 128 MiB"), "\(outcome)")
    }
    if megabytes == 600 { #expect(outcome.code == 0, "\(outcome)") }
  }
}
