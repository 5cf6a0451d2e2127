internal import CLibrary
import RNNCore

/// A tagger with its words, tags and intents.
struct TagModel: AnsweringModel {
  private let tagging: TaggingEncoding
  /// How chunks are written; nil for the training data's scheme.
  private let scheme: TagScheme?
  private let model: SequenceModel
  private let pass: ModelPass

  init(
    _ file: ModelFile, _ tagging: TaggingEncoding, scheme: TagScheme?, _ team: ThreadTeam
  ) throws(RNNError) {
    (self.tagging, self.scheme) = (tagging, scheme)
    model = try SequenceModel(file, team: team)
    try file.require(
      model.configuration, input: tagging.words.sizeWithUnknown, outputs: tagging.tags.count)
    pass = model.makePass()
  }

  func check(_ input: PredictionInput) throws(RNNError) { _ = try words(of: input) }

  func size(of input: PredictionInput) -> Int {
    ((try? words(of: input).count) ?? 0) * (tagging.tags.count + model.configuration.hiddenSize)
  }

  private func words(of input: PredictionInput) throws(RNNError) -> [String] {
    switch input {
    case .text(let text): tagging.words(of: text)
    case .words(let words): words
    default: throw input.refused("a sentence")
    }
  }

  func predictions(
    for inputs: [PredictionInput], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction] {
    try inputs.answered { (input) throws(RNNError) -> [Int32]? in
      let words = try words(of: input)
      return words.isEmpty ? nil : tagging.encode(words)
    } _: { (sentences) throws(RNNError) in
      try answers(to: sentences, detail)
    }
  }

  private func answers(
    to sentences: [[Int32]], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction] {
    let inputs = sentences.map { Example.Input.tokens($0) }
    var (answers, probabilities): ([SequencePrediction], [[Float]])
    if detail.isAsked {
      (answers, probabilities) = try model.predictionsAndProbabilities(for: inputs, pass: pass)
    } else {
      answers = try model.predictions(for: inputs, pass: pass)
      probabilities = []
    }
    let classes = tagging.tags.count
    return answers.enumerated().map { index, answer in
      let ids = answer.classIDs
      var tags = tagging.tags(of: ids, scheme: scheme).map { ClassAnswer(name: $0) }
      if detail.isAsked {
        for step in ids.indices {
          tags[step].add(
            probabilities[index][step * classes..<(step + 1) * classes], answer: Int(ids[step]),
            detail, name: tagging.tags.name)
        }
      }
      return Prediction(
        .tags(tags, intent: intent(of: answer, detail)), tokens: ids.count,
        unknownTokens: sentences[index].count { $0 == tagging.words.unknownID })
    }
  }

  private func intent(
    of answer: SequencePrediction, _ detail: Predictor.Detail
  ) -> ClassAnswer? {
    guard let names = tagging.intents, let sentence = answer.sentence,
      let id = tagging.intent(of: answer)
    else { return nil }
    var intent = ClassAnswer(name: names.all[Int(id)])
    if detail.isAsked {
      intent.add(softmax(sentence.logits)[...], answer: Int(id), detail, name: names.name)
    }
    return intent
  }
}

extension ClassAnswer {
  /// Adds what was asked for of the probabilities of all classes.
  ///
  /// - Parameters:
  ///   - probabilities: by class id.
  ///   - answer: the class that was answered.
  ///   - name: of a class id; nil for those that are never answered.
  mutating func add(
    _ probabilities: ArraySlice<Float>, answer: Int, _ detail: Predictor.Detail,
    name: (Int32) -> String?
  ) {
    if detail.hasProbabilities {
      probability = probabilities[probabilities.startIndex + answer]
    }
    guard detail.top > 0 else { return }
    // Among equals the lowest class, as for answers.
    var best: [(id: Int32, probability: Float)] = []
    for (id, probability) in zip(Int32(0)..., probabilities) {
      if best.count == detail.top, probability <= best[detail.top - 1].probability { continue }
      guard name(id) != nil else { continue }
      if best.count == detail.top { best.removeLast() }
      let place = best.lastIndex { $0.probability >= probability }.map { $0 + 1 } ?? 0
      best.insert((id, probability), at: place)
    }
    likeliest = best.compactMap { id, probability in
      name(id).map { Choice(name: $0, probability: probability) }
    }
  }
}

/// e^z/Σ e^z.
func softmax(_ logits: [Float]) -> [Float] {
  let top = logits.max() ?? 0
  let powers = logits.map { exp(Double($0 - top)) }
  let sum = powers.reduce(0, +)
  return powers.map { Float($0 / sum) }
}

extension ModelFile {
  /// Throws `.format` unless a model of sequences has the sizes of its encoding.
  ///
  /// - Parameters:
  ///   - input: the number of tokens, or of features.
  ///   - outputs: the number of classes.
  func require(
    _ model: ModelConfiguration, input: Int, outputs: Int
  ) throws(RNNError) {
    let size =
      switch model.input {
      case .tokens(let vocabulary, _): vocabulary
      case .features(let width): width
      }
    guard size == input, model.outputs == outputs else {
      throw RNNError(
        .format, path, expected: "a model that fits its own vocabulary",
        found: "one of another shape")
    }
  }
}
