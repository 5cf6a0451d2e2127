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

  @Test("Owner and group stay, for whom may give files away", .enabled(if: geteuid() == 0))
  func owner() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([1], to: "a")
    #expect(chown(path, 1234, 4321) == 0 && chmod(path, 0o664) == 0)
    try AtomicFile.write(to: path) { file throws(RNNError) in try file.write([2] as [UInt8]) }
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_uid == 1234 && status.st_gid == 4321 && status.st_mode & 0o777 == 0o664)
    #expect(try folder.bytes(of: "a") == [2])
  }

  @Test("Links are followed over folders and other links; to nothing or in a circle, refused")
  func links() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([1], to: "a")
    for name in ["d", "x", "x/y"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(name), withIntermediateDirectories: false)
    }
    let links = [
      "d/up": "../a", "z": "x/y", "z/far": "../../d/up", "full": folder.path("z/far"),
      "null": "/dev/null", "lost": "none", "circle": "round", "round": "circle",
    ]
    for (link, target) in links.sorted(by: { $0.key < $1.key }) {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path(link), withDestinationPath: target)
    }
    for (byte, link) in ["d/up", "z/far", "full"].enumerated() {
      try AtomicFile.write(to: folder.path(link)) { file throws(RNNError) in
        try file.write([UInt8(byte)])
      }
      #expect(try folder.bytes(of: "a") == [UInt8(byte)])
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: folder.path(link))
          == links[link])
    }
    let before = folder.contents
    for link in ["lost", "circle"] {
      expectError(.file) {
        try AtomicFile.write(to: folder.path(link)) { (_: AtomicFile.Writer) throws(RNNError) in
          Issue.record("asked for bytes of \(link)")
        }
      }
    }
    #expect(folder.contents == before)
    // What is no file is opened by its own name, never replaced.
    for name in [path, folder.path("null"), folder.path("none"), folder.path("a/none")] {
      #expect(try AtomicFile.followingLinks(name) == name)
    }
  }

  @Test(
    "A link of another user's in a folder for all is not followed where the kernel does not",
    .enabled(if: geteuid() == 0 && protectsLinks))
  func stickyFolder() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write([1], to: "a")
    try FileManager.default.createDirectory(
      atPath: folder.path("tmp"), withIntermediateDirectories: false)
    #expect(chmod(folder.path("tmp"), 0o1777) == 0)
    let link = folder.path("tmp/l")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    #expect(lchown(link, 1234, 4321) == 0)
    expectError(.file, about: link) {
      try AtomicFile.write(to: link) { file throws(RNNError) in try file.write([2] as [UInt8]) }
    }
    #expect(try folder.bytes(of: "a") == [1])
  }

  private static var protectsLinks: Bool {
    let file = "/proc/sys/fs/protected_symlinks"
    return (try? String(contentsOfFile: file, encoding: .utf8))?.hasPrefix("1") == true
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
