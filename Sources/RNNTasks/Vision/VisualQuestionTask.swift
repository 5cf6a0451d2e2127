import FoundationEssentials
import RNNCore

/// A question about an image with its answer, in ids and as it is written.
public struct VisualQuestionItem: Hashable, Sendable {
  /// Word ids of the question.
  public var words: [Int32]
  /// The class of the answer.
  public var answer: Int32
  /// An index into ``VisualQuestionTask/images``.
  public var image: Int
  /// What the question asks for.
  public var kind: VisualQuestionKind
  /// The question as it is written.
  public var text: String
}

/// What a question asks for.
public enum VisualQuestionKind: String, CaseIterable, Sendable {
  /// Whether something is so.
  case yesNo = "yes/no"
  /// A colour.
  case colour
  /// A shape.
  case shape
  /// Anything else.
  case other

  init(_ question: String, answer: String) {
    let words = Set(VisualQuestionEncoding.words(of: question.lowercased()))
    if ["yes", "no"].contains(answer) {
      self = .yesNo
    } else if !words.isDisjoint(with: ["color", "colour"]) {
      self = .colour
    } else {
      self = words.contains("shape") ? .shape : .other
    }
  }
}

/// Gives each question about an image one of the answers of training, which a
/// ``VisualQuestionModel`` learns.
///
/// A share of the training images is set aside for validation with all their questions, by a seeded
/// draw. Words are those that training asks with so often, and an unknown one for all others; case
/// and punctuation are ignored. The score is the accuracy, over all questions and by what they ask
/// for, with the matrix of confusions.
public struct VisualQuestionTask: BatchTask {
  /// How questions, images and answers become numbers.
  public let visual: VisualQuestionEncoding
  /// Of all parts.
  public let images: RGBImages
  public let training: [VisualQuestionItem]
  public let validation: [VisualQuestionItem]
  /// The questions that the final score is taken of.
  public let test: [VisualQuestionItem]
  public let groupsByLength: Bool
  /// The probability that training shows a word as unknown.
  public let wordDropout: Float

  /// Questions that are answered side by side.
  private static let answeredTogether = 256

  /// Reads a ``VisualQuestionFolder``, with words, answers and patches of `encoding` if there is
  /// one.
  init(
    _ url: URL, _ options: DataOptions, encoding: VisualQuestionEncoding?
  ) throws(RNNError) {
    try options.checkMinimumCount()
    try options.checkWordDropout()
    let data = try VisualQuestionFolder(url)
    let isHeldOut = try Self.heldOut(data.train, options)
    let learned = data.train.questions.filter { !isHeldOut[$0.image] }
    guard !learned.isEmpty else {
      throw RNNError(
        .empty, data.train.path, expected: "questions about images that are not set aside",
        found: "none")
    }
    let visual: VisualQuestionEncoding
    if let encoding {
      visual = encoding
    } else {
      visual = try VisualQuestionEncoding(data.train, learned, options)
    }
    try visual.check(data.train)
    self.visual = visual
    var images = data.train.images
    let first = images.count
    images.append(data.test.images)
    self.images = images
    training = try visual.items(learned, path: data.train.path)
    let rest = data.train.questions.filter { isHeldOut[$0.image] }
    validation =
      options.validationShare > 0
      ? try visual.items(rest, path: data.train.path) : training
    test = try visual.items(data.test.questions, path: data.test.path, firstImage: first)
    groupsByLength = options.groupsByLength
    wordDropout = options.wordDropout
  }

  /// One part alone, all of it.
  init(
    heldOut place: HeldOutPlace, _ options: DataOptions, encoding: VisualQuestionEncoding
  ) throws(RNNError) {
    let part = try VisualQuestionPart(place.entry())
    try encoding.check(part)
    (visual, images, training) = (encoding, part.images, [])
    let items = try encoding.items(part.questions, path: part.path)
    (validation, test) = place.part == .validation ? (items, []) : ([], items)
    (groupsByLength, wordDropout) = (false, 0)
  }

  /// Whether each training image is set aside.
  private static func heldOut(
    _ part: VisualQuestionPart, _ options: DataOptions
  ) throws(RNNError) -> [Bool] {
    guard options.validationShare >= 0, options.validationShare < 1 else {
      throw RNNError(
        .range, "validationShare", expected: "within [0, 1)", found: "\(options.validationShare)")
    }
    var random = options.splitGenerator
    let count = Int((options.validationShare * Double(part.images.count)).rounded())
    var isHeldOut = [Bool](repeating: false, count: part.images.count)
    for image in part.images.indices.shuffled(using: &random).prefix(count) {
      isHeldOut[image] = true
    }
    return isHeldOut
  }

  public var name: String { TaskName.vqa.rawValue }
  public var ownParts: Set<HeldOutPart> { [.test] }
  public var encoding: TaskEncoding { .vqa(visual) }
  public var summary: String {
    "answer questions about images with one of \(visual.answers.count) answers, learned from "
      + "\(training.count) questions"
  }

  public var fingerprint: String {
    var print = Fingerprint()
    for byte in images.bytes { print.add(byte) }
    for item in training + validation + test {
      print.add(item.words)
      print.add(item.answer)
      print.add(item.image)
    }
    return print.text
  }

  public func length(of item: VisualQuestionItem) -> Int { item.words.count }

  public var disturbsTraining: Bool { wordDropout > 0 }

  public func disturbed(
    _ item: VisualQuestionItem, using random: inout RandomGenerator
  ) -> VisualQuestionItem {
    var item = item
    for index in item.words.indices where random.uniform() < wordDropout {
      item.words[index] = visual.question.unknownID
    }
    return item
  }

