import Foundation
import RNNCore
import Testing

@testable import RNNTasks

/// What may be done to the text files of a data set.
enum TextChange: CaseIterable {
  case byteOrderMark, carriageReturnFeed, carriageReturn, twoReturnsFeed, noLastEnd, blankLine
  case trailingBlanks, noBreakSpaces, zeroWidths, aroundTabs
  case wideSpaces, verticalTabs, formFeeds, nextLines, lineSeparators
  case zero, utf16LittleEndian, utf16BigEndian, utf16LittleMarked, utf16BigMarked, utf32Marked
  case latin1, windows1252, gzip, gzipMembers

  func callAsFunction(_ text: String) -> [UInt8] {
    switch self {
    case .byteOrderMark: Array("\u{FEFF}\(text)".utf8)
    case .carriageReturnFeed: replacing("\n", "\r\n", in: text)
    case .carriageReturn: replacing("\n", "\r", in: text)
    case .twoReturnsFeed: replacing("\n", "\r\r\n", in: text)
    case .noLastEnd: Array(text.utf8.dropLast())
    case .blankLine: Array(text.replacing("\n", with: "\n \n", maxReplacements: 1).utf8)
    case .trailingBlanks: replacing("\n", "  \n", in: text)
    case .noBreakSpaces: replacing("\n", "\u{A0}\n", in: text.replacing(" ", with: "\u{A0} "))
    case .zeroWidths:
      Array((text.dropLast().replacing("\n", with: "\u{200B}\n\u{FEFF}") + "\u{200B}\n").utf8)
    case .aroundTabs: replacing("\t", " \u{202F}\t\u{A0}\u{3000}", in: text)
    case .wideSpaces: replacing(" ", "\u{3000}", in: text)
    case .verticalTabs: replacing(" ", "\u{B}", in: text)
    case .formFeeds: replacing(" ", "\u{C}", in: text)
    case .nextLines: replacing(" ", "\u{85}", in: text)
    case .lineSeparators: replacing(" ", "\u{2028}\u{2029}", in: text)
    case .zero: Array("\(text.prefix(2))\0\(text.dropFirst(2))".utf8)
    case .utf16LittleEndian: Array(text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] })
    case .utf16BigEndian: Array(text.utf16.flatMap { [0, UInt8(truncatingIfNeeded: $0)] })
    case .utf16LittleMarked: [0xFF, 0xFE] + Self.utf16LittleEndian(text)
    case .utf16BigMarked: [0xFE, 0xFF] + Self.utf16BigEndian(text)
    case .utf32Marked:
      [0xFF, 0xFE, 0, 0] + text.unicodeScalars.flatMap { [UInt8($0.value), 0, 0, 0] }
    case .latin1: Self.bytes(of: text, e: 0xE9)
    case .windows1252: Self.bytes(of: text, e: 0x9E)
    case .gzip: gzipped(Array(text.utf8))
    case .gzipMembers:
      gzipped(Array(text.utf8.prefix(text.utf8.count / 2)))
        + gzipped(Array(text.utf8.dropFirst(text.utf8.count / 2)))
    }
  }

  /// What files are called then.
  var ending: String { [.gzip, .gzipMembers].contains(self) ? ".gz" : "" }

  /// What it does where a reader says nothing else.
  var outcome: TextOutcome {
    switch self {
    case .zero: .refused("a NUL")
    case .utf16LittleEndian: .refused("UTF-16LE, which iconv -f UTF-16LE -t UTF-8 converts")
    case .utf16BigEndian: .refused("UTF-16BE, which iconv -f UTF-16BE -t UTF-8 converts")
    case .utf16LittleMarked, .utf16BigMarked:
      .refused("UTF-16, which iconv -f UTF-16 -t UTF-8 converts")
    case .utf32Marked: .refused("UTF-32, which iconv -f UTF-32 -t UTF-8 converts")
    case .latin1: .refused("as in Latin-1, which iconv -f LATIN1 -t UTF-8 converts")
    case .windows1252: .refused("as in Windows-1252, which iconv -f CP1252 -t UTF-8 converts")
    default: .same
    }
  }

  private func replacing(_ old: String, _ new: String, in text: String) -> [UInt8] {
    Array(text.replacing(old, with: new).utf8)
  }

  /// With another byte in the place of the first e.
  private static func bytes(of text: String, e byte: UInt8) -> [UInt8] {
    var bytes = Array(text.utf8)
    if let place = bytes.firstIndex(of: UInt8(ascii: "e")) { bytes[place] = byte }
    return bytes
  }
}

enum TextOutcome {
  /// Read as the text that was not changed.
  case same
  /// Read, as something else.
  case other
  /// A complaint about the file that holds this.
  case refused(String)
}

