// How much a training step costs beyond the sgemm calls it is made of, at B 64, T 100, I = H = 256.
import Foundation
import RNNCore

struct StepShape {
  var batch = 64
  var steps = 100
  var input = 256
  var hidden = 256
  var gates: Int
}

/// One training step of a single layer: forward, loss at the end, BPTT of all weights, update.
func makeStep(_ cell: CellKind, _ shape: StepShape, team: ThreadTeam) throws -> () throws -> Void {
  let model = try SequenceModel(
    ModelConfiguration(
      input: .features(width: shape.input), body: .recurrent(cell), hiddenSize: shape.hidden,
      outputs: 1, loss: .meanSquaredError, answer: .atEnd),
    seed: 1, team: team)
  let trainer = try Trainer(model, rule: .sgd(), rate: 1e-6)
  var generator = RandomGenerator(seed: 2)
  let examples = (0..<shape.batch).map { _ in
    Example(
      input: .features(
        (0..<shape.steps * shape.input).map { _ in generator.uniform(-1, 1) }, width: shape.input),
      target: .valuesAtEnd([0]))
  }
  let batch = try SequenceBatch(examples)
  return { _ = try trainer.step(batch) }
}

func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  try ContinuousClock().measure(body) / .milliseconds(1)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func report(_ cell: CellKind, gates: Int, threads: Int, rounds: Int) throws {
  let shape = StepShape(gates: gates)
  let step = try makeStep(cell, shape, team: ThreadTeam(count: threads))
  let calls = SgemmCalls(shape)
  var (ours, theirs): ([Double], [Double]) = ([], [])
  for round in -2..<rounds {
    SgemmCalls.useThreads(1)
    let own = try milliseconds(step)
    calls.reset()
    SgemmCalls.useThreads(threads)
    let other = milliseconds(calls.run)
    if round >= 0 {
      ours.append(own)
      theirs.append(other)
    }
  }
  let line = [
    "\(cell)", "\(threads)", String(format: "%.1f", median(ours)),
    String(format: "%.1f–%.1f", ours.min() ?? 0, ours.max() ?? 0),
    String(format: "%.1f", median(theirs)),
    String(format: "%.1f–%.1f", theirs.min() ?? 0, theirs.max() ?? 0),
    String(format: "%.2f", median(ours) / median(theirs)),
  ]
  print(columns(line))
}

func columns(_ texts: [String]) -> String {
  zip(texts, [8, 8, 10, 14, 12, 14, 6]).map { text, width in
    String(repeating: " ", count: max(1, width - text.count)) + text
  }.joined()
}

print(columns(["cell", "threads", "step ms", "min–max", "sgemm ms", "min–max", "ratio"]))
for threads in Set([1, ProcessInfo.processInfo.activeProcessorCount]).sorted() {
  for (cell, gates) in [(CellKind.lstm(), 4), (.gru(), 3), (.elman(.tanh), 1)] {
    try report(cell, gates: gates, threads: threads, rounds: 15)
  }
}
