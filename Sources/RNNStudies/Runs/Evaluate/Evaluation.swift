import FoundationEssentials
import RNNCore
import RNNReport
import RNNTasks

/// A saved model measured on held-out data: all of them.
package struct Evaluation {
  package let task: any DataTask
  package let loss: Double
  package let score: TaskScore
  /// How many examples were scored.
  package let examples: Int
  /// What was scored and what was not.
  package let scope: String
  /// What has to be said of the model; nil for most.
  package let warning: String?
  /// The answers beside their references, a line each; empty unless they were asked for.
  package let predictions: String

  /// Measures the model.
  ///
  /// Throws for data that do not fit it, and `.empty` for a part without examples.
  ///
  /// - Parameters:
  ///   - saved: the model and its encoding.
  ///   - url: a file or folder; nil for data that are generated.
  ///   - part: which part of a folder.
  ///   - options: how the data are read.
  ///   - keepsPredictions: whether answers are wanted.
  ///   - team: the threads that work on it.
  package init(
    _ saved: AnsweringFile, at url: URL?, part: HeldOutPart, _ options: DataOptions,
    keepsPredictions: Bool, team: ThreadTeam
  ) throws {
    let held = try url.map {
      try HeldOutTask(part, at: $0, options: options, encoding: saved.encoding)
    }
    let task =
      if let held { held.task } else {
        try makeTask(
          saved.settings.kind, at: nil, options: options, encoding: saved.encoding)
      }
    try saved.run?.checkModel(for: task)
    warning = try saved.run?.lookAheadWarning(for: task)
    self.task = task
    let answers = AnswerLines(task, part, isKept: keepsPredictions)
    let found: (examples: Int, loss: Double, score: TaskScore)
    switch task {
    case let task as any SequenceDataTask:
      found = try Self.score(task, part, saved.file, answers, team: team)
    case let task as PairTask: found = try Self.score(task, part, saved.file, answers, team: team)
    case let task as VisualQuestionTask:
      found = try Self.score(task, part, saved.file, answers, team: team)
    default: preconditionFailure("every kind of task has a model")
    }
    (examples, loss, score) = found
    predictions = answers.text
    let scope = Self.scope(held, url, part: part, examples: examples, task)
    let isTraining = url.map { saved.run?.wasTrained(onPartOf: $0, options) == true } ?? false
    self.scope =
      scope + (isTraining ? " The model was trained on a part of them: this is no test." : "")
  }

  private static func score(
    _ task: any SequenceDataTask, _ part: HeldOutPart, _ file: ModelFile, _ answers: AnswerLines,
    team: ThreadTeam
  ) throws -> (Int, Double, TaskScore) {
    let examples = part == .validation ? task.validation : task.test
    try require(!examples.isEmpty, part)
    let model = try SequenceModel(file, team: team)
    let (loss, score) = try HeldOutData(examples).score(
      model, on: task, pass: model.makePass()
    ) { index, prediction throws(RNNError) in
      answers.add(prediction, at: index)
    }
    return (examples.count, loss, score)
  }

  private static func score<Task: BatchTask>(
    _ task: Task, _ part: HeldOutPart, _ file: ModelFile, _ answers: AnswerLines,
    team: ThreadTeam
  ) throws -> (Int, Double, TaskScore) {
    let items = part == .validation ? task.validation : task.test
    try require(!items.isEmpty, part)
    let model = try Task.Model(file, team: team)
    let (loss, score) = try task.score(
      items, of: model, pass: model.makePass(), isFinal: true, among: nil
    ) { index, answer in
      answers.add(answer, at: index)
    }
    return (items.count, loss, score)
  }

  private static func require(_ isThere: Bool, _ part: HeldOutPart) throws(RNNError) {
    guard !isThere else { return }
    throw RNNError(
      .empty, "--part", expected: "a part that the data have", found: part.rawValue)
  }

  private static func scope(
    _ held: HeldOutTask?, _ url: URL?, part: HeldOutPart, examples: Int, _ task: any DataTask
  ) -> String {
    let what = "\(examples) " + (examples == 1 ? task.exampleName.one : task.exampleName.several)
    guard let held, let url else { return "Scored \(what) that were generated." }
    let name = url.lastPathComponent.printable
    if held.isSetAside {
      return "Scored \(what) that were set aside from the training part of \(name)."
    }
    guard !held.leftOut.isEmpty else { return "Scored all of \(name): \(what)." }
    return "Scored the \(part.rawValue) part of \(name): \(what); left out "
      + "\(held.leftOut.map(\.printable).joined(separator: ", "))."
  }
}

extension DataTask {
  /// What an example is called, and what several are.
  fileprivate var exampleName: (one: String, several: String) {
    switch encoding {
    case .tag: ("sentence", "sentences")
    case .lm, .music: ("piece", "pieces")
    case .classify(let encoding):
      if case .series = encoding.input { ("series", "series") } else { ("text", "texts") }
    case .pairs: ("sequence", "sequences")
    case .vqa: ("question", "questions")
    }
  }
}
