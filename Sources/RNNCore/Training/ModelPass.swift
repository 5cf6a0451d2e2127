/// Everything that one pass through a model remembers or works in. Reused from batch to batch, it stops
/// allocating once it has seen the largest one. One pass belongs to one thread at a time.
public final class ModelPass: @unchecked Sendable {
  /// The recurrent body's tape: states and gates of every step; nil for a feed-forward model.
  public let tape: RecurrentTape?

  /// The body's input on its way: embedded, put in windows, with dropout. Each [N, its width].
  let embedded = FloatBuffer()
  let windowed = FloatBuffer()
  let features = FloatBuffer()
  let dropped = FloatBuffer()
  let inputMask = FloatBuffer()
  /// The feed-forward body's hidden layer, [N, H].
  let hidden = FloatBuffer()
  /// What the readout reads, [answers, width], with its dropout.
  let ends = FloatBuffer()
  let answered = FloatBuffer()
  let answerMask = FloatBuffer()
  /// Outputs, then their gradients, [answers, O].
  let outputs = FloatBuffer()
  /// Gradients on their way down.
  let answerGradient = FloatBuffer()
  let hiddenGradient = FloatBuffer()
  let inputGradient = FloatBuffer()
  let embeddedGradient = FloatBuffer()
  /// What the sentence head reads, [B, width], with its dropout; its logits, then their gradients, [B, C]; and
  /// the gradient of what it read.
  let sentenceEnds = FloatBuffer()
  let sentenceDropped = FloatBuffer()
  let sentenceMask = FloatBuffer()
  let sentenceLogits = FloatBuffer()
  let sentenceGradient = FloatBuffer()
  /// Loss weight of each answer.
  let answerWeights = FloatBuffer()
  /// Sums over the paths of a conditional random field.
  let chain = ChainWorkspace()
  /// Sums over the alignments of labellings.
  let alignments = AlignmentWorkspace()
  /// Teacher-forced outputs, [N, O].
  let forced = FloatBuffer()

  // Views of the last forward pass, for the backward pass.
  /// One step a row, before windows and dropout.
  var stepInput: Matrix?
  var bodyInput: Matrix?
  /// The same as rows of the embedding, when the body read it so.
  var table: TableRows?
  var hiddenOutput: Matrix?
  var readoutInput: Matrix?
  var outputRows: Matrix?
  var sentenceInput: Matrix?
  var sentenceRows: Matrix?
  /// Whether the last loss was also one of labels.
  var learnsSentence = false
  var usedDropout = false
  var forcedRows: Matrix?
  var batch: SequenceBatch?

  /// Packed weights of the feed-forward body, of the readout and of the sentence head.
  let hiddenWeights = LinearWeights()
  let readoutWeights = LinearWeights()
  let sentenceWeights = LinearWeights()
  /// Gradients of the final states, then of the initial ones.
  var stateGradient: RecurrentState

  init(tape: RecurrentTape?, zeroState: RecurrentState) {
    self.tape = tape
    stateGradient = zeroState
  }

  /// The buffer that holds the body's input.
  func buffer(of input: Matrix) -> FloatBuffer? {
    switch input.pointer {
    case dropped.pointer: dropped
    case windowed.pointer: windowed
    case features.pointer: features
    case embedded.pointer: embedded
    default: nil
    }
  }
}
