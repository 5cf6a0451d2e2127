import Foundation
import Testing

@testable import RNNReport

/// Each test works in a directory of its own.
@Suite final class OutputFileTests {
  private let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("rnnbench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  private func reason(_ path: String) -> String? {
    do throws(OutputError) {
      _ = try OutputFile(path: path)
      return nil
    } catch {
      #expect(!error.description.contains("\n"))
      return error.reason
    }
  }

  @Test func `a file is written whole and alone`() throws {
    let file = try OutputFile(path: path("report.html"))
    #expect(try names() == [])
    try file.write("first")
    try file.write("second, ± longer")
    #expect(try String(contentsOfFile: path("report.html"), encoding: .utf8) == "second, ± longer")
    #expect(try names() == ["report.html"])
  }

  @Test func `an empty text makes an empty file`() throws {
    try OutputFile(path: path("empty")).write("")
    #expect(try Data(contentsOf: directory.appendingPathComponent("empty")).isEmpty)
  }

  @Test func `a missing directory shows before the work`() {
    #expect(reason(path("missing/report.html")) == "there is no directory \(path("missing"))")
  }

  @Test func `a directory, a file as directory and no name are refused`() throws {
    try OutputFile(path: path("file")).write("x")
    #expect(reason(directory.path) == "it is a directory")
    #expect(reason(directory.path + "/") == "it is a directory")
    #expect(reason(path("file/report.html"))?.contains("is not a directory") == true)
    #expect(reason("") == "the name is empty or has a zero byte")
    #expect(reason("a\0b") == "the name is empty or has a zero byte")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
  func `a read-only directory or file shows before the work`() throws {
    try OutputFile(path: path("locked")).write("x")
    chmod(path("locked"), 0o444)
    #expect(reason(path("locked")) == "the file: Permission denied")
    chmod(directory.path, 0o555)
    defer { chmod(directory.path, 0o755) }
    #expect(reason(path("new"))?.hasSuffix("Permission denied") == true)
  }

  @Test func `a failed rename leaves nothing behind`() throws {
    let file = try OutputFile(path: path("report.html"))
    try FileManager.default.createDirectory(
      atPath: path("report.html"), withIntermediateDirectories: false)
    #expect(throws: OutputError.self) { try file.write("text") }
    #expect(try names() == ["report.html"])
  }

  @Test func `a directory that vanished during the work is an error`() throws {
    let file = try OutputFile(path: path("report.html"))
    try FileManager.default.removeItem(at: directory)
    #expect(throws: OutputError(path: path("report.html"), reason: "No such file or directory")) {
      try file.write("text")
    }
  }

  @Test func `a link stays a link and permissions stay`() throws {
    try OutputFile(path: path("real")).write("old")
    chmod(path("real"), 0o640)
    try FileManager.default.createSymbolicLink(
      atPath: path("link"), withDestinationPath: path("real"))
    try OutputFile(path: path("link")).write("new")
    #expect(try String(contentsOfFile: path("real"), encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link")) == path("real"))
    var status = stat()
    #expect(stat(path("real"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o640)
  }

  @Test func `a device is written to and not replaced`() throws {
    try OutputFile(path: "/dev/null").write("text")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFCHR)
  }

  #if os(Linux)
    @Test func `a full disk is an error`() throws {
      let file = try OutputFile(path: "/dev/full")
      #expect(throws: OutputError(path: "/dev/full", reason: "No space left on device")) {
        try file.write("text")
      }
    }
  #endif
}
