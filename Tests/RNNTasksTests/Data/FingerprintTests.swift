import Foundation
import Testing

@testable import RNNTasks
@testable import TestSupport

@Suite("Fingerprints of data")
struct FingerprintTests {
  /// Items of three parts, and the kind of data that a folder with them is.
  private struct Parts {
    var kind: TaskName
    var options = DataOptions()
    var items: [[String]]
    /// Writes one part into the folder.
    var write: (TemporaryFolder, _ part: String, [String]) throws -> Void
  }

  private static func lines(
    _ format: String
  ) -> (_ folder: TemporaryFolder, _ part: String, _ items: [String]) throws -> Void {
    { folder, part, items in
      try folder.write(Array(items.map { $0 + "\n" }.joined().utf8), to: "\(part).\(format)")
    }
  }

  private static func items(_ item: (Int) -> String) -> [[String]] {
    [0..<12, 12..<17, 17..<22].map { $0.map(item) }
  }

  private static func parts(_ kind: TaskName) throws -> Parts {
    switch kind {
    case .tag:
      return Parts(
        kind: kind, items: items { "w\($0 % 4) B-x\nv\($0 % 3) O\n" }, write: lines("txt"))
    case .lm:
      return Parts(kind: kind, items: items { "line \($0 % 5)" }, write: lines("txt"))
    case .classify:
      return Parts(
        kind: kind, items: items { "\($0 % 2 == 0 ? "good" : "bad")\tword \($0 % 5)" },
        write: lines("tsv"))
    case .parse:
      return Parts(
        kind: kind, items: items { "(S (NP (NN w\($0 % 4))) (VB v\($0 % 3)))" }, write: lines("ptb")
      )
    default:
      var options = DataOptions()
      options.languages = "en,de"
      return Parts(
        kind: .translate, options: options, items: items { "e\($0 % 4) f\($0 % 3)" }
      ) { folder, part, items in
        try lines("en")(folder, part, items)
        try lines("de")(folder, part, items.map { $0.uppercased() })
      }
    }
  }

  private func task(
    _ parts: Parts, _ items: [[String]], encoding: TaskEncoding? = nil
  ) throws -> any DataTask {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for (part, items) in zip(["train", "valid", "test"], items) {
      try parts.write(folder, part, items)
    }
    return try makeTask(
      parts.kind, at: URL(fileURLWithPath: folder.path(".")), options: parts.options,
      encoding: encoding)
  }

  @Test(
    "A line that goes from the end of a part to the start of the next is noticed",
    arguments: [TaskName.tag, .lm, .classify, .parse, .translate])
  func moved(_ kind: TaskName) throws {
    let parts = try Self.parts(kind)
    let task = try task(parts, parts.items)
    let again = try self.task(parts, parts.items, encoding: task.encoding)
    #expect(again.fingerprint == task.fingerprint && again.hasFingerprint(task.fingerprint))
    for part in 0..<2 {
      var items = parts.items
      items[part + 1].insert(items[part].removeLast(), at: 0)
      let moved = try self.task(parts, items, encoding: task.encoding)
      #expect(moved.fingerprint != task.fingerprint, "part \(part)")
      #expect(!moved.hasFingerprint(task.fingerprint), "part \(part)")
    }
  }

  @Test("What models were saved with by earlier versions is known of the same data")
  func earlierVersion() throws {
    for kind in [TaskName.classify, .translate] {
      let parts = try Self.parts(kind)
      let task = try task(parts, parts.items)
      for version in [Fingerprint.Version.unmarked, .marked] {
        let saved =
          if let pairs = task as? PairTask { pairs.fingerprint(version) } else {
            try #require(task as? any SequenceDataTask).fingerprint(version)
          }
        #expect(task.hasFingerprint(saved))
        #expect(version == .marked || saved != task.fingerprint)
        var items = parts.items
        items[1][0] = items[1][1]
        let other = try self.task(parts, items, encoding: task.encoding)
        #expect(!other.hasFingerprint(saved))
      }
    }
  }

  @Test("Marks tell apart where lists and texts end")
  func marks() {
    func text(_ version: Fingerprint.Version, _ texts: [String]) -> String {
      var print = Fingerprint(version)
      for text in texts { print.add(text) }
      return print.text
    }
    #expect(text(.unmarked, ["ab", "c"]) == text(.unmarked, ["a", "bc"]))
    #expect(text(.marked, ["ab", "c"]) != text(.marked, ["a", "bc"]))
    #expect(text(.marked, ["ab"]).hasPrefix("2.") && !text(.unmarked, ["ab"]).contains("."))
    #expect(Fingerprint.Version(of: text(.marked, ["a"])) == .marked)
    #expect(Fingerprint.Version(of: text(.unmarked, ["a"])) == .unmarked)
    #expect(Fingerprint.Version(of: text(.inOrder, ["a"])) == .inOrder)
  }
}
