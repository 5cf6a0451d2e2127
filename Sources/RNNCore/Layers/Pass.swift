/// One way through a model and, where it is recorded, back again: what every layer needs beside its
/// input.
///
/// A pass owns neither parameters nor gradients; it lends each layer space for what it gives and
/// keeps a record of what its backward pass will need. ``backward()`` walks the records from the
/// last to the first. A value that several layers read has one gradient, to which all of them add;
/// parameters that are used several times likewise.
///
/// Space is lent by the order of the calls: from the second pass of the same shapes on nothing is
/// allocated. A pass belongs to one thread at a time; several may be under way on the same
/// parameters.
public final class Pass: @unchecked Sendable {
  /// The parameters that layers read.
  public let parameters: ParameterStore
  /// The threads that work on the pass.
  public let team: ThreadTeam
  /// Whether layers leave records for ``backward()``.
  public var isRecorded: Bool { gradients != nil }
  /// Updates made before this pass, for what changes in the course of training.
  public internal(set) var updates = 0

  /// Rows whose logits stand in memory together, see `BlockedReadout`; nil for as many as stay in
  /// the cache.
  var blockRows: Int?
  /// Whether recurrent layers keep the states and gates of all steps, as a recorded pass does in
  /// any case.
  private(set) var keepsStates = false
  /// What ``backward()`` adds to; nil when nothing is recorded.
  private(set) var gradients: ParameterStore?
  /// Is told what a profile needs; nil outside of profiles.
  var watcher: (any PassWatcher)?
  /// Is told how much of a gradient is final; nil for nobody.
  var follower: (any GradientFollower)? {
    didSet { hasTold = false }
  }
  /// Whether the follower has been told.
  private var hasTold = false
  /// The stretch of a longer batch that this pass reads, where ``GradientCheckpointing`` cuts one;
  /// nil for a whole batch.
  var part: PassPart?
  /// Draws masks of dropout; nil for none.
  var dropout: RandomGenerator?
  /// Counts the passes: ``Rows`` of another one are refused.
  private(set) var generation = 0

  private var records: [LayerRecord] = []
  private(set) var used = 0
  /// Where what the first n records may add to the gradients ends, while somebody follows.
  private var ends: [Int] = []
  /// The record that goes back now.
  private(set) var place = 0
  /// Packed weights by where the matrix lies.
  private var packed: [Int: LinearWeights] = [:]
  /// The batches that there is memory for.
  var admitted = AdmittedBatches()
  /// Space for a share of a gradient on its way to the sum.
  let share = FloatBuffer()

  /// - Parameters:
  ///   - parameters: of the model that is to be run.
  ///   - team: the threads that work on it.
  public init(_ parameters: ParameterStore, team: ThreadTeam = .shared) {
    self.parameters = parameters
    self.team = team
  }

  /// Begins a way through a model; what was left of another one is forgotten.
  ///
  /// - Parameters:
  ///   - gradients: what ``backward()`` is to add to, a store with the layout of the parameters;
  ///     nil for a way forward alone, which records nothing.
  ///   - dropout: draws the masks; nil for no dropout.
  ///   - keepsStates: whether the states and gates of all steps can be read afterwards though
  ///     nothing is recorded.
  ///
  /// Throws `.shape` for a store of another layout; `.unsupported` where processes that share a
  /// batch have sent on what an earlier way back made, see
  /// ``TrainableModel/hasOneWayBack``.
  public func begin(
    gradients: ParameterStore? = nil, dropout: RandomGenerator? = nil, keepsStates: Bool = false
  ) throws(RNNError) {
    if let gradients { try parameters.check(gradients: gradients) }
    if gradients != nil, hasTold {
      throw RNNError(
        .unsupported, "gradient of a shard", expected: "one way back, as the model says",
        found: "another one")
    }
    self.gradients = gradients
    self.keepsStates = keepsStates || gradients != nil
    self.dropout = dropout
    generation += 1
    used = 0
  }

  /// Adds the gradient of all losses that were asked for since
  /// ``begin(gradients:dropout:keepsStates:)`` to the store given there.
  ///
  /// Throws `.unsupported` for a pass without records, or one that has been walked already.
  public func backward() throws(RNNError) { try backward(isLast: true) }

  /// - Parameter isLast: whether nothing else will be added to the gradients afterwards, so that
  ///   the ``follower`` may be told what is final of them.
  func backward(isLast: Bool) throws(RNNError) {
    guard let gradients else {
      throw RNNError(
        .unsupported, "backward pass", expected: "a recorded pass, walked once", found: "none")
    }
    // A watcher looks at the gradients as they are in the end.
    if isLast, watcher == nil, follower != nil {
      ends.append(0)
      for record in records[..<used] { ends.append(max(ends[ends.count - 1], record.parameterEnd)) }
      place = used
      hasFinished(from: 0)
    }
    for index in (0..<used).reversed() {
      place = index
      if records[index].isReached { records[index].backward(self) }
      hasFinished(from: 0)
    }
    ends.removeAll(keepingCapacity: true)
    watcher?.hasGoneBack(gradients, weights: parameters)
    // The records' gradients have been used up.
    self.gradients = nil
  }

  /// Tells the ``follower`` what is final, since the record that goes back now adds nothing more to
  /// the gradients from `end` in their layout on.
  func hasFinished(from end: Int) {
    guard !ends.isEmpty else { return }
    hasTold = true
    follower?.gradientIsFinal(from: max(end, ends[place]))
  }

  // MARK: - What layers ask for

