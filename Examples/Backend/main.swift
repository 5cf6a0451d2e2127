// The layers alone, as the backend of a program of one's own: ragged sequences are packed in one
// call, the program has its own readout and loss and hands their slopes back. (Here: add the two
// marked numbers of a sequence.)
//
//   swift run -c release backend [updates]

import RNNCore

let updates = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1500
let (batch, hidden) = (32, 32)

let engine = try RecurrentEngine(
  RecurrentConfiguration(cell: .lstm(forgetBias: 1), inputSize: 2, hiddenSize: hidden), seed: 1)
let optimizer = try Optimizer(.adam(), rate: 3e-3, for: engine.parameters.layout)
let clipping = Clipping.globalNorm(1)
var random = RandomGenerator(seed: 1, for: "backend")

/// Numbers in [0, 1), each beside a mark, [T, 2], and the sum of the marked two.
func makeSequence(using random: inout RandomGenerator) -> (steps: [Float], sum: Float) {
  let length = 5 + random.integer(below: 6)
  var steps: [Float] = []
  for _ in 0..<length { steps += [random.uniform(), 0] }
  let half = length / 2
  let marked = [random.integer(below: half), half + random.integer(below: length - half)]
  for step in marked { steps[2 * step + 1] = 1 }
  return (steps, marked.reduce(0) { $0 + steps[2 * $1] })
}

for update in 1...max(1, updates) {
  let sequences = (0..<batch).map { _ in makeSequence(using: &random) }
  let layout = try engine.pack(sequences.map(\.steps))
  var state = engine.zeroState(sequences: batch)
  let states = try engine.forward(&state)
  // The answer is the first unit of the last state, from −1 to 1, for sums from 0 to 2.
  try engine.outputGradient.set(to: Array(repeating: 0, count: layout.rowCount * hidden))
  var loss: Float = 0
  for (index, sequence) in sequences.enumerated() {
    let row = layout.row(sequence: index, step: layout.lengths[index] - 1)
    let error = states[row][0] + 1 - sequence.sum
    loss += error * error / Float(batch)
    engine.outputGradient[row] = (0..<hidden).map { $0 == 0 ? 2 * error / Float(batch) : 0 }
  }
  engine.gradients.setToZero()
  try engine.backward()
  let norm = clipping.apply(to: engine.gradients, sequences: batch).norm
  try optimizer.update(engine.parameters, gradients: engine.gradients)
  if update % 300 == 0 || update == updates {
    print("update \(update): squared error \(loss), norm of the gradient \(norm)")
  }
}
