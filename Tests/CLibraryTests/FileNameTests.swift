import CLibrary
import Testing

@Suite("Names of files as texts")
struct FileNameTests {
  @Test(
    "Any bytes have a text that gives them back",
    arguments: [
      Array("plain.txt".utf8), Array("Übung 語 🎵".utf8), [0x63, 0x61, 0x66, 0xE9],
      [0xFF, 0x80, 0xC3],
      // Cut off, a surrogate, a longer form than needed, beyond the last scalar.
      [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF4, 0x90, 0x80, 0x80],
      // What stands for a byte, spelled out.
      Array("\u{10F8E9}".utf8), Array("\u{10F800}\u{10F900}".utf8), [0xC3, 0xA9, 0xE9, 0x41], [],
      [0x65, 0xCC, 0x81], [0x0D, 0x0A, 0x1B],
    ] as [[UInt8]])
  func roundTrip(_ bytes: [UInt8]) {
    let text = String(fileName: bytes)
    #expect(text.fileName == bytes)
    #expect(text.withFileName { String(fileName: $0) } == text)
    let isText = String(validating: bytes, as: UTF8.self)
    if let isText, !isText.unicodeScalars.contains(where: { $0.undecodedByte != nil }) {
      #expect(Array(text.unicodeScalars) == Array(isText.unicodeScalars))
    }
  }

  @Test("No two of all names of two bytes have the same text")
  func distinct() {
    var texts: Set<[UInt32]> = []
    for first in UInt8.min...(.max) {
      for second in UInt8.min...(.max) {
        let text = String(fileName: [first, second])
        #expect(text.fileName == [first, second])
        texts.insert(text.unicodeScalars.map(\.value))
      }
    }
    #expect(texts.count == 1 << 16)
  }

  @Test("A byte that is no UTF-8 stands for itself")
  func undecoded() {
    let text = String(fileName: [0x63, 0xE9])
    #expect(text.unicodeScalars.map(\.undecodedByte) == [nil, 0xE9])
  }

  @Test("Files whose names are no UTF-8 are made, listed, renamed and removed")
  func files() throws {
    var template = Array("/tmp/rnncore-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { rmdir(folder) }
    let (name, other) = (String(fileName: [0x61, 0xFF]), String(fileName: [0xE9, 0x62]))
    let descriptor = FileSystem.open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_EXCL)
    #expect(descriptor >= 0 && fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
    close(descriptor)
    #expect(FileSystem.names(in: folder).map(Set.init) == [".", "..", name])
    #expect(FileSystem.status(of: "\(folder)/\(name)")?.kind == S_IFREG)
    #expect(FileSystem.rename("\(folder)/\(name)", to: "\(folder)/\(other)") == 0)
    #expect(FileSystem.status(of: "\(folder)/\(name)") == nil && errno == ENOENT)
    #expect(symlink("\(folder)/x", "\(folder)/l") == 0)
    #expect(FileSystem.target(ofLink: "\(folder)/l") == "\(folder)/x")
    #expect(FileSystem.linkStatus(of: "\(folder)/l")?.kind == S_IFLNK)
    for left in [other, "l"] { #expect(FileSystem.remove("\(folder)/\(left)") == 0) }
    #expect(FileSystem.names(in: "\(folder)/none") == nil && errno == ENOENT)
  }
}
