internal import CLibrary
import FoundationEssentials
import RNNCore

extension PredictionSource {
  /// What reads the source's inputs for a model of that encoding.
  ///
  /// Throws `.file` for what cannot be opened, `.unsupported` for a format that the kind of model
  /// does not read.
  package func reader(for encoding: TaskEncoding) throws(RNNError) -> any PredictionReader {
    let url = try place(for: encoding)
    let format = try format(for: encoding, at: url)
    switch format {
    case .questions: return try questions(at: url)
    case .columns:
      return ColumnInputs(ColumnReader(try lines(url), try ColumnFormat(options), needsTags: false))
    case .lines, .tsv:
      let file = url?.sentenceFile ?? url
      return LineInputs(
        try lines(file), hasClasses: hasClasses(format, encoding), form: form(of: encoding),
        replacesClass: encoding.kind == .classify, skipsHeader: options.skipsHeader)
    case .trees: return TreeInputs(TreeReader(try lines(url)))
    case .series: return SeriesInputs(SeriesReader(try lines(url), needsClasses: false))
    case .notes: return NoteInputs(try lines(url), part: part)
    }
  }

  /// The file or folder that is read; nil for standard input.
  private func place(for encoding: TaskEncoding) throws(RNNError) -> URL? {
    guard let path else { return nil }
    let place = try HeldOutPlace(URL(fileURLWithPath: path), part: part)
    guard encoding.kind == .translate, EntryKind(of: place.origin) == .directory else {
      return try place.entry()
    }
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

  /// Reads a text a line, whatever it looks like.
  package func lines() throws(RNNError) -> any PredictionReader {
    LineInputs(
      try lines(path.map { URL(fileURLWithPath: $0) }), hasClasses: false, form: .text,
      replacesClass: false, skipsHeader: false)
  }

  /// How answers in chunks are to be written: as was asked for, as the tags are that a file in
  /// columns has already, or as training had them (nil).
  ///
  /// Reads a file once, to its end.
  package func scheme(for encoding: TaskEncoding) throws(RNNError) -> TagScheme? {
    guard case .tag(let tagging) = encoding, tagging.hasChunks, options.scheme == nil,
      let url = try place(for: encoding), url.isReadTwice
    else { return options.scheme }
    guard try format(for: encoding, at: url) == .columns else { return nil }
    var reader = ColumnReader(try lines(url), try ColumnFormat(options), needsTags: false)
    var evidence = SchemeEvidence()
    while let sentence = try reader.next() {
      if let tags = sentence.tags { evidence.add(tags, place: sentence.place) }
    }
    return evidence.tags.isEmpty ? nil : try tagging.scheme(of: evidence, named: nil)
  }

  private func lines(_ url: URL?) throws(RNNError) -> LineReader {
    guard let url else { return LineReader(standardInput: "standard input") }
    return try LineReader(reading: url, mayBeEmpty: true)
  }

  private func form(of encoding: TaskEncoding) -> LineInputs.Form {
    switch encoding {
    case .tag: .words
    case .lm: .textWithEnd
    default: .text
    }
  }

  /// Nil where the first line shows whether lines begin with a class.
  private func hasClasses(_ format: PredictionFormat, _ encoding: TaskEncoding) -> Bool? {
    guard encoding.formats.contains(.tsv) else { return false }
    return self.format == nil ? nil : format == .tsv
  }

  // MARK: - Formats

  /// The format that was asked for, or that the kind of model and the data suggest.
  private func format(
    for encoding: TaskEncoding, at url: URL?
  ) throws(RNNError) -> PredictionFormat {
    let known = encoding.formats
    if let format {
      guard known.contains(format) else {
        throw RNNError(
          .unsupported, "format of the input",
          expected: known.map(\.rawValue).joined(separator: " or "), found: format.rawValue)
      }
      return format
    }
    guard let url, known.count > 1 else { return known[0] }
    switch encoding {
    case .tag: return try url.looksLikeColumns ? .columns : .lines
    case .pairs where known.contains(.trees): return try url.looksLikeTrees ? .trees : .lines
    default: return known[0]
    }
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
    let place = URL(fileURLWithPath: images)
    let file =
      EntryKind(of: place) == .directory
      ? place.file(VisualQuestionPart.imageFile) : place
    return QuestionLines(try lines(url), images: try RunLengthImages.read(file))
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

extension URL {
  /// The words of a folder of parallel files; nil for what is no such folder.
  fileprivate var sentenceFile: URL? {
    EntryKind(of: self) == .directory ? file(SentenceFolder.wordFile) : nil
  }

  /// Whether a file's name or its beginning are those of columns: sentences between empty lines,
  /// each of their lines with as many fields.
  fileprivate var looksLikeColumns: Bool {
    get throws(RNNError) {
      guard isReadTwice else { return false }
      if ["conllu", "conll", "iob", "bio", "col"].contains(format.lowercased()) { return true }
      var (counts, ends): (Set<Int>, Int) = ([], 0)
      for line in try beginning() {
        let fields =
          line.utf8.contains(UInt8(ascii: "\t"))
          ? line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).count
          : line.words.count
        if line.words.isEmpty { ends += 1 } else { counts.insert(fields) }
      }
      return counts.count == 1 && ends > 0
    }
  }

  /// Whether it is a file, and no pipe, of which a second reader finds nothing.
  fileprivate var isReadTwice: Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether the first thing in a file is a bracket.
  fileprivate var looksLikeTrees: Bool {
    get throws(RNNError) {
      guard isReadTwice else { return false }
      let line = try beginning().first { !$0.words.isEmpty }
      return line?.words[0].utf8.first == UInt8(ascii: "(")
    }
  }

  /// The first lines of a file, up to one that cannot be read.
  private func beginning() throws(RNNError) -> [String] {
    var reader = try LineReader(reading: self)
    var lines: [String] = []
    while lines.count < 200, let line = try? reader.next() { lines.append(line.content) }
    return lines
  }
}