  /// The record of the layer that runs now: that of the layer which ran at this place last time if
  /// it is of the same kind and `fits`, else a new one.
  func record<Record: LayerRecord>(
    _ fits: (Record) -> Bool = { _ in true }, _ make: () -> Record
  ) -> Record {
    defer { used += 1 }
    if used < records.count, type(of: records[used]) == Record.self {
      let known = unsafeDowncast(records[used], to: Record.self)
      if fits(known) {
        known.reset()
        return known
      }
    }
    let record = make()
    if used < records.count { records[used] = record } else { records.append(record) }
    return record
  }

  /// The packed copy of a weight matrix, shared by all that multiply with it in this pass.
  func weights(of slice: ParameterLayout.Slice) -> LinearWeights {
    if let known = packed[slice.offset] { return known }
    let weights = LinearWeights()
    packed[slice.offset] = weights
    return weights
  }

  /// The gradients of a pass that is on its way back.
  var recordedGradients: ParameterStore {
    guard let gradients else { preconditionFailure("only a recorded pass goes back") }
    return gradients
  }
}

/// Is told what goes on on a pass: who looks into models, see ``GradientProfiler``.
protocol PassWatcher: AnyObject {
  /// A network has read, and will go back over its tape.
  func hasRead(_ network: RecurrentNetwork, _ tape: RecurrentTape)

  /// Whether the pass has to make the very bits that it makes when nobody watches.
  var keepsBits: Bool { get }

  /// Rows are read by a way that the model has named.
  ///
  /// - Parameters:
  ///   - way: its name.
  ///   - slope: adds up dE/d(rows) through it, [N, width].
  ///   - steps: the rows of each sequence; nil for rows that are no steps.
  func willComeBack(by way: String, _ slope: Slope, steps: [[Int]]?, on pass: Pass)

  /// The gradient has come back to the keys of attention, and to its queries by their scores (nil
  /// where those have no gradient).
  func cameBack(
    to keys: Matrix, queries: Matrix?, by attention: String, _ tape: AttentionTape, on pass: Pass)

  /// The gradient has come back to the states that a network began with.
  func cameBack(to states: RecurrentState, at network: RecurrentNetwork, on pass: Pass)

  /// A loss has been taken.
  ///
  /// - Parameter ofSeveralSteps: whether it adds up those of several steps of a sequence.
  func tookLoss(ofSeveralSteps: Bool)

  /// All records have been walked, and nothing else has been added to the gradients.
  func hasGoneBack(_ gradients: any ParameterMemory, weights: any ParameterMemory)
}

/// Is told how much of a gradient is final while a pass goes back: who sends it on meanwhile.
protocol GradientFollower: AnyObject {
  /// Nothing will be added any more to the gradients from `place` in their layout on. From call to
  /// call `place` stays or falls, down to 0.
  func gradientIsFinal(from place: Int)
}

/// What a layer leaves on a pass: its input and output, space that it works in, and the way back.
///
/// A subclass for each layer, reused from pass to pass at its place in the order of calls.
class LayerRecord {
  /// Of what the layer gave.
  let slope = Slope()

  /// Whether anything depends on the layer's output, so that there is something to be walked back.
  var isReached: Bool { slope.matrix != nil }

  /// Where in the layout that ends which the way back may add to; 0 for a layer without parameters.
  var parameterEnd: Int { 0 }

  /// Forgets the gradients of an earlier pass.
  func reset() { slope.forget() }

  /// Adds the gradients of parameters, and hands on that of the input.
  func backward(_ pass: Pass) { preconditionFailure("every layer knows its way back") }
}

/// The gradient of some rows while a pass goes back: the sum of the shares of all that read them.
class Slope {
  private let own = FloatBuffer()
  /// Nil as long as nobody has handed on a share.
  private(set) var matrix: Matrix?

  func forget() { matrix = nil }

  /// Space for a share, which ``take(_:_:)`` is given when it has been written.
  func lend(_ rows: Int, _ columns: Int, _ pass: Pass) -> Matrix {
    matrix == nil ? own.matrix(rows, columns) : pass.share.matrix(rows, columns)
  }

  /// Adds `share` ⊙ `mask`, all of the share without a mask.
  func add(_ share: Matrix, times mask: Matrix?, _ pass: Pass) {
    let isFirst = matrix == nil
    let sum = matrix ?? own.matrix(share.rows, share.columns)
    pass.team.split(sum.rows) { range in
      sum.rows(range).combine(
        keep: isFirst ? 0 : 1, share.rows(range), mask: mask?.rows(range))
    }
    matrix = sum
  }

  /// Adds a share whose memory nobody else will read or write from here on: the first one becomes
  /// the sum.
  func take(_ share: Matrix, _ pass: Pass) {
    guard let matrix else {
      self.matrix = share
      return
    }
    Self.add(share, to: matrix, pass.team)
  }

  private static func add(_ share: Matrix, to sum: Matrix, _ team: ThreadTeam) {
    team.split(sum.rows) { sum.rows($0).combine(keep: 1, share.rows($0)) }
  }
}

extension Slope {
  /// Adds the share that `write` writes, to all of a matrix [rows, columns]. (Outside of the class:
  /// a closure that a method which can be overridden is given lies on the heap.)
  @inline(__always)
  func receive(_ rows: Int, _ columns: Int, _ pass: Pass, _ write: (Matrix) -> Void) {
    let share = lend(rows, columns, pass)
    write(share)
    take(share, pass)
  }
}
