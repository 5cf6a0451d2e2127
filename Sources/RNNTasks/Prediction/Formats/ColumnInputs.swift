import RNNCore

/// Reads sentences in columns, with tags or without.
struct ColumnInputs: PredictionReader {
  private var sentences: ColumnReader

  init(_ sentences: ColumnReader) { self.sentences = sentences }

  var hasMoreWaiting: Bool { mutating get { sentences.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    guard let sentence = try sentences.next() else { return nil }
    return PredictionRequest(.words(sentence.words), frame: .columns(sentence))
  }
}
