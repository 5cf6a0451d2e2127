import FoundationEssentials
import RNNCore

/// Texts or time series with a class each, in one of these layouts:
///
/// - a directory with `train` and perhaps `valid` and `test`, each with a directory for each class,
///   in which each file is a text; or a directory with those of the classes alone;
/// - a directory with a file for each class, named after it (or, where all names are the same, with
///   the class as extension), in which each line is a text;
/// - a directory with a file for each part (see ``DataPart``), or a single file, in which each line
///   is a class, a tab and a text;
/// - a directory with `NAME_TRAIN.ts` and `NAME_TEST.ts`, or a single `.ts` file: time series, see
///   ``SeriesFile``.
struct LabeledCorpus {
  let table: SymbolTable
  private(set) var train: LabeledPart
  private(set) var validation: LabeledPart?
  private(set) var test: LabeledPart?
  /// In the order of ids.
  let classes: [String]
  /// Numbers a step of a time series; nil for texts.
  let width: Int?

  /// Throws `.file`, `.empty`, `.format` or
  /// `.shape`, naming the file and the line.
  ///
  /// - Parameter needsLabels: whether lines without a class and a tab are an error, or texts
  ///   without a class.
  init(
    _ url: URL, _ options: DataOptions, table: SymbolTable, mostSteps: Int?,
    needsLabels: Bool = true
  ) throws(RNNError) {
    let folder: Folder?
    if EntryKind(of: url) == .directory {
      folder = try Folder(url, expected: "a directory")
    } else {
      folder = nil
    }
    if let (train, test) = try Self.seriesFiles(url, folder) {
      try self.init(series: train, test: test, table: table, mostSteps: mostSteps)
    } else {
      var reader = LabeledTextReader(
        table: table, mostSteps: mostSteps, needsLabels: needsLabels,
        skipsHeader: options.skipsHeader)
      let parts = try reader.parts(url, folder)
      self.init(texts: parts, table: reader.table)
    }
  }

  /// One part alone, which stands in the place of the training part.
  init(
    heldOut place: HeldOutPlace, _ options: DataOptions, table: SymbolTable, mostSteps: Int?,
    needsLabels: Bool = true
  ) throws(RNNError) {
    let series = try Self.heldOutSeries(place)
    let url = if let series { series } else { try place.entry() }
    try self.init(url, options, table: table, mostSteps: mostSteps, needsLabels: needsLabels)
  }

  /// The test series of a folder with `NAME_TRAIN.ts` and `NAME_TEST.ts`; nil for all else.
  static func heldOutSeries(_ place: HeldOutPlace) throws(RNNError) -> URL? {
    guard EntryKind(of: place.origin) == .directory, place.part == .test else { return nil }
    return try seriesFiles(place.origin, Folder(place.origin, expected: "a directory"))?.test
  }

  private init(texts: LabeledTextReader.Parts, table: SymbolTable) {
    self.table = table
    (train, validation, test) = (texts.train, texts.validation, texts.test)
    classes = texts.train.labels
    width = nil
  }

  private init(
    series train: URL, test: URL?, table: SymbolTable, mostSteps: Int?
  ) throws(RNNError) {
    let training = try SeriesFile(reading: train, mostSteps: mostSteps)
    self.table = table
    self.train = training.part
    (classes, width) = (training.classes, training.width)
    guard let test else { return }
    let testing = try SeriesFile(reading: test, mostSteps: mostSteps)
    guard testing.width == training.width else {
      throw RNNError(
        .shape, test.path, expected: "\(training.width) dimensions, as in training",
        found: "\(testing.width)")
    }
    self.test = testing.part
  }

  /// The `.ts` files, if there are some.
  private static func seriesFiles(
    _ url: URL, _ folder: Folder?
  ) throws(RNNError) -> (train: URL, test: URL?)? {
    guard let folder else { return url.isSeries ? (url, nil) : nil }
    let series = folder.files.filter(\.isSeries)
    guard !series.isEmpty else { return nil }
    var found: [URL] = []
    for ending in ["_TRAIN", "_TEST"] {
      let files = series.filter { $0.stem.uppercased().hasSuffix(ending) }
      guard files.count == 1 else {
        throw RNNError(
          .file, url.path, expected: "one file NAME\(ending).ts", found: "\(files.count)")
      }
      found += files
    }
    return (found[0], found[1])
  }

  /// Takes validation and test out of the training part where there are none.
  ///
  /// - Returns: the parts that were there.
  mutating func split(_ options: DataOptions) throws(RNNError) -> Set<HeldOutPart> {
    let own = Set(
      [validation == nil ? nil : HeldOutPart.validation, test == nil ? nil : .test].compactMap {
        $0
      })
    var random = options.splitGenerator
    let (testShare, validationShare) = (options.testShare, options.validationShare)
    let sum = (test == nil ? testShare : 0) + (validation == nil ? validationShare : 0)
    guard testShare > 0, validationShare >= 0, sum < 1 else {
      throw RNNError(
        .range, "shares of validation and test",
        expected: "at least 0, above 0 for test, below 1 together",
        found: "\(validationShare) and \(testShare)")
    }
    let all = Double(train.count)
    if test == nil { test = try train.split(testShare, name: "testShare", using: &random) }
    guard validation == nil else { return own }
    guard validationShare > 0 else {
      validation = train
      return own
    }
    // The share is one of everything, of which the test part may be gone.
    let share = validationShare * all / Double(train.count)
    validation = try train.split(share, name: "validationShare", using: &random)
    return own
  }
}

extension URL {
  fileprivate var isSeries: Bool { format.lowercased() == "ts" }
}
