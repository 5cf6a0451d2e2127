/// Everything that one pass through a ``SequenceModel`` remembers or works in. Reused from batch to
/// batch, it stops allocating once it has seen the largest one. One pass belongs to one thread at a
/// time.
public final class ModelPass: @unchecked Sendable {
  /// The layers' records.
  let layers: Pass

  /// Loss weight of each answer.
  let answerWeights = FloatBuffer()
  /// Sums over the paths of a conditional random field.
  let chain = ChainWorkspace()
  /// Sums over the alignments of labellings.
  let alignments = AlignmentWorkspace()
  /// Teacher-forced outputs, [N, O].
  let forced = FloatBuffer()

  // Results of the last forward pass, which the backward pass and profiles read.
  var batch: SequenceBatch?
  var forcedRows: Matrix?
  /// One step a row, before windows and dropout.
  var stepInput: Rows?
  var reading: RecurrentNetwork.Reading?
  /// The hidden layer of a feed-forward body.
  var hidden: Rows?
  var readoutInput: Rows?
  /// Nil where the readout went by blocks.
  var outputs: Rows?
  var blocked: BlockedReadout?
  var sentenceInput: Rows?
  var sentence: Rows?
  /// What the last pass knows of the stretches that it made anew; nil where it kept all steps.
  var walk: CheckpointedWalk?
  /// The state after each sequence's last step, where the tape holds other steps.
  var final: RecurrentState?
  /// Whether the last loss was also one of labels.
  var learnsSentence = false

  /// What training asks for.
  var training = SequenceTraining()
  /// The state before the first step: zeros, or what a trainer carries from batch to batch.
  var initial: RecurrentState
  var carriesState = false
  /// Where a trainer's batches are cut into shards: the states after their last steps, for those
  /// shards that this process has.
  var carried: RecurrentState
  /// Whether ``carried`` holds the state of a sequence.
  var isCarried: [Bool] = []
  /// The first step of the batch and its sequences as the caller of a longer one counts them; nil
  /// when the batch is the caller's own.
  var window: (first: Int, sequences: [Int])?
  /// The workspace of profiles that probe other losses than training's.
  var probing: ModelPass?
  let retention = RetentionWorkspace()

  init(_ model: SequenceModel) {
    initial = model.zeroState(sequences: 0)
    carried = initial
    layers = Pass(model.parameters, team: model.team)
  }

  /// States and gates of every step of the last pass; nil before one, and for a feed-forward model.
  public var tape: RecurrentTape? { reading?.tape }
}
