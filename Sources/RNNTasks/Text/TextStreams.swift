import RNNCore

/// Reads a text as several contiguous streams side by side, `steps` tokens at a time.
///
/// The number of streams is the number of examples asked for. Row b of each batch continues row b
/// of the batch before. An epoch ends when the streams do; its last batch may have fewer steps,
/// and the fewer-than-one-a-stream tokens left over at the end are not read. Asking for
/// another number of examples than before starts a new pass through the text.
struct TextStreams: TrainingSource {
  /// At least two tokens.
  let text: TokenSequence
  let steps: Int

  private var streams = 0
  /// How far each stream has been read.
  private var reached = 0
  private var epochs = 0

  init(text: TokenSequence, steps: Int) {
    precondition(text.count >= 2 && steps >= 1, "no token to predict")
    self.text = text
    self.steps = steps
  }

  var carriesState: Bool { true }

  mutating func nextBatch(_ count: Int) -> TrainingBatch {
    precondition(count > 0, "a batch holds at least one example")
    let wanted = streamCount(count)
    if wanted != streams {
      streams = wanted
      reached = 0
    }
    let streamLength = predicted / streams
    let end = min(reached + steps, streamLength)
    let examples = (0..<streams).map { stream in
      let start = stream * streamLength
      return Example(predictingNextIn: text, at: start + reached..<start + end)
    }
    let startsAfresh = reached == 0
    reached = end == streamLength ? 0 : end
    if reached == 0 { epochs += 1 }
    return TrainingBatch(
      examples: examples, startsAfresh: startsAfresh, epochsCompleted: epochs)
  }

  func batchesPerEpoch(_ count: Int) -> Int? {
    (predicted / streamCount(count) - 1) / steps + 1
  }

  var position: SourcePosition { SourcePosition(epochs: epochs, taken: reached) }

  mutating func seek(_ position: SourcePosition, batch count: Int) throws(RNNError) {
    streams = streamCount(count)
    try position.check(takenBelow: predicted / streams, inStepsOf: steps)
    (reached, epochs) = (position.taken, position.epochs)
  }

  private var predicted: Int { text.count - 1 }

  /// A text shorter than the batch has one stream a token.
  private func streamCount(_ count: Int) -> Int { min(count, predicted) }
}

extension Example {
  /// The tokens of `range`, with the one after each as its class.
  init(predictingNextIn text: TokenSequence, at range: Range<Int>) {
    let tokens = text.array(range.lowerBound..<range.upperBound + 1)
    self.init(
      input: .tokens(Array(tokens.dropLast())), target: .classPerStep(Array(tokens.dropFirst())))
  }
}
