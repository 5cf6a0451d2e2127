import Foundation
import RNNCore
import TestSupport
import Testing

/// Models that somebody has changed on purpose: the checksum is right, a number in the texts beside
/// the parameters is not.
@Suite("Hostile model files", .unsanitized)
struct HostileModelTests {
  private static let values = [
    "0", "-1", "1", "2147483648", "4294967296", "4611686018427387904", "9223372036854775807",
    "1e-45", "1e308", "nan", "inf", #""""#, #""🦊""#, "\"\(String(repeating: "x", count: 10_240))\"",
    "16777216", "null", "[]",
  ]

  /// Each number of a text in JSON, with what stands before it.
  private static func numbers(in text: String) -> [Range<String.Index>] {
    text.ranges(of: /[:\[,]-?[0-9][0-9.eE+-]*/).map {
      text.index(after: $0.lowerBound)..<$0.upperBound
    }
  }

  private func file(_ kind: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/\(kind).safetensors").path
  }

  /// Writes the file with other texts, and their checksum.
  private func write(_ file: SafeTensorsFile, _ metadata: [String: String], to path: String) throws
  {
    let tensors = file.tensors.map { (name: $0.name, shape: $0.shape) }
    try SafeTensorsFile.write(tensors, metadata: metadata, to: path) {
      (name: String) throws(RNNError) in try file.values(of: name)
    }
  }

  @Test(
    "Numbers of any size are refused in a line or used, and no process dies of them",
    arguments: SavedByEarlierVersionsTests.Saved.all)
  func numbers(_ saved: SavedByEarlierVersionsTests.Saved) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let data = saved.data.map { ["--data", $0] } ?? []
    let commands = [
      ["evaluate", "--model", "m"] + data, ["predict", "--model", "m"],
      ["generate", "--model", "m", "--prompt", "e1"],
      ["profile", "saved", "--model", "m"] + data,
      ["train", saved.kind, "--model", "m", "--resume", "--epochs", "4"] + data,
    ]
    let file = try SafeTensorsFile(reading: file(saved.name))
    let keys = file.metadata.keys.sorted().filter {
      !Self.numbers(in: file.metadata[$0] ?? "").isEmpty
    }
    #expect(keys.count >= 4, "\(keys)")
    var random = RandomGenerator(seed: 9)
    func any<Element>(_ elements: [Element]) -> Element {
      elements[random.integer(below: elements.count)]
    }
    for round in 0..<20 {
      var metadata = file.metadata
      let key = any(keys)
      let text = try #require(metadata[key])
      let (place, value) = (any(Self.numbers(in: text)), any(Self.values))
      metadata[key] = text.replacingCharacters(in: place, with: value)
      try write(file, metadata, to: line.path("m"))
      let outcome = try line.run(
        commands[round % commands.count], input: "e1 e2\n",
        shell: #"ulimit -v 6000000; ulimit -c 0; ulimit -t 60; exec "$0" "$@""#)
      let what = "\(text[..<place.lowerBound].suffix(40))\(value.prefix(30)): \(outcome.errors)"
      // Much work may be asked for: it ends by its limit of time.
      #expect([0, 1, 3, 64, SIGXCPU].contains(outcome.code), "\(outcome.code), \(key): \(what)")
      #expect(outcome.errors.utf8.count < 2000, "\(key): \(what)")
      if [1, 64].contains(outcome.code) {
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(key): \(what)")
      }
    }
  }
}
