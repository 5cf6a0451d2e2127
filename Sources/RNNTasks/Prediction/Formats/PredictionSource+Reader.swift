import FoundationEssentials
import RNNCore

/// A source that is open.
package struct OpenedSource {
  /// Gives the inputs.
  package var reader: any PredictionReader
  /// How chunks are to be written, as the input's columns have them; nil where nothing says so.
  package var scheme: TagScheme?
}

extension PredictionSource {
  /// Lines that are looked at before it is decided what they are.
  private static let beginning = 200

  /// Opens the source for a model of that encoding.
  ///
  /// Throws `.file` for what cannot be opened, `.unsupported` for a format that the kind of model
  /// does not read.
  package func open(for encoding: TaskEncoding) throws(RNNError) -> OpenedSource {
    try check(encoding)
    let url = try place(for: encoding)
    if case .vqa = encoding { return OpenedSource(reader: try questions(at: url)) }
    let isFolder = url.map { EntryKind(of: $0) == .directory } ?? false
    if isFolder, encoding.kind != .tag {
      throw RNNError(
        .file, path ?? "", expected: "a file of inputs", found: "a directory without parts")
    }
    var lines = try lines(isFolder ? url?.file(SentenceFolder.wordFile) : url)
    let format = isFolder ? .lines : format(for: encoding, of: &lines)
    switch format {
    case .columns:
      let scheme = try scheme(of: lines.peek(Self.beginning), path: lines.path, encoding)
      return OpenedSource(
        reader: ColumnInputs(ColumnReader(lines, try ColumnFormat(options), needsTags: false)),
        scheme: scheme)
    case .lines, .tsv:
      return OpenedSource(
        reader: LineInputs(
          lines, form: LineInputs.Form(encoding), rows: rows(format, encoding),
          skipsHeader: options.skipsHeader))
    case .trees: return OpenedSource(reader: TreeInputs(TreeReader(lines)))
    case .series:
      return OpenedSource(reader: SeriesInputs(SeriesReader(lines, needsClasses: false)))
    case .notes: return OpenedSource(reader: NoteInputs(lines, part: part))
    case .questions: preconditionFailure("of images alone")
    }
  }

  /// Reads a text a line, whatever it looks like.
  package func lines() throws(RNNError) -> any PredictionReader {
    LineInputs(
      try lines(path.map { URL(place: $0) }), form: .text, rows: .none,
      skipsHeader: false)
  }

  private func lines(_ url: URL?) throws(RNNError) -> LineReader {
    guard let url else { return LineReader(standardInput: "standard input") }
    return try LineReader(reading: url, mayBeEmpty: true)
  }

  // MARK: - Places

  /// The file or folder that is read; nil for standard input.
  private func place(for encoding: TaskEncoding) throws(RNNError) -> URL? {
    guard let path else { return nil }
    let place = try HeldOutPlace(URL(place: path), part: part)
    guard EntryKind(of: place.origin) == .directory else { return place.origin }
    if encoding.kind == .translate {
      let files = try ParallelCorpus.heldOutFiles(
        place, languages: try options.languages.map(LanguagePair.init)
      ).sources
      guard files.count == 1 else {
        throw RNNError(
          .format, path, expected: "one file of sources",
          found: files.map(\.lastPathComponent).joined(separator: ", ").excerpt)
      }
      return files[0]
    }
    if let series = try LabeledCorpus.heldOutSeries(place) { return series }
    return try place.entry()
  }

  private func questions(at url: URL?) throws(RNNError) -> any PredictionReader {
    if let url, EntryKind(of: url) == .directory {
      guard images == nil else {
        throw RNNError(
          .unsupported, "images", expected: "none beside a folder that has its own",
          found: "some")
      }
      return QuestionFolder(try VisualQuestionPart(url))
    }
    guard let images else {
      throw RNNError(
        .unsupported, "images", expected: "the images that questions are about", found: "none")
    }
    let place = URL(place: images)
    let file =
      EntryKind(of: place) == .directory ? place.file(VisualQuestionPart.imageFile) : place
    return QuestionLines(try lines(url), images: try RunLengthImages.read(file))
  }

  // MARK: - Formats