/// A layout of data that are read from texts.
struct TextLayout: CustomTestStringConvertible {
  var name: String
  /// Nil for one file of comma-separated values.
  var kind: TaskName?
  /// Lines end with LF, names go without `.gz`.
  var files: [String: String]
  /// The name of the file that is opened; nil for the folder.
  var open: String?
  var change: @Sendable (inout DataOptions) -> Void = { _ in }
  /// Where it differs from ``TextChange/outcome``.
  var outcomes: [TextChange: TextOutcome] = [:]
  var binaries: [String: [UInt8]] = [:]

  var testDescription: String { name }

  /// What is read of files that are written with `write`.
  func value(_ ending: String = "", _ write: (String, String) -> [UInt8]) throws -> String {
    let directory = try TemporaryDirectory()
    for (name, text) in files { try directory.write(write(name, text), to: name + ending) }
    for (name, bytes) in binaries {
      try directory.write(ending.isEmpty ? bytes : gzipped(bytes), to: name + ending)
    }
    var options = DataOptions()
    (options.minimumCount, options.testShare, options.validationShare) = (1, 0.34, 0.34)
    change(&options)
    let url = open.map { directory.url.appendingPathComponent($0 + ending) } ?? directory.url
    guard let kind else {
      var reader = try CSVReader(reading: url)
      var rows: [[String]] = []
      while try reader.next() {
        var row: [String] = []
        for column in 0..<reader.count { row.append(try reader.text(column)) }
        rows.append(row)
      }
      return "\(rows)"
    }
    let task = try makeTask(kind, at: url, options: options)
    return task.encoding.json + task.fingerprint
  }
}

@Suite("Rules of all readers of text")
struct TextRulesTests {
  @Test("Every layout takes every change by the table", arguments: TextLayout.all)
  func table(_ layout: TextLayout) throws {
    let plain = try layout.value { Array($1.utf8) }
    for change in TextChange.allCases {
      let expected = layout.outcomes[change] ?? change.outcome
      let found = Result { try layout.value(change.ending) { change($1) } }
      switch (expected, found) {
      case (.same, .success(let value)): #expect(value == plain, "\(change)")
      case (.other, .success(let value)): #expect(value != plain, "\(change)")
      case (.refused(let reason), .failure(let error as RNNError)):
        #expect(error.description.contains(reason), "\(change): \(error)")
        #expect(error.argument.contains("line "), "\(change): \(error)")
        #expect(!error.description.contains("\n"))
      default: Issue.record("\(change): expected \(expected), found \(found)")
      }
    }
  }

  @Test("White space around answers is dropped, case is kept")
  func answers() throws {
    let plain = try TextLayout.questions.value { Array($1.utf8) }
    let spaced = try TextLayout.questions.value {
      Array(
        $1.replacing("yes", with: " yes\u{A0}\u{200B}").replacing("no\"", with: "\\tno \"").utf8)
    }
    #expect(spaced == plain)
    #expect(throws: RNNError.self) {
      try TextLayout.questions.value { Array($1.replacing("yes", with: " \u{A0}").utf8) }
    }
    let cased = try TextLayout.questions.value { Array($1.replacing("yes", with: "Yes").utf8) }
    #expect(cased != plain)
  }

  @Test("A byte-order mark in one file alone changes nothing", arguments: TextLayout.all)
  func marks(_ layout: TextLayout) throws {
    let plain = try layout.value { Array($1.utf8) }
    for marked in layout.files.keys {
      let value = try layout.value { name, text in
        Array(((name == marked ? "\u{FEFF}" : "") + text).utf8)
      }
      #expect(value == plain, "\(marked)")
    }
  }
}

extension TextLayout {
  static let all = [
    columns, tabs, folders, words, characters, lines, files, folderOfClasses, series, parallel,
    trees, rewritten, music, questions, csv,
  ]

  private static func parts(_ text: String, ending: String = ".txt") -> [String: String] {
    ["train\(ending)": text, "valid\(ending)": text, "test\(ending)": text]
  }

  private static let columns = TextLayout(
    name: "columns between blanks", kind: .tag,
    files: parts("hello O\n\nfly O\nto O\nnew B-to\nyork I-to\n\n-DOCSTART- O\n\nbye O\n"))

  private static let tabs = TextLayout(
    name: "columns between tabs", kind: .tag,
    files: parts("hello\tO\n\nfly\tO\nto\tO\nyork\tB-to\n\n-DOCSTART-\tO\n\nbye\tO\n"))

  private static let folders = TextLayout(
    name: "folders of sentences, tags and intents", kind: .tag,
    files: Dictionary(
      uniqueKeysWithValues: ["train", "valid", "test"].flatMap {
        [
          ("\($0)/seq.in", "leave oslo now\nyes please\n"),
          ("\($0)/seq.out", "O B-from O\nO O\n"), ("\($0)/label", "leave\nyes#polite\n"),
        ]
      }), outcomes: [.blankLine: .refused("an empty line")])

  private static let words = TextLayout(
    name: "words of a text", kind: .lm,
    files: parts("the cat sees the dog\nthe dog sleeps\n", ending: ""),
    change: { $0.unit = .word }, outcomes: [.blankLine: .other])

