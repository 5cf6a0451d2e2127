import RNNCore

/// The forms in which new data come.
package enum PredictionFormat: String, CaseIterable, Sendable {
  /// A sentence or text a line.
  case lines
  /// A class, a tab and a text a line (classify, where the class is replaced; autoencode).
  case tsv
  /// A word a line with its annotations in columns (tag).
  case columns
  /// Bracketed trees, whose words and parts of speech are read (parse).
  case trees
  /// Time series in a `.ts` file (classify).
  case series = "ts"
  /// Pieces of music as JSON (music).
  case notes
  /// Questions and the numbers of their images (vqa).
  case questions
}

/// An input as it was read, with what its answer has to be written into.
package struct PredictionRequest {
  /// What stands around the answer in the input's own format.
  package enum Frame {
    /// The answer is a line of its own.
    case line
    /// The text that stands behind a class and a tab.
    case row(text: String)
    /// The lines of a sentence in columns.
    case columns(ColumnSentence)
    /// The number of the question's image.
    case question(image: Int)
  }

  /// What is asked; the reason where it could not be read.
  package var input: Result<PredictionInput, RNNError>
  /// What the answer is written into.
  package var frame: Frame
  /// Where it was read, for complaints; empty where that has no name.
  package var place: String

  /// Whether it is lines of columns that belong to no sentence: they are written again, and count
  /// for nothing else.
  package var isOnlyLines: Bool {
    if case .columns(let sentence) = frame { !sentence.isSentence } else { false }
  }

  init(_ input: PredictionInput, frame: Frame = .line, place: String = "") {
    (self.input, self.frame, self.place) = (.success(input), frame, place)
  }

  init(_ error: RNNError, frame: Frame = .line) {
    (input, self.frame, place) = (.failure(error), frame, "")
  }
}

/// Reads new data, one input at a time.
package protocol PredictionReader {
  /// Whether ``next()`` returns at once: false where it would wait for somebody to write more.
  var hasMoreWaiting: Bool { mutating get }

  /// The next input, nil after the last. Throws for what ends all reading; an input that cannot be
  /// read while others can is a request that says so.
  mutating func next() throws(RNNError) -> PredictionRequest?
}

extension PredictionReader {
  /// Whether answers go into columns, which have room for more of them.
  package var hasColumns: Bool { self is ColumnInputs }
}

/// Where new data come from.
package struct PredictionSource: Sendable {
  /// A file or folder; nil for standard input.
  package var path: String?
  /// In which form; nil for what the model and the data suggest.
  package var format: PredictionFormat?
  /// How columns are read.
  package var options: DataOptions
  /// The images that questions are about: a file or the folder of one.
  package var images: String?
  /// Which part of a folder or file with several.
  package var part: HeldOutPart

  package init(
    path: String? = nil, format: PredictionFormat? = nil, options: DataOptions,
    images: String? = nil,
    part: HeldOutPart = .test
  ) {
    (self.path, self.format, self.options) = (path, format, options)
    (self.images, self.part) = (images, part)
  }
}
