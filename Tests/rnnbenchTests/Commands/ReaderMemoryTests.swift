import Foundation
import TestSupport
import Testing

@Suite("Memory of readers", .unsanitized)
struct ReaderMemoryTests {
  /// Data of short lines, steps and words, which take the most memory for their size.
  struct Kind: Sendable, CustomTestStringConvertible {
    var name: String
    var data: String
    var options: [String] = []
    /// Parts of the data by file, the first of them to learn from, of so many lines.
    var files: @Sendable (Int) -> [(name: String, text: String)]

    var testDescription: String { name }

    static let parts = [("train", true), ("valid", false), ("test", false)]

    /// A file a part, held-out ones of few lines.
    static func files(
      _ lines: Int, in folder: String, ending: String, _ line: (Int) -> String
    ) -> [(name: String, text: String)] {
      parts.map { part, isTraining in
        let lines = isTraining ? lines : 8
        return ("\(folder)/\(part).\(ending)", (0..<lines).map(line).joined())
      }
    }

    static let all = [
      Kind(name: "tag", data: "tags", options: ["--embedding", "4"]) { lines in
        files(lines / 2, in: "tags", ending: "txt") { "w\($0 % 7) O\na B-x\n\n" }
      },
      Kind(name: "lm", data: "text", options: ["--embedding", "4"]) { lines in
        [("text", (0..<lines).map { "a\($0 % 7) b c\n" }.joined())]
      },
      Kind(
        name: "classify", data: "lines",
        options: [
          "--embedding", "4", "--validation-share", "0.005", "--test-share", "0.005",
        ]
      ) { lines in
        [("lines", (0..<lines).map { "\($0 % 2)\ta b\($0 % 7)\n" }.joined())]
      },
      Kind(name: "translate", data: "pairs", options: ["--languages", "de,en"]) { lines in
        files(lines / 2, in: "pairs", ending: "de") { "a b\($0 % 7)\n" }
          + files(lines / 2, in: "pairs", ending: "en") { "a b\($0 % 5)\n" }
      },
      Kind(
        name: "autoencode", data: "lines",
        options: ["--validation-share", "0.005", "--test-share", "0.005"]
      ) { lines in
        [("lines", (0..<lines).map { "a b c\($0 % 7)\n" }.joined())]
      },
      Kind(name: "parse", data: "trees") { lines in
        files(lines / 3, in: "trees", ending: "ptb") { "(S(A(B w\($0 % 7)))(C a))\n" }
      },
      Kind(name: "music", data: "tunes") { lines in
        let piece = { (count: Int) in
          (0..<count).map { "[[],[60],[\(61 + $0 % 7)]]" }.joined(separator: ",")
        }
        return [
          (
            "tunes",
            #"{"train":[\#(piece(lines / 2))],"valid":[\#(piece(8))],"test":[\#(piece(8))]}"#
          )
        ]
      },
    ]
  }

  /// The peak of the memory of a run that hardly trains, in bytes, and the size of its data.
  private func peak(_ kind: Kind, lines: Int) throws -> (memory: Int, data: Int) {
    let line = try CommandLine()
    defer { line.remove() }
    let files = kind.files(lines)
    for file in files { try line.write(file.text, to: file.name) }
    let running = try line.start(
      [
        "train", kind.name, "--data", kind.data, "--model", "m", "--epochs", "1", "--hidden", "4",
        "--layers", "1", "--batch", "2", "--threads", "1", "--time-limit", "0.001",
      ] + kind.options)
    var memory = 0
    let status = "/proc/\(running.process.processIdentifier)/status"
    while running.process.isRunning {
      // The highest so far: nothing is missed between two looks but the very last.
      let text = (try? String(contentsOfFile: status, encoding: .utf8)) ?? ""
      if let row = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) {
        memory = Int(row.filter(\.isNumber)).map { $0 * 1024 } ?? memory
      }
      usleep(2000)
    }
    let outcome = try running.outcome()
    #expect(outcome.code == 0, "\(outcome.errors)")
    return (memory, files.reduce(0) { $0 + $1.text.utf8.count })
  }

  @Test("Data take at most ten times their size", arguments: Kind.all)
  func bound(_ kind: Kind) throws {
    let (small, large) = (try peak(kind, lines: 400), try peak(kind, lines: 200_000))
    #expect(large.data - small.data > 900_000)
    // Two runs of the same program differ by a few megabytes.
    let bound = 10 * (large.data - small.data) + 6_000_000
    #expect(large.memory - small.memory < bound, "\(large) \(small)")
  }
}
