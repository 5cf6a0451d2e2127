import RNNCore

/// Reads bracketed trees, one at a time.
struct TreeInputs: PredictionReader {
  private var trees: TreeReader

  init(_ trees: TreeReader) { self.trees = trees }

  var hasMoreWaiting: Bool { mutating get { trees.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    try trees.next().map { PredictionRequest(.tree($0)) }
  }
}
