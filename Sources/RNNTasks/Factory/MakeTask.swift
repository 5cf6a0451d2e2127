import RNNCore

/// The task of that name with its defaults where `options` say nothing.
///
/// Throws `.format` for an unknown name, listing the known ones, and the errors of
/// ``makeTask(_:options:)-(TaskName,_)``.
public func makeTask(
  _ name: String, options: TaskOptions = TaskOptions()
) throws(RNNError) -> any SequenceTask {
  try makeTask(TaskName(named: name, among: TaskName.compared), options: options)
}

/// The task of that name with its defaults where `options` say nothing.
///
/// Throws `.unsupported` for a task outside ``TaskName/compared``, for lengths,
/// held-out sizes or data given to a task that has no use for them, or missing where it needs them;
/// and what the task's own initialiser throws.
public func makeTask(
  _ name: TaskName, options: TaskOptions = TaskOptions()
) throws(RNNError) -> any SequenceTask {
  try options.check(for: name)
  let sizes = options.heldOut ?? HeldOutSizes()
  switch name {
  case .slots:
    return try FlightSlotsTask(scoredBy: options.slotMetric, seed: options.seed, heldOut: sizes)
  case .adding:
    return try AddingTask(
      lengths: options.lengths ?? 100...100, target: options.addingTarget, seed: options.seed,
      heldOut: sizes)
  case .temporalOrder:
    return try TemporalOrderTask(
      lengths: options.lengths ?? 50...50, seed: options.seed, heldOut: sizes)
  case .copy:
    return try CopyTask(
      delay: options.lengths?.lowerBound ?? 30, seed: options.seed, heldOut: sizes)
  case .spelledDigits:
    return try SpelledDigitsTask(
      lengths: options.lengths ?? 1...5, seed: options.seed, heldOut: sizes)
  case .lm:
    let steps = options.lengths?.lowerBound ?? 50
    guard let file = options.data else {
      return try TextTask(seed: options.seed, steps: steps)
    }
    return try TextTask(contentsOf: file, steps: steps)
  case .tag:
    guard let directory = options.data else {
      throw RNNError(
        .unsupported, "data of \(name.rawValue)",
        expected: "a directory with train, valid and test", found: "none")
    }
    return try TaggingTask(
      directory: directory, minimumCount: options.minimumCount, wordDropout: options.wordDropout,
      groupsByLength: options.groupsByLength)
  case .classify, .music, .translate, .autoencode, .parse, .transduce, .vqa:
    throw name.refused(among: TaskName.compared)
  }
}

extension TaskOptions {
  /// Refuses what `task` would silently ignore.
  fileprivate func check(for task: TaskName) throws(RNNError) {
    if data != nil && ![.lm, .tag].contains(task) {
      try refuse("data", of: task, expected: "none, its examples are generated")
    }
    if heldOut != nil && [.lm, .tag].contains(task) {
      try refuse("held-out sizes", of: task, expected: "none, the data are split already")
    }
    guard let lengths else { return }
    if [.slots, .tag].contains(task) {
      try refuse("length", of: task, expected: "none, sentences have their own lengths")
    }
    if [.copy, .lm].contains(task) && lengths.count > 1 {
      try refuse("length", of: task, expected: "a single number", found: lengths.text)
    }
  }

  private func refuse(
    _ option: String, of task: TaskName, expected: String, found: String = "some"
  ) throws(RNNError) {
    throw RNNError(
      .unsupported, "\(option) of \(task.rawValue)", expected: expected, found: found)
  }
}