  /// Only what no text means is changed in characters.
  private static let characters = TextLayout(
    name: "characters of a text", kind: .lm,
    files: ["a.txt": String(repeating: "the cat sees the dog\nit sleeps\n", count: 9)],
    open: "a.txt",
    outcomes: [
      .noLastEnd: .other, .blankLine: .other, .trailingBlanks: .other, .noBreakSpaces: .other,
      .zeroWidths: .other, .wideSpaces: .other, .verticalTabs: .other, .formFeeds: .other,
      .nextLines: .other, .lineSeparators: .other,
    ])

  private static let lines = TextLayout(
    name: "labelled lines", kind: .classify,
    files: parts("up\ta bright day\nlow\ta dark one\nup\tsun and more\n", ending: ".tsv"),
    outcomes: [.blankLine: .refused("expected a class, a tab and a text")])

  private static let files = TextLayout(
    name: "a file for each class", kind: .classify,
    files: ["up.txt": "a bright day\nsun here\nfine\n", "low.txt": "a dark one\nrain\nice\n"],
    outcomes: [.blankLine: .refused("expected a text, found none")])

  private static let folderOfClasses = TextLayout(
    name: "a folder for each class", kind: .classify,
    files: [
      "up/1": "a bright day\nsun here\n", "up/2": "fine or better\n", "up/3": "so nice a day\n",
      "low/1": "a dark one\n", "low/2": "rain or worse\n", "low/3": "ice everywhere\n",
    ])

  private static let series = TextLayout(
    name: "time series", kind: .classify,
    files: Dictionary(
      uniqueKeysWithValues: ["A_TRAIN.ts", "A_TEST.ts"].map {
        (
          $0,
          "@problemName up\n@classLabel true up low\n@data\n1,2:3,4:up\n2,1:4,3:low\n"
            + "2,3:4,5:up\n3,2:5,4:low\n5,6:6,7:up\n6,5:7,6:low\n"
        )
      }))

  private static let parallel = TextLayout(
    name: "parallel texts", kind: .translate,
    files: [
      "train.de": "ein haus\neine maus\n", "train.en": "a house\none mouse\n",
      "val.de": "eine maus\n", "val.en": "one mouse\n", "test.de": "ein haus\n",
      "test.en": "a house\n",
    ], outcomes: [.blankLine: .refused("an empty line")])

  private static let trees = TextLayout(
    name: "trees", kind: .parse,
    files: parts("( (S (NP (DT the) (NN dog)) (VP (VBZ sees))) )\n(S (NP (PRP she)))\n"))

  private static let rewritten = TextLayout(
    name: "texts to write again", kind: .autoencode,
    files: ["a.txt": "here one is\ntwo more\nand three\n"], open: "a.txt",
    change: { ($0.testShare, $0.validationShare) = (0.34, 0.34) },
    outcomes: [.blankLine: .refused("expected a text, found none")])

  /// Between its values, JSON has blanks, tabs and line ends alone.
  private static let music = TextLayout(
    name: "music", kind: .music,
    files: [
      "a.json": "{\n\"train\": [[[60, 64], [62]]],\n\"valid\": [[[60]]], \"test\": [[[62]]]}\n"
    ], open: "a.json",
    outcomes: [
      .noBreakSpaces: .refused("byte 0xc2"), .zeroWidths: .refused("byte 0xe2"),
      .wideSpaces: .refused("byte 0xe3"), .verticalTabs: .refused("byte 0xb"),
      .formFeeds: .refused("byte 0xc"), .nextLines: .refused("byte 0xc2"),
      .lineSeparators: .refused("byte 0xe2"), .zero: .refused("byte 0x0"),
    ])

  private static let csv = TextLayout(
    name: "comma-separated values", kind: nil,
    files: ["a.csv": "when , \t, what\n1 ,\t , one \n2 , , three\n"], open: "a.csv")

  fileprivate static let questions = TextLayout(
    name: "questions about images", kind: .vqa,
    files: Dictionary(
      uniqueKeysWithValues: ["train", "test"].map {
        ("\($0)/questions.json", "[\n[\"is it red\",\"yes\",0],[\"is it blue\",\"no\",0]]\n")
      }), change: { ($0.patch, $0.validationShare) = (2, 0) },
    outcomes: [
      .noBreakSpaces: .refused("byte 0xc2"), .zeroWidths: .refused("byte 0xe2"),
      .verticalTabs: .refused("byte 0xb"), .formFeeds: .refused("byte 0xc"),
      .zero: .refused("byte 0x0"),
    ],
    binaries: Dictionary(
      uniqueKeysWithValues: ["train", "test"].map {
        (
          "\($0)/images_rle.bin",
          Array("RLE1".utf8) + [1, 0, 0, 0, 2, 0, 2, 0] + [1, 0, 4, 255, 0, 0]
        )
      }))
}
