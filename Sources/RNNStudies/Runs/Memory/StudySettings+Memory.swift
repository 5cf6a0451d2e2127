import RNNCore
import RNNTasks

extension StudySettings {
  /// Throws ``RNNError/Kind/memory``, with the options that would help, for a study whose generated
  /// examples or runs the process has no memory for; before any example is made.
  func checkMemory() throws {
    guard data == nil, kind != .tag else { return }
    var small = TaskOptions(seed: dataSeed)
    small.lengths = kind.hasLengths ? 10...10 : nil
    small.heldOut = kind == .lm ? nil : HeldOutSizes(validation: 1, test: 1)
    let shape = try makeTask(kind, options: small).shape
    try checkMemory(for: shape) { $0.generatedBatch }
  }

  /// The same for data that are there.
  func checkMemory(for task: any SequenceTask) throws {
    guard let task = task as? any SequenceDataTask else { return }
    let data = DataExtents(task)
    try checkMemory(for: task.shape) { settings in
      let steps = settings.kind == .lm ? settings.lengths?.upperBound ?? Self.textSteps : nil
      let batch =
        steps.map { BatchExtent(sequences: settings.batch, steps: $0) }
        ?? data.training(batch: settings.batch)
      return (batch, data.heldOut, MemoryNeed())
    }
  }

  /// Batches to train and measure on, and what the examples take.
  private typealias Extents = (training: BatchExtent, heldOut: BatchExtent, examples: MemoryNeed)

  private func checkMemory(
    for shape: TaskShape, _ extents: @escaping (StudySettings) -> Extents
  ) throws {
    try MemoryCheck(Self.settings(of: study), of: self, open: ["length": kind.standardLength]) {
      try $0.memoryNeeded(shape, extents($0))
    }.check(self)
  }

  /// The run of the row that needs the most, beside the examples.
  private func memoryNeeded(_ shape: TaskShape, _ extents: Extents) throws -> MemoryNeed {
    let threads = threads ?? ThreadTeam.shared.count
    let rows = try choices.map { choice -> MemoryNeed in
      let configuration = try model.configuration(choice, for: shape, task: kind.rawValue)
      let pass = try configuration.passMemory(extents.training, recording: true, threads: threads)
      let held = try configuration.heldOutMemory(extents.heldOut, threads: threads)
      let layout = try configuration.layout()
      var need = layout.trainingMemory(rule, averages: false, keepsBest: true)
      need.add(pass)
      switch study {
      case .compare, .clip:
        // The last look has a pass of its own.
        need.add(held + held)
      case .profile:
        // A look goes over the longest held-out examples, and over those of training.
        need.add(pass + pass)
      case .surface:
        // Two directions, and the parameters at a point.
        need.add(pass)
        need.add("plane", floats: layout.floats * 4)
      }
      return need
    }
    let most = rows.max { $0.bytes < $1.bytes } ?? MemoryNeed()
    return extents.examples + most
  }

  /// Steps of a training batch of text where nothing else is asked for.
  private static let textSteps = 50

  /// What a generated task makes: its longest sequences, and all that are held out.
  private var generatedBatch: Extents {
    let length = lengths?.upperBound ?? kind.standardLength
    let (steps, labels) = kind.longest(length)
    let sizes = HeldOutSizes()
    let count = kind == .lm ? 0 : sizes.validation + sizes.test
    var examples = MemoryNeed()
    // Two numbers a step, and the heads of two arrays.
    examples.add("held-out examples", bytes: Amount(count) * (Amount(steps) * 8 + 200))
    return (
      BatchExtent(sequences: batch, steps: steps, labels: labels),
      BatchExtent(sequences: min(count, HeldOutData.standardBatch), steps: steps, labels: labels),
      examples
    )
  }
}

extension TaskName {
  /// Whether sequences are as long as is asked for.
  fileprivate var hasLengths: Bool {
    [.adding, .temporalOrder, .copy, .spelledDigits, .lm].contains(self)
  }

  /// What `--length` stands for where it is not given.
  fileprivate var standardLength: Int {
    switch self {
    case .adding: 100
    case .copy: 30
    case .spelledDigits: 5
    default: 50
    }
  }

  /// Steps and labels of the longest sequence for that `--length`.
  fileprivate func longest(_ length: Int) -> (steps: Int, labels: Int) {
    switch self {
    // The symbols before the delay and after it.
    case .copy: ((Amount(length) + 20).value, 0)
    // Five letters at most, each twice, and three fillers around each digit.
    case .spelledDigits: ((Amount(length) * 13 + 3).value, length)
    default: (length, 0)
    }
  }
}
