internal import CLibrary
import FoundationEssentials
import RNNCore

/// Reads texts with a class each.
struct LabeledTextReader {
  private(set) var table: SymbolTable
  let mostSteps: Int?
  /// Whether lines without a class and a tab are an error, or texts without a class.
  let needsLabels: Bool
  /// Whether the first line of a file of labelled lines is passed over.
  let skipsHeader: Bool

  typealias Parts = (train: LabeledPart, validation: LabeledPart?, test: LabeledPart?)

  /// Whatever of the layouts of ``LabeledCorpus`` is there.
  mutating func parts(_ url: URL, _ folder: Folder?) throws(RNNError) -> Parts {
    guard let folder else { return (try labeledLines(url), nil, nil) }
    if let train = try DataPart.train.entry(among: folder.folders) {
      return try parts(train, among: folder.folders) { (reader, url) throws(RNNError) in
        try reader.classFolders(Folder(url, expected: "a directory with one for each class"))
      }
    }
    if let train = try DataPart.train.entry(among: folder.files) {
      return try parts(train, among: folder.files) { (reader, url) throws(RNNError) in
        try reader.labeledLines(url)
      }
    }
    return (try folder.folders.isEmpty ? classFiles(folder) : classFolders(folder), nil, nil)
  }

  private mutating func parts(
    _ train: URL, among entries: [URL],
    _ read: (inout LabeledTextReader, URL) throws(RNNError) -> LabeledPart
  ) throws(RNNError) -> Parts {
    let training = try read(&self, train)
    var others: [LabeledPart?] = []
    for part in [DataPart.validation, .test] {
      guard let entry = try part.entry(among: entries) else {
        others.append(nil)
        continue
      }
      others.append(try read(&self, entry))
    }
    return (training, others[0], others[1])
  }

  /// A directory for each class, a text a file.
  private mutating func classFolders(_ folder: Folder) throws(RNNError) -> LabeledPart {
    var part = LabeledPart(path: folder.url.path)
    for entry in folder.folders {
      let files = try Folder(entry, expected: "a directory with texts").files
      guard !files.isEmpty else {
        throw RNNError(.empty, entry.path, expected: "a file for each text", found: "none")
      }
      for file in files {
        var lines = try LineReader(reading: file)
        var ids: [Int32] = []
        while let line = try lines.next() {
          ids += lineIDs(line, keepsEnd: table.unit == .character)
        }
        try append(ids, label: entry.lastPathComponent, place: file.path, to: &part)
      }
    }
    return try checked(part, expected: "a directory for each class")
  }

  /// A file for each class, a text a line.
  private mutating func classFiles(_ folder: Folder) throws(RNNError) -> LabeledPart {
    let stems = Set(folder.files.map { ExactText($0.stem) })
    let isByExtension = stems.count == 1
    var part = LabeledPart(path: folder.url.path)
    for file in folder.files {
      var lines = try LineReader(reading: file)
      let label = isByExtension && !file.format.isEmpty ? file.format : file.stem
      while let line = try lines.next() {
        try append(lineIDs(line), label: label, place: line.place, to: &part)
      }
    }
    return try checked(part, expected: "a file for each class")
  }

  /// A class, a tab and a text a line.
  private mutating func labeledLines(_ file: URL) throws(RNNError) -> LabeledPart {
    let expected = "a class, a tab and a text"
    var part = LabeledPart(path: file.path)
    var lines = try LineReader(reading: file)
    var heading = HeadingRow()
    if skipsHeader { _ = try lines.next() }
    while let line = try lines.next() {
      let bytes = line.content.utf8
      let tab = bytes.firstIndex(of: UInt8(ascii: "\t"))
      let label = tab.map { line.content[..<$0].trimmed } ?? ""
      if needsLabels, label.isEmpty {
        throw RNNError(.format, line.place, expected: expected, found: line.content.excerpt)
      }
      heading.add(label, place: line.place)
      let text = tab.map { line.replacingContent(String(line.content[bytes.index(after: $0)...])) }
      try append(lineIDs(text ?? line), label: label, place: line.place, to: &part)
    }
    try heading.check(expected: expected)
    return try checked(part, expected: expected)
  }

  private mutating func lineIDs(_ line: TextLine, keepsEnd: Bool = false) -> [Int32] {
    table.ids(of: line, keepsEnds: keepsEnd)
  }

  private func append(
    _ ids: [Int32], label: String, place: @autoclosure () -> String, to part: inout LabeledPart
  ) throws(RNNError) {
    guard !ids.isEmpty else {
      throw RNNError(.empty, place(), expected: "a text", found: "none")
    }
    try part.append(tokens: ids.prefix(mostSteps ?? ids.count), label: label)
  }

  private func checked(_ part: LabeledPart, expected: String) throws(RNNError) -> LabeledPart {
    guard part.count > 0 else {
      throw RNNError(.empty, part.path, expected: expected, found: "none")
    }
    return part
  }
}
