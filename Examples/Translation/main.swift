// Translates: an encoder-decoder with attention over parallel files (train.de, train.en, val.de,
// …), measured by BLEU.
//
//   swift run -c release translation DIRECTORY SOURCE TARGET [EPOCHS]

import Foundation
import RNNCore
import RNNTasks

let arguments = CommandLine.arguments
guard arguments.count > 3 else {
  print("usage: translation DIRECTORY SOURCE TARGET [EPOCHS]")
  exit(64)
}
let epochs = arguments.count > 4 ? Int(arguments[4]) ?? 12 : 12
let corpus = try ParallelCorpus(
  directory: URL(fileURLWithPath: arguments[1]),
  languages: LanguagePair(source: arguments[2], target: arguments[3]))
let (sourceWords, targetWords) = try corpus.vocabularies(minimumCount: 2)
// The ids after the words and the unknown one.
let start = Int32(targetWords.sizeWithUnknown)
let end = start + 1

let model = try EncoderDecoder(
  EncoderDecoderConfiguration(
    source: .tokens(vocabulary: sourceWords.sizeWithUnknown, embedding: 256),
    targetVocabulary: Int(end) + 1, targetEmbedding: 256, cell: .lstm(), hiddenSize: 256,
    attention: .general, dropout: 0.4, start: start, end: end),
  initialization: InitializationPlan(everywhere: 0.1), seed: 1)

func pair(_ pair: SentencePair) -> SequencePair {
  SequencePair(
    source: .tokens(pair.source.map { sourceWords.id(of: $0) }),
    target: pair.target.map { targetWords.id(of: $0) })
}
let training = corpus.train.map(pair)
let batch = 64
let trainer = try Trainer(
  model, rate: 3e-3,
  schedule: .cosine(updates: epochs * (training.count / batch), floor: 0),
  clipping: .globalNorm(1))
let search = try BeamSearch(width: 5, lengthNormalization: 1, mostTokens: 60)

/// BLEU of what the model makes of the sources.
func bleu(_ pairs: [SentencePair], _ search: BeamSearch) throws -> Double {
  var score = BLEU()
  let pass = model.makePass()
  for first in stride(from: 0, to: pairs.count, by: batch) {
    let part = pairs[first..<min(first + batch, pairs.count)]
    let found = try model.decode(
      part.map { pair($0).source }, search: search, pass: pass)
    for (sentence, hypotheses) in zip(part, found) {
      score.add(
        hypothesis: hypotheses[0].tokens.map { targetWords.symbol(of: $0) ?? "<unk>" },
        reference: sentence.target)
    }
  }
  return score.score()
}

var generator = RandomGenerator(seed: 1, for: "order of the data")
var (seconds, tokens) = (0.0, 0)
for epoch in 1...max(1, epochs) {
  let order = training.indices.shuffled(using: &generator)
  var losses = 0.0
  for first in stride(from: 0, through: order.count - batch, by: batch) {
    let pairs = try PairBatch(
      order[first..<first + batch].map { training[$0] }, for: model.configuration)
    let begin = ContinuousClock.now
    losses += try trainer.step(pairs).loss
    seconds += (ContinuousClock.now - begin) / .seconds(1)
    tokens += pairs.tokenCount
  }
  let mean = losses / Double(training.count / batch)
  print(
    "epoch \(epoch): loss \(mean), validation BLEU \(try bleu(corpus.validation, BeamSearch())), "
      + "\(Int(seconds)) s, \(Int(Double(tokens) / seconds)) tokens/s")
}
for test in corpus.tests {
  print("\(test.name): BLEU \(try bleu(test.pairs, search)) with a beam of \(search.width)")
}
let example = corpus.tests[0].pairs[0]
let found = try model.decode([pair(example).source], search: search, pass: trainer.pass)[0][0]
print(example.source.joined(separator: " "))
print(found.tokens.map { targetWords.symbol(of: $0) ?? "<unk>" }.joined(separator: " "))
