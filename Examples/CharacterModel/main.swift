// A character model of a text file (or of generated prose): trains an LSTM of two layers with the
// state carried from batch to batch, keeps the best parameters, and writes on from a prompt.
//
//   swift run -c release character-model [text file] [epochs] [prompt]

import Foundation
import RNNCore
import RNNTasks

let arguments = Array(CommandLine.arguments.dropFirst())
let epochs = arguments.count > 1 ? Int(arguments[1]) ?? 10 : 10
let prompt = arguments.count > 2 ? arguments[2] : "\n"
let task =
  try arguments.first.map { try TextTask(contentsOf: URL(fileURLWithPath: $0)) }
  ?? TextTask(generating: 60_000)
print(task.summary)

let vocabulary = task.shape.outputs
let model = try SequenceModel(
  ModelConfiguration(
    input: .tokens(vocabulary: vocabulary, embedding: 64), body: .recurrent(.lstm(), layers: 2),
    hiddenSize: 128, outputs: vocabulary),
  seed: 1)
let run = try TrainingRun(
  task, trainer: Trainer(model, rate: 2e-3, clipping: .globalNorm(5)), batch: 50, seed: 1)
while run.course.epochs < epochs {
  try run.step()
  guard run.isAtEpochEnd else { continue }
  let look = try run.look()
  print(
    "epoch \(look.epochs): training \(look.trainLoss), validation \(look.validLoss) nats, "
      + "\(Int(run.course.tokensPerSecond)) characters/s")
}

try run.useBest()
try model.save(
  to: "character-model.safetensors", metadata: ["text": arguments.first ?? "generated"])
let generator = try SequenceGenerator(
  model, sampler: TokenSampler(temperature: 0.8, topP: 0.95), seed: 1)
try generator.prime(with: task.text.encode(prompt))
print(prompt, terminator: "")
for _ in 0..<300 { print(task.text.decode([try generator.next()]), terminator: "") }
print()
