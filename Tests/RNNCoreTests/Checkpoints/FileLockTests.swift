import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Claims on files")
struct FileLockTests {
  private func refusal(_ path: String) -> String? {
    do throws(RNNError) {
      try FileLock(of: path).release()
      return nil
    } catch {
      return error.found
    }
  }

  @Test("A file is claimed once, by any of its names, until it is released")
  func names() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([1], to: "m")
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder.path("d"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: folder.path("d/link"), withDestinationPath: "../m")
    try manager.createSymbolicLink(atPath: folder.path("again"), withDestinationPath: "d/link")
    try manager.createSymbolicLink(atPath: folder.path("e"), withDestinationPath: "d")
    try manager.linkItem(atPath: path, toPath: folder.path("hard"))
    let names = [path, folder.path("d/../m"), folder.path("d/link"), folder.path("again")]
    for held in names {
      let lock = try FileLock(of: held)
      for name in names + [folder.path("e/link")] {
        #expect(refusal(name) == "one in use by process \(getpid())", "\(held), \(name)")
      }
      #expect(refusal(folder.path("hard"))?.contains("by another name") == true)
      #expect(refusal(folder.path("other")) == nil)
      #expect(folder.contents == ["m", ".m.lock", "d", "e", "again", "hard"])
      lock.release()
      #expect(refusal(path) == nil)
    }
    #expect(folder.contents == ["m", "d", "e", "again", "hard"])
  }

  @Test("The claim stays when the file is replaced, and a new file can be claimed before it is")
  func replaced() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let lock = try FileLock(of: folder.path("m"))
    for byte in [1, 2] as [UInt8] {
      try AtomicFile.write(to: folder.path("m")) { file throws(RNNError) in try file.write([byte]) }
      #expect(refusal(folder.path("m")) == "one in use by process \(getpid())")
    }
    lock.release()
    #expect(folder.contents == ["m"])
  }

  @Test("A lock file that a killed process left is taken over, whatever is in it")
  func leftover() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for text in ["", "1\n", "999999999\n", "no number at all, and longer than any", "4"] {
      try folder.write(Array(text.utf8), to: ".m.lock")
      let lock = try FileLock(of: folder.path("m"))
      #expect(try folder.bytes(of: ".m.lock") == Array("\(getpid())\n".utf8))
      lock.release()
      #expect(folder.contents.isEmpty)
    }
  }

  @Test("Long names have locks, folders that are missing or no folders are refused")
  func places() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let long = folder.path(String(repeating: "é", count: 127))
    let lock = try FileLock(of: long)
    #expect(refusal(long) == "one in use by process \(getpid())")
    lock.release()
    let file = try folder.write([1], to: "f")
    expectError(.file) { try FileLock(of: folder.path("none/m")).release() }
    expectError(.file) { try FileLock(of: "\(file)/m").release() }
    #expect(folder.contents == ["f"])
  }

  @Test("Of many that claim at once and again, one has it at a time")
  func crowd() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("m")
    let taken = Counter()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<200 {
        guard let lock = try? FileLock(of: path) else { continue }
        #expect(taken.add(1) == 1)
        #expect(taken.add(-1) == 0)
        lock.release()
      }
    }
    #expect(folder.contents.isEmpty)
  }

  private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var value = 0
    func add(_ number: Int) -> Int {
      lock.withLock {
        value += number
        return value
      }
    }
  }
}