  private func check(_ encoding: TaskEncoding) throws(RNNError) {
    guard let format, !encoding.formats.contains(format) else { return }
    throw RNNError(
      .unsupported, "format of the input",
      expected: encoding.formats.map(\.rawValue).joined(separator: " or "), found: format.rawValue)
  }

  /// The format that was asked for, or that the kind of model and the first lines suggest.
  private func format(for encoding: TaskEncoding, of lines: inout LineReader) -> PredictionFormat {
    if let format { return format }
    let known = encoding.formats
    guard known.contains(.columns) || known.contains(.trees) else { return known[0] }
    let beginning = lines.peek(Self.beginning).map(\.content)
    if known.contains(.trees) {
      let first = beginning.first { !$0.isBlank }
      return first?.words[0].utf8.first == UInt8(ascii: "(") ? .trees : .lines
    }
    return looksLikeColumns(beginning, path: lines.path) ? .columns : .lines
  }

  /// Whether a file's name or first lines are those of columns.
  ///
  /// CoNLL-U and what begins a document tell it by themselves. A model that was trained on columns
  /// takes them where most lines have as many fields, one that was trained on folders takes
  /// nothing else; where that is not known, sentences have to be parted by empty lines as well.
  private func looksLikeColumns(_ lines: [String], path: String) -> Bool {
    let pieces = path.split(separator: "/").last?.lowercased().split(separator: ".").dropFirst()
    if pieces?.contains(where: { Self.columnNames.contains(String($0)) }) == true { return true }
    let filled = lines.filter { !$0.isBlank }
    let words = filled.filter { !ColumnLayout.isComment($0) }
    guard let first = words.first else { return false }
    if ColumnLayout.beginsCoNLLU(first) || first.words[0] == ColumnLayout.documentStart {
      return true
    }
    guard options.hasColumns != false, words.count > 1 else { return false }
    var counts: [Int: Int] = [:]
    for line in words { counts[ColumnLayout.columns(of: line).count, default: 0] += 1 }
    let most = counts.values.max() ?? 0
    if options.hasColumns == true { return most * 5 >= words.count * 4 }
    return most == words.count && filled.count < lines.count && words.count > 2
  }

  private static let columnNames: Set = ["conllu", "conll", "iob", "bio", "col"]

  /// How answers in chunks are to be written: as was asked for, or as the tags are that the first
  /// sentences have already.
  private func scheme(
    of lines: [TextLine], path: String, _ encoding: TaskEncoding
  ) throws(RNNError) -> TagScheme? {
    guard case .tag(let tagging) = encoding, tagging.hasChunks, options.scheme == nil else {
      return options.scheme
    }
    var reader = ColumnReader(
      LineReader(lines, path: path), try ColumnFormat(options), needsTags: false)
    var evidence = SchemeEvidence()
    while let sentence = try? reader.next(marksErrors: true) {
      if sentence.error == nil, let tags = sentence.tags {
        evidence.add(tags, place: sentence.place)
      }
    }
    return evidence.tags.isEmpty ? nil : try? tagging.scheme(of: evidence, named: nil)
  }

  /// What stands before a tab.
  private func rows(_ format: PredictionFormat, _ encoding: TaskEncoding) -> LineInputs.Rows {
    switch encoding {
    case .classify(let encoding):
      if self.format == nil { return .found(classes: encoding.classes) }
      return format == .tsv ? .classes : .none
    case .pairs(let pairs) where pairs.kind == .autoencode:
      return self.format == nil ? .found(classes: nil) : format == .tsv ? .dropped : .none
    default: return .none
    }
  }
}

extension TaskEncoding {
  /// The formats that inputs of the kind come in; the first where nothing else is said.
  package var formats: [PredictionFormat] {
    switch self {
    case .tag: [.lines, .columns]
    case .classify(let encoding):
      if case .series = encoding.input { [.series] } else { [.lines, .tsv] }
    case .lm: [.lines]
    case .music: [.notes]
    case .pairs(let encoding):
      switch encoding.kind {
      case .parse: [.lines, .trees]
      case .autoencode: [.lines, .tsv]
      case .translate, .transduce: [.lines]
      }
    case .vqa: [.questions]
    }
  }
}
