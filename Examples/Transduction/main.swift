// One sequence into another, with attention and without: trains encoder-decoders to reverse numbers
// or to normalise dates, and shows which sources they get right, by length.
//
//   swift run -c release transduction [copy|reverse|sort|scan|dates] [updates]

import Foundation
import RNNCore
import RNNTasks

let arguments = CommandLine.arguments.dropFirst()
guard let kind = TransductionKind(rawValue: arguments.first ?? "dates") else {
  let kinds = TransductionKind.allCases.map(\.rawValue).joined(separator: "|")
  print("usage: transduction [\(kinds)] [UPDATES]")
  exit(64)
}
let updates = arguments.dropFirst().first.flatMap { Int($0) } ?? 2000
let problem = try Transduction(kind)
let batchSize = 64

/// Target ids 0 and 1 are start and end.
func pair(_ pair: TransductionPair) -> SequencePair {
  SequencePair(source: .tokens(pair.source), target: pair.target.map { $0 + 2 })
}
// As many different pairs as there are, at most 20,000: a part of a small problem says how many it
// has.
let training = try pairs(min(20_000, updates * batchSize), of: .training)
let test = try pairs(1000, of: .test)

func pairs(_ most: Int, of part: Transduction.Part) throws -> [TransductionPair] {
  var count = most
  while count > 1 {
    if let pairs = try? problem.pairs(count, of: part) { return pairs }
    count = count * 9 / 10
  }
  return try problem.pairs(count, of: part)
}

for attention in [AttentionScore.general, nil] {
  let model = try EncoderDecoder(
    EncoderDecoderConfiguration(
      source: .tokens(vocabulary: problem.sourceNames.count, embedding: 32),
      targetVocabulary: problem.targetNames.count + 2, targetEmbedding: 32, cell: .lstm(),
      hiddenSize: 128, attention: attention),
    seed: 1)
  let trainer = try Trainer(
    model, rate: 4e-3, schedule: .cosine(updates: updates, floor: 0), clipping: .globalNorm(1))
  var generator = RandomGenerator(seed: 1, for: "order of the data")
  let start = ContinuousClock.now
  var tokens = 0
  for update in 1...max(1, updates) {
    let drawn = (0..<batchSize).map { _ in
      pair(training[Int(generator.next() % UInt64(training.count))])
    }
    let batch = try PairBatch(drawn, for: model.configuration)
    let report = try trainer.step(batch)
    tokens += batch.tokenCount
    if update % 500 == 0 || update == updates { print("update \(update): loss \(report.loss)") }
  }
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  let found = try model.decode(
    test.map { .tokens($0.source) }, search: BeamSearch(mostTokens: 60), pass: trainer.pass)
  let isRight = zip(test, found).map { $1[0].tokens == $0.target.map { $0 + 2 } }
  let share = Double(isRight.count { $0 }) / Double(test.count) * 100
  print(
    "\(kind.rawValue), \(attention?.rawValue ?? "no") attention: \(share) % of \(test.count) "
      + "right; \(Int(seconds)) s, \(Int(Double(tokens) / seconds)) tokens/s")
  for length in stride(from: 1, through: 28, by: 4) {
    let group = zip(test, isRight).filter { length..<length + 4 ~= $0.0.source.count }.map(\.1)
    if group.isEmpty { continue }
    let right = group.count { $0 } * 100 / group.count
    print("  sources of \(length) to \(length + 3) steps: \(right) %")
  }
  if let example = test.first, let best = found.first?.first {
    let text = problem.text(target: best.tokens.map { $0 - 2 }.filter { $0 >= 0 })
    print("  \(problem.text(source: example.source)) -> \(text)")
  }
}
