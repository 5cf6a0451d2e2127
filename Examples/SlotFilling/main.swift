// Fills the slots of flight queries with a bidirectional LSTM: trains, measures chunk F1, tags a
// sentence, and shows what a network without memory makes of the same words.
//
//   swift run -c release slot-filling [updates]

import RNNCore
import RNNTasks

let updates = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 600
let task = try FlightSlotsTask(scoredBy: .chunkF1)

/// A model of the task with that body, trained.
func train(_ body: ModelConfiguration.Body) throws -> SequenceModel {
  let model = try SequenceModel(
    ModelConfiguration(
      input: .tokens(vocabulary: task.words.count, embedding: 32), body: body, hiddenSize: 64,
      outputs: task.tags.count),
    seed: 1)
  let run = try TrainingRun(
    task, trainer: Trainer(model, rate: 2e-3, clipping: .globalNorm(1)), batch: 32, seed: 1)
  for update in 1...max(1, updates) {
    try run.step()
    // Nothing is lost by looking often: the best parameters are kept.
    if update % 100 == 0 || update == updates { try run.look() }
  }
  try run.useBest()
  let (loss, metric) = try HeldOutData(task.test).evaluate(
    model, on: task, pass: model.makePass())
  print(
    "\(body): test loss \(loss), \(metric.name) \(metric.value); "
      + "\(Int(run.course.tokensPerSecond)) words/s")
  return model
}

/// The tag of each word.
func tags(_ sentence: String, by model: SequenceModel) throws -> [String] {
  let words = Example.Input.tokens(try task.encode(sentence))
  guard case .classes(let tags) = try model.predictions(for: [words])[0].answers else { return [] }
  return tags.map { task.tags[Int($0)] }
}

let recurrent = try train(.recurrent(.lstm(), directions: .concatenated))
let blind = try train(.feedForward())
for sentence in ["arrive taipei on november 2nd", "leave taipei on november 2nd"] {
  print(sentence)
  print("  recurrent:    \(try tags(sentence, by: recurrent).joined(separator: " "))")
  print("  feed-forward: \(try tags(sentence, by: blind).joined(separator: " "))")
}
