// A model of one's own: does this text answer that question? Two encoders share an embedding,
// attention pools what they read, a loss of one's own judges both. The way forward is all.
//
//   swift run -c release --package-path Examples/OwnModel own-model [updates]

import RNNCore

/// Questions with texts; a text fits (+1) or does not (−1).
struct Pairs: ModelBatch {
  var (questions, texts): (SequenceBatch, SequenceBatch), fits: [Float] = []
  var count: Int { fits.count }
  var tokenCount: Int { questions.tokenCount + texts.tokenCount }

  /// A question names a topic among words that say nothing; a text fits if it names the next topic.
  init(_ count: Int, using random: inout RandomGenerator) throws {
    var (asked, told): ([Example.Input], [Example.Input]) = ([], [])
    for _ in 0..<count {
      func words(_ topic: Int) -> Example.Input {
        let length = 4 + random.integer(below: 5)
        var words = (0..<length).map { _ in Int32(10 + random.integer(below: 20)) }
        words[random.integer(below: words.count)] = Int32(topic % 10)
        return .tokens(words)
      }
      let topic = random.integer(below: 10)
      fits.append(random.uniform() < 0.5 ? 1 : -1)
      asked.append(words(topic))
      told.append(words(topic + (fits.last == 1 ? 1 : 2 + random.integer(below: 8))))
    }
    (questions, texts) = (try SequenceBatch(inputs: asked), try SequenceBatch(inputs: told))
  }
}

final class Matcher: Model {
  let words: Embedding, asker: RecurrentNetwork, teller: RecurrentNetwork
  let focus: AttentionPooling, score: Linear, parameters: ParameterStore

  init(seed: UInt64) throws {
    var layout = ParameterLayout()
    words = Embedding(vocabulary: 30, width: 16, declaringIn: &layout)
    let shape = RecurrentConfiguration(
      cell: .gru(), inputSize: 16, hiddenSize: 16, directions: .concatenated)
    asker = try RecurrentNetwork(shape, prefix: "asker.", declaringIn: &layout)
    teller = try RecurrentNetwork(shape, prefix: "teller.", declaringIn: &layout)
    focus = AttentionPooling(width: 32, prefix: "focus.", declaringIn: &layout)
    score = Linear("score", input: 32, output: 1, declaringIn: &layout)
    parameters = try ParameterStore(layout: layout, start: InitializationPlan(), seed: seed)
  }

  /// z, whose sign says whether the text fits.
  func answers(to batch: Pairs, in pass: Pass) throws(RNNError) -> Rows {
    let question = try focus(asker(words(batch.questions, in: pass)))
    return try score(question * focus(teller(words(batch.texts, in: pass))))
  }

  /// The mean of max(0, 1 − ±z)², a squared hinge.
  func loss(for batch: Pairs, in pass: Pass) throws(RNNError) -> LossValue {
    try answers(to: batch, in: pass).loss { row, z, slope in
      let missing = max(0, 1 - batch.fits[row] * z[0])
      slope[0] = -2 * missing * batch.fits[row] / Float(batch.count)
      return Double(missing * missing) / Double(batch.count)
    }
  }
}

var random = RandomGenerator(seed: 1, for: "pairs")
let model = try Matcher(seed: 1)
let trainer = try Trainer(model, rule: .adam(), rate: 3e-3, clipping: .globalNorm(1))
for update in 1...(CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 400) {
  let loss = try trainer.step(Pairs(32, using: &random)).loss
  if update % 100 == 0 { print("update \(update): loss \(loss)") }
}
try model.parameters.save(to: "matcher.safetensors")
let loaded = try Matcher(seed: 2)
try loaded.parameters.load(from: "matcher.safetensors")
let (test, pass) = (try Pairs(1000, using: &random), loaded.makePass())
try pass.begin()
let right = zip(try loaded.answers(to: test, in: pass).values, test.fits).count { $0[0] * $1 > 0 }
print("right: \(right) of \(test.count)")

// The gradient of a fresh model beside (E(w + h) − E(w − h)) / 2h, some weights a parameter.
let (fresh, few) = (try Matcher(seed: 3), try Pairs(8, using: &random))
let gradients = ParameterStore(layout: fresh.parameters.layout)
try fresh.addGradient(for: few, pass: fresh.makePass(), to: gradients)
var worst = 0.0
for slice in fresh.parameters.layout.slices {
  for index in stride(from: 0, to: slice.count, by: 1 + slice.count / 7) {
    func loss(_ change: Float) throws -> Double {
      var values = try fresh.parameters.values(of: slice.name)
      values[index] += change
      try fresh.parameters.set(slice.name, to: values)
      values[index] -= change
      defer { try? fresh.parameters.set(slice.name, to: values) }
      return try fresh.loss(for: few, pass: fresh.makePass()).value
    }
    let difference = try (loss(0.01) - loss(-0.01)) / 0.02
    worst = max(worst, abs(difference - Double(try gradients.values(of: slice.name)[index])))
  }
}
print("gradients off by at most \(worst)")
