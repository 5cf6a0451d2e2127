import RNNCore
import RNNTasks

extension TrainSettings {
  /// Throws ``RNNError/Kind/memory``, with the options that would help, for pairs to be generated
  /// that the process has no memory for, before one is; nothing for other data.
  func checkGeneratedPairs() throws {
    guard kind == .transduce, let problem = data.problem else { return }
    let open = [
      "pairs": problem.standardPairs, "lengths": problem.defaultLengths.upperBound,
    ]
    try MemoryCheck(Self.declared, of: self, open: open) { settings in
      let pairs = Amount(settings.data.pairs ?? problem.standardPairs) + 2 * problem.heldOutPairs
      let length = settings.data.lengths?.upperBound ?? problem.defaultLengths.upperBound
      // Sources, targets and the sources that are known; then the same by their symbols.
      var need = MemoryNeed()
      need.add("generated pairs", bytes: pairs * (Amount(length) * 30 + 400))
      return need
    }.check(self)
  }

  /// Throws ``RNNError/Kind/memory``, with the options that would help, for a run on these data
  /// that the process has no memory for.
  ///
  /// - Parameters:
  ///   - task: the data, which are in memory already.
  ///   - profiles: whether gradients are profiled, which goes over a second pass.
  ///   - runs: how many go on side by side.
  package func checkMemory(
    for task: any DataTask, profiles: Bool = false, runs: Int = 1
  ) throws {
    let data = DataExtents(task)
    let open = ["most-steps": data.longest, "chunk": data.longest]
    try MemoryCheck(Self.declared, of: self, open: open) { settings in
      let need = try settings.memoryNeeded(data, profiles: profiles)
      return (1..<max(1, runs)).reduce(need) { sum, _ in sum + need }
    }.check(self)
  }

  /// What a run takes beside its data.
  func memoryNeeded(_ data: DataExtents, profiles: Bool) throws -> MemoryNeed {
    let choice = try CellChoice(cell)
    let (layout, pass, held): (ParameterLayout, MemoryNeed, MemoryNeed)
    switch data.task {
    case let task as any SequenceDataTask:
      let shape = try model.configuration(choice, for: task.shape, task: kind.rawValue)
      layout = try shape.layout()
      pass = try shape.passMemory(
        data.training(self), checkpointing: checkpointing, recording: true, threads: threads)
      held = try shape.heldOutMemory(data.heldOut, threads: threads)
    case let task as PairTask:
      let shape = try model.configuration(choice, for: task.pairs)
      layout = try shape.layout()
      pass = try shape.passMemory(
        data.pairs(batch: batch), recording: true, threads: threads)
      var search = task.search
      search.width = self.data.beam
      held =
        try shape.passMemory(data.heldOutPairs, recording: false, threads: threads)
        + shape.memoryNeeded(
          searching: search, for: data.heldOutPairs.sources, longest: data.longestHeldOut)
    case let task as VisualQuestionTask:
      let shape = try model.configuration(choice, for: task.visual)
      layout = try shape.layout()
      let questions = data.training(self)
      pass = try shape.passMemory(questions, images: questions.sequences, recording: true)
      held = try shape.passMemory(
        data.heldOut, images: data.heldOut.sequences, recording: false)
    default: preconditionFailure("every kind of task has a model")
    }
    let kept = layout.trainingMemory(
      optimizer.rule(momentum: momentum), averages: averaging > 0, keepsBest: true,
      shards: shardsPerUpdate(ranks: 1))
    return kept + pass + held + (profiles ? pass : MemoryNeed())
  }
}

/// The lengths of a task's examples, of which its batches are made.
struct DataExtents {
  let task: any DataTask
  /// Of streams that of any; none of pairs.
  private var lengths = LengthCounts()
  /// Whether training reads streams, as many as a batch wants and all alike.
  private var isStream = false
  /// Of pairs alone.
  private let pairLengths: [(source: Int, target: Int)]
  /// The largest batch that is measured on.
  let heldOut: BatchExtent
  let heldOutPairs: PairExtent
  let longestHeldOut: Int

  init(_ task: any DataTask) {
    self.task = task
    var held: [(source: Int, target: Int)] = []
    // Examples that are measured side by side.
    let batch: Int
    switch task {
    case let task as PairTask:
      pairLengths = task.training.map(\.lengths)
      held = [task.validation, task.test].joined().map(\.lengths)
      batch = PairTask.decodedTogether
    case let task as VisualQuestionTask:
      pairLengths = []
      for item in task.training { lengths.add(task.length(of: item)) }
      held = [task.validation, task.test].joined().map { (task.length(of: $0), 0) }
      batch = VisualQuestionTask.answeredTogether
    case let task as any SequenceDataTask:
      if let learned = task.learned {
        for example in learned { lengths.add(example.length) }
      } else {
        var source = task.makeTrainingSource(seed: 0)
        isStream = true
        for example in source.nextBatch(1).examples { lengths.add(example.length) }
      }
      pairLengths = []
      held = [task.validation, task.test].joined().map { ($0.length, 0) }
      batch = HeldOutData.standardBatch
    default: preconditionFailure("every kind of task has examples")
    }
    heldOut = BatchExtent(longestOf: held.map(\.source), batch: batch)
    heldOutPairs = PairExtent(longestOf: held, batch: batch)
    longestHeldOut = held.map(\.source).max() ?? 0
  }

  /// Of the examples to learn from.
  var longest: Int { lengths.longest(1).first ?? pairLengths.map(\.source).max() ?? 1 }

  /// The largest batch of a run with such settings.
  func training(_ settings: TrainSettings) -> BatchExtent {
    let limits = [settings.data.mostSteps, settings.data.chunk].compactMap { $0 }
    let most = settings.kind == .lm ? settings.data.steps : limits.min() ?? .max
    if isStream { return BatchExtent(sequences: settings.batch, steps: most) }
    return BatchExtent(
      longestOf: lengths.longest(settings.batch).map { min($0, most) }, batch: settings.batch)
  }

  /// The largest batch of so many examples.
  func training(batch: Int) -> BatchExtent {
    isStream
      ? BatchExtent(sequences: batch, steps: longest)
      : BatchExtent(longestOf: lengths.longest(batch), batch: batch)
  }

  func pairs(batch: Int) -> PairExtent { PairExtent(longestOf: pairLengths, batch: batch) }
}

/// How many examples have each length: of millions of examples there are few.
private struct LengthCounts {
  private var counts: [Int: Int] = [:]

  mutating func add(_ length: Int) { counts[length, default: 0] += 1 }

  /// The lengths of the longest `count` examples, or of all where there are fewer.
  func longest(_ count: Int) -> [Int] {
    var longest: [Int] = []
    for (length, examples) in counts.sorted(by: { $0.key > $1.key }) where longest.count < count {
      longest += Array(repeating: length, count: min(examples, count - longest.count))
    }
    return longest
  }
}

extension ModelConfiguration {
  /// A pass over held-out examples, in stretches where the model allows them.
  func heldOutMemory(_ batch: BatchExtent, threads: Int) throws(RNNError) -> MemoryNeed {
    let hasStretches =
      answer == .everyStep && waysToLookAhead.isEmpty && sentenceHead == nil
    let most = max(HeldOutData.rows, batch.sequences)
    let tokens = hasStretches ? min(batch.tokens, most) : batch.tokens
    return try passMemory(
      BatchExtent(sequences: batch.sequences, tokens: tokens, alignments: batch.alignments),
      recording: false, threads: threads)
  }
}

extension PairItem {
  fileprivate var lengths: (source: Int, target: Int) { (source.count, target.count) }
}
