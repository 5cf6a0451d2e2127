// A training loop of one's own: gradients of two batches added up before each update, a rule of
// one's own (sign of the momentum, "Lion", Chen et al. 2023), and a look at a gate. Everything that
// Trainer does, in the open.
//
//   swift run -c release custom-loop [updates]

import RNNCore
import RNNTasks

let updates = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 400
let task = try FlightSlotsTask()
let model = try SequenceModel(
  ModelConfiguration(
    input: .tokens(vocabulary: task.words.count, embedding: 32), body: .recurrent(.gru()),
    hiddenSize: 64, outputs: task.tags.count),
  seed: 1)
let pass = model.makePass()
let gradients = ParameterStore(layout: model.parameters.layout)
var source = task.makeTrainingSource(seed: 1)

/// w ← w − rate · sign(0.9 m + 0.1 g), then m ← 0.99 m + 0.01 g.
struct Lion {
  var momentum: [Float]

  mutating func update(_ model: SequenceModel, _ gradients: ParameterStore, rate: Float) {
    model.parameters.withUnsafeMutableValues { weights in
      gradients.withUnsafeMutableValues { gradient in
        for index in weights.indices {
          let direction = 0.9 * momentum[index] + 0.1 * gradient[index]
          if direction != 0 { weights[index] -= direction > 0 ? rate : -rate }
          momentum[index] = 0.99 * momentum[index] + 0.01 * gradient[index]
        }
      }
    }
  }
}
var lion = Lion(momentum: [Float](repeating: 0, count: model.parameters.layout.storageCount))

let start = ContinuousClock.now
var words = 0
for step in 1...max(1, updates) {
  gradients.setToZero()
  var loss = 0.0
  for _ in 0..<2 {
    let batch = try SequenceBatch(source.nextBatch(16).examples)
    words += batch.layout.rowCount
    var state = model.zeroState(sequences: 16)
    loss += try model.addGradient(for: batch, state: &state, pass: pass, to: gradients).value / 2
  }
  lion.update(model, gradients, rate: 3e-4)
  if step % 100 == 0 || step == updates { print("update \(step): loss \(loss)") }
}

let seconds = (ContinuousClock.now - start) / .seconds(1)
print("\(Int(Double(words) / seconds)) words/s")

let (loss, metric) = try HeldOutData(task.test).evaluate(model, on: task, pass: pass)
print("test: loss \(loss), \(metric.name) \(metric.value)")

// What the update gate does with one sentence: near 1 it keeps the state, near 0 it writes.
let sentence = "arrive taipei on november 2nd"
let ids = try task.encode(sentence)
var state = model.zeroState(sequences: 1)
_ = try model.outputs(
  for: SequenceBatch(inputs: [.tokens(ids)]), state: &state, pass: pass, recording: true)
if let network = model.network, let tape = pass.tape {
  let gate = try network.gateValues(.update, of: tape)
  for (step, word) in sentence.split(separator: " ").enumerated() {
    let values = gate[sequence: 0, step: step]
    print("\(word): mean update gate \(values.reduce(0, +) / Float(values.count))")
  }
}