  public func batch(
    _ items: [VisualQuestionItem], for model: VisualQuestionModel
  ) throws(RNNError) -> VisualQuestionBatch {
    var (places, patches): ([Int: Int], [Float]) = ([:], [])
    let seesImages = model.configuration.image != nil
    let questions = items.map { item in
      let place = places[item.image] ?? places.count
      if place == places.count {
        places[item.image] = place
        if seesImages { append(image: item.image, to: &patches) }
      }
      return VisualQuestion(words: item.words, image: place, answer: item.answer)
    }
    return try VisualQuestionBatch(questions, patches: patches, for: model.configuration)
  }

  private func append(image: Int, to patches: inout [Float]) {
    let size = images.imageSize
    visual.patches.append(images.bytes[image * size..<(image + 1) * size], to: &patches)
  }

  /// What the model says to each item; see ``VisualQuestionModel/answers(for:pass:)``.
  public func answers(
    to items: [VisualQuestionItem], of model: VisualQuestionModel, pass: Pass
  ) throws(RNNError) -> [VisualAnswer] {
    try model.answers(for: batch(items, for: model), pass: pass)
  }

  /// The accuracy first.
  public func score(
    _ items: [VisualQuestionItem], of model: VisualQuestionModel, pass: Pass,
    isFinal: Bool, answered: ((_ index: Int, _ answer: String) -> Void)? = nil
  ) throws(RNNError) -> (loss: Double, score: TaskScore) {
    var score = VisualQuestionScore(visual)
    var loss = 0.0
    // Questions about an image are in one batch, so that it is looked at once.
    let order = items.indices.sorted { (items[$0].image, $0) < (items[$1].image, $1) }
    for first in stride(from: 0, to: order.count, by: Self.answeredTogether) {
      let places = order[first..<min(first + Self.answeredTogether, order.count)]
      let part = places.map { items[$0] }
      let batch = try batch(part, for: model)
      let value = try model.loss(for: batch, pass: pass)
      loss += value.value * Double(value.elements)
      for (place, answer) in zip(places, try model.answers(for: batch, pass: pass)) {
        score.add(answer.best, for: items[place])
        answered?(place, visual.answers[answer.best])
      }
    }
    return (loss / Double(max(1, items.count)), score.taskScore)
  }

  public var mainMetric: Metric { VisualQuestionScore(visual).taskScore.metrics[0] }
}

extension VisualQuestionEncoding {
  /// Of the words of the questions that are learned from and the answers of the whole part.
  fileprivate init(
    _ part: VisualQuestionPart, _ learned: [WrittenQuestion], _ options: DataOptions
  ) throws(RNNError) {
    let normalization = TextNormalization(lowercase: true)
    let words = learned.flatMap { Self.words(of: $0.text).map { normalization($0) } }
    let known = try Vocabulary(words, minimumCount: options.minimumCount)
    self.init(
      question: TextEncoding(
        symbols: .words(known), normalization: normalization,
        isUnknownTrained: words.contains { known.knownID(of: $0) == nil }),
      answers: Vocabulary(part.questions.map(\.answer)).symbols,
      patches: try PatchGrid(
        width: part.images.width, height: part.images.height, side: options.patch))
  }

  /// Throws unless the images are of the size that this encodes, and there is a choice.
  fileprivate func check(_ part: VisualQuestionPart) throws(RNNError) {
    guard (part.images.width, part.images.height) == (patches.width, patches.height) else {
      throw RNNError(
        .shape, part.path, expected: "images of \(patches.width) x \(patches.height) pixels",
        found: "\(part.images.width) x \(part.images.height)")
    }
    guard answers.count >= 2 else {
      throw RNNError(
        .range, part.path, expected: "two or more answers", found: "\(answers.count)")
    }
  }

  fileprivate func items(
    _ questions: [WrittenQuestion], path: String, firstImage: Int = 0
  ) throws(RNNError) -> [VisualQuestionItem] {
    let ids = Vocabulary(answers)
    var items: [VisualQuestionItem] = []
    items.reserveCapacity(questions.count)
    for question in questions {
      guard let answer = ids.knownID(of: question.answer) else {
        throw RNNError(
          .vocabulary, path, expected: "the answers of training", found: question.answer.excerpt)
      }
      items.append(
        VisualQuestionItem(
          words: encode(question.text), answer: answer, image: firstImage + question.image,
          kind: VisualQuestionKind(question.text, answer: question.answer), text: question.text))
    }
    return items
  }
}

/// Counts of answers to ``VisualQuestionItem``s.
private struct VisualQuestionScore {
  private var confusion: ConfusionMatrix
  private var kinds: [VisualQuestionKind: AnswerCount] = [:]

  init(_ encoding: VisualQuestionEncoding) { confusion = ConfusionMatrix(names: encoding.answers) }

  mutating func add(_ answer: Int, for item: VisualQuestionItem) {
    confusion.add(gold: Int(item.answer), predicted: answer)
    kinds[item.kind, default: AnswerCount()].add(answer == Int(item.answer))
  }

  var taskScore: TaskScore {
    let all = Metric(name: "accuracy", value: confusion.accuracy, higherIsBetter: true)
    let byKind = VisualQuestionKind.allCases.compactMap { kind in
      kinds[kind].map {
        Metric(name: "accuracy, \(kind.rawValue)", value: $0.share, higherIsBetter: true)
      }
    }
    return TaskScore(metrics: [all] + byKind, confusion: confusion)
  }
}
