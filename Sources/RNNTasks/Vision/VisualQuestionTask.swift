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
  public let training: ItemList<VisualQuestionItem>
  public let validation: ItemList<VisualQuestionItem>
  /// The questions that the final score is taken of.
  public let test: ItemList<VisualQuestionItem>
  public let groupsByLength: Bool
  /// The probability that training shows a word as unknown.
  public let wordDropout: Float

  /// Questions that are answered side by side.
  package static let answeredTogether = 256

  /// Reads a ``VisualQuestionFolder``, with words, answers and patches of `encoding` if there is
  /// one.
  init(
    _ url: URL, _ options: DataOptions, encoding: VisualQuestionEncoding?
  ) throws(RNNError) {
    try options.checkMinimumCount()
    try options.checkWordDropout()
    let data = try VisualQuestionFolder(url)
    let isHeldOut = try Self.heldOut(data.train, options)
    let questions = data.train.questions
    let all = Array(0..<questions.count)
    let learned = all.filter { !isHeldOut[questions.image($0)] }
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
    training = try visual.items(learned, of: data.train)
    let rest = all.filter { isHeldOut[questions.image($0)] }
    validation = options.validationShare > 0 ? try visual.items(rest, of: data.train) : training
    test = try visual.items(
      Array(0..<data.test.questions.count), of: data.test, firstImage: first)
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
    let items = try encoding.items(Array(0..<part.questions.count), of: part)
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

  public var fingerprint: String { fingerprint(.marked) }

  public func hasFingerprint(_ saved: String) -> Bool {
    fingerprint(Fingerprint.Version(of: saved)) == saved
  }

  func fingerprint(_ version: Fingerprint.Version) -> String {
    var print = Fingerprint(version)
    for byte in images.bytes { print.add(byte) }
    for part in [training, validation, test] {
      print.add(part: part) { print, item in
        print.add(item.words)
        print.add(item.answer)
        print.add(item.image)
      }
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
    _ items: ItemList<VisualQuestionItem>, of model: VisualQuestionModel, pass: Pass,
    isFinal: Bool, among ranks: (any RankGroup)? = nil,
    answered: ((_ index: Int, _ answer: String) -> Void)? = nil
  ) throws(RNNError) -> (loss: Double, score: TaskScore) {
    var score = VisualQuestionScore(visual)
    var loss = 0.0
    // Questions about an image are in one batch, so that it is looked at once.
    let images = items.map(\.image)
    let order = items.indices.sorted { (images[$0], $0) < (images[$1], $1) }
    let work = DealtWork(count: order.count, size: Self.answeredTogether, ranks: ranks)
    try work.forEach { places throws(RNNError) in
      let batch = try batch(order[places].map { items[$0] }, for: model)
      let value = try model.loss(for: batch, pass: pass)
      return MeasuredPart(
        loss: value.value * Double(value.elements), elements: value.elements,
        answers: try model.answers(for: batch, pass: pass).map(\.best))
    } _: { places, measured throws(RNNError) in
      loss += measured.loss
      for (place, answer) in zip(order[places], measured.answers) {
        score.add(answer, for: items[place])
        answered?(place, visual.answers[answer])
      }
    }
    return (loss / Double(max(1, items.count)), score.taskScore)
  }

  public var mainMetric: Metric { VisualQuestionScore(visual).taskScore.metrics[0] }
}

extension VisualQuestionEncoding {
  /// Of the words of the questions that are learned from and the answers of the whole part.
  fileprivate init(
    _ part: VisualQuestionPart, _ learned: [Int], _ options: DataOptions
  ) throws(RNNError) {
    let normalization = TextNormalization(lowercase: true)
    var (table, words) = (TokenTable(), [Int32]())
    for index in learned {
      for word in Self.words(of: part.questions.text(index)) {
        words.append(table.id(of: normalization(word)))
      }
    }
    let (known, leavesOut) = try table.vocabulary(of: words, minimumCount: options.minimumCount)
    self.init(
      question: TextEncoding(
        symbols: .words(known), normalization: normalization, isUnknownTrained: leavesOut),
      answers: part.questions.answers.tokens,
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

  /// Some questions of a part in ids, from which items are made when they are asked for.
  ///
  /// Throws `.vocabulary` for an answer that is none of ``answers``.
  fileprivate func items(
    _ members: [Int], of part: VisualQuestionPart, firstImage: Int = 0
  ) throws(RNNError) -> ItemList<VisualQuestionItem> {
    let (ids, questions) = (Vocabulary(answers), part.questions)
    var words = FlatSequences<Int32>()
    var details: [(answer: Int32, question: Int32, kind: VisualQuestionKind)] = []
    details.reserveCapacity(members.count)
    for index in members {
      let (text, answer) = (questions.text(index), questions.answer(index))
      guard let id = ids.knownID(of: answer) else {
        throw RNNError(
          .vocabulary, part.path, expected: "the answers of training", found: answer.excerpt)
      }
      try words.append(encode(text))
      details.append((id, Int32(index), VisualQuestionKind(text, answer: answer)))
    }
    let (flat, all) = (words, details)
    return ItemList(count: members.count) { index in
      let (answer, question, kind) = all[index]
      return VisualQuestionItem(
        words: flat[index], answer: answer,
        image: firstImage + questions.image(Int(question)), kind: kind,
        text: questions.text(Int(question)))
    }
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
