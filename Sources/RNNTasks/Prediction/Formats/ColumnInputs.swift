import RNNCore

/// Reads sentences in columns, with tags or without. One with a line that cannot be read is a
/// request that says so, and reading goes on behind it.
struct ColumnInputs: PredictionReader {
  private var sentences: ColumnReader

  init(_ sentences: ColumnReader) { self.sentences = sentences }

  var hasMoreWaiting: Bool { mutating get { sentences.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    guard let sentence = try sentences.next(marksErrors: true) else { return nil }
    if let error = sentence.error { return PredictionRequest(error, frame: .columns(sentence)) }
    return PredictionRequest(.words(sentence.words), frame: .columns(sentence))
  }
}
