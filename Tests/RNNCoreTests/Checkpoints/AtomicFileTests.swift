import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A file is there whole or not at all")
struct AtomicFileTests {
  private let failure = RNNError(.range, "test", expected: "success", found: "a failure")

  @Test("A failure in the middle leaves the old file and nothing else")
  func failureLeavesOldFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([1, 2, 3], to: "a")
    expectError(.range, about: "test") {
      try AtomicFile.write(to: path) { (writer: AtomicFile.Writer) throws(RNNError) in
        try writer.write([UInt8](repeating: 9, count: 5))
        // A second name only where the file system has no files without one.
        #expect(folder.contents.count <= 2 && folder.contents.contains("a"))
        throw failure
      }
    }
    #expect(try folder.bytes(of: "a") == [1, 2, 3])
    #expect(folder.contents == ["a"])
  }

  @Test("What a killed process left is removed by the next that writes there, a living one's stays")
  func removesLeftovers() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try folder.write([1], to: ".rnncore-a1.tmp")
    let written = try folder.write([1], to: ".rnncore-b2.tmp")
    let descriptor = open(written, O_WRONLY)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    try AtomicFile.write(to: folder.path("f")) { writer throws(RNNError) in
      try writer.write([UInt8(2)])
    }
    #expect(folder.contents == ["f", ".rnncore-b2.tmp"])
  }

  @Test("What is replaced keeps its permissions, and a link stays a link")
  func replaces() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([1], to: "a")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: "a")
    try AtomicFile.write(to: folder.path("link")) {
      (writer: AtomicFile.Writer) throws(RNNError) in try writer.write([4, 5] as [UInt8])
    }
    #expect(try folder.bytes(of: "a") == [4, 5])
    #expect(folder.contents == ["a", "link"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
  }

  @Test("Folders, devices and missing folders are refused before anything is written")
  func refuses() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for path in [folder.path("."), "/dev/null", folder.path("none/a"), "", "a\0b"] {
      expectError(.file) {
        try AtomicFile.write(to: path) { (_: AtomicFile.Writer) throws(RNNError) in
          Issue.record("asked for bytes of \(path)")
        }
      }
    }
    #expect(folder.contents.isEmpty)
  }

  @Test("A model that cannot be saved leaves the one that was there")
  func model() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 2), body: .recurrent(.gru()), hiddenSize: 3, outputs: 1),
      seed: 1)
    try model.save(to: folder.path("m"))
    let before = try folder.bytes(of: "m")
    model.parameters.withUnsafeMutableValues { $0[1] = .nan }
    expectError(.nonFinite, about: "weight_ih_l0") { try model.save(to: folder.path("m")) }
    #expect(try folder.bytes(of: "m") == before)
    #expect(folder.contents == ["m"])
  }
}
