// Where do the gradients of a model of one's own vanish? Profiles every 50th step of training on
// data of one's own (here: repeat the first number of a sequence at its end), says so in words, and
// draws how they fall.
//
//   swift run -c release gradient-profile [updates] [steps of a sequence]

import RNNCore

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let updates = numbers.first ?? 400
let steps = numbers.count > 1 ? numbers[1] : 60

/// Sequences of noise whose first number is to be given back at the end.
func makeBatch(using generator: inout RandomGenerator) throws -> SequenceBatch {
  try SequenceBatch(
    (0..<32).map { _ in
      let values = (0..<steps).map { _ in generator.uniform(-1, 1) }
      return Example(input: .features(values, width: 1), target: .valuesAtEnd([values[0]]))
    })
}

for cell in [CellKind.elman(.tanh), .gru(), .lstm(forgetBias: 3)] {
  let model = try SequenceModel(
    ModelConfiguration(
      input: .features(width: 1), body: .recurrent(cell), hiddenSize: 48, outputs: 1,
      loss: .meanSquaredError, answer: .atEnd),
    seed: 1)
  let profiler = try GradientProfiler(every: 50)
  let trainer = try Trainer(
    model, rate: 3e-3, clipping: .globalNorm(1), nonFinite: .skip, profiler: profiler)
  var generator = RandomGenerator(seed: 1, for: "order of the data")
  var loss = 0.0
  let start = ContinuousClock.now
  for _ in 0..<updates { loss = try trainer.step(makeBatch(using: &generator)).loss }

  let rate = Double(updates * 32 * steps) / ((ContinuousClock.now - start) / .seconds(1))
  print("\(cell): squared error \(loss) after \(updates) updates, \(Int(rate)) steps/s")
  for profile in [profiler.history.first, profiler.history.last].compactMap({ $0 }) {
    let memory = profile.layers[0].memory
    let bars = stride(from: 0, to: steps, by: max(1, steps / 60)).map { distance in
      switch memory.share(at: distance) ?? 0 {
      case 0.5...: "█"
      case 0.1...: "▓"
      case 0.01...: "▒"
      case 1e-4...: "░"
      default: " "
      }
    }
    print("  step \(profile.step), from the last time step back: |\(bars.joined())|")
  }
  let context = VerdictContext(
    cell: cell, memoryNeeded: steps - 1, clips: trainer.statistics)
  for verdict in profiler.history.last?.verdicts(context) ?? [] { print("  \(verdict.sentence)") }
}
