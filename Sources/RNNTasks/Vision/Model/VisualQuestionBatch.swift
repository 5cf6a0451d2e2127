import RNNCore

/// A question about an image.
public struct VisualQuestion: Sendable, Hashable {
  /// Ids, at least one.
  public var words: [Int32]
  /// Which of the batch's images it is about.
  public var image: Int
  /// The class to be answered with; nil where nobody knows.
  public var answer: Int32?

  /// Makes a question.
  ///
  /// - Parameters:
  ///   - words: word ids, at least one.
  ///   - image: which image of the batch it is about.
  ///   - answer: the class to be answered with; nil where nobody knows.
  public init(words: [Int32], image: Int, answer: Int32? = nil) {
    self.words = words
    self.image = image
    self.answer = answer
  }
}

/// Questions of one batch and the images that they are about. Questions are packed by their
/// lengths; behind the network that reads them, rows are in the order of images, those of an image
/// side by side, so that each image is looked at once however many ask about it.
public struct VisualQuestionBatch: ModelBatch {
  let questions: SequenceBatch
  /// Rows R·P of each image; nothing for a model that knows the questions alone.
  let patches: [Float]
  let imageCount: Int
  /// The question of each row in the order of images.
  let order: [Int]
  /// For each row in the order of images, its question's rank in the packed batch.
  let ranks: [Int]
  /// The answer of each row in the order of images; nil when a question has none.
  let classes: [Int32]?
  /// How many questions each image has, and how many regions; nil for a model that knows the
  /// questions alone.
  let looks: (asked: SequenceLayout, regions: SequenceLayout)?
  /// What the mean loss is divided by: the questions of the batch, or of the batch that this one is
  /// a shard of.
  let answerCount: Int

  /// Throws `.empty` for no questions, a question without words and an image without questions;
  /// `.range` for an image that is not there; `.shape` for patches that are not those of whole
  /// images; `.nonFinite` for a number of a patch that is not finite.
  ///
  /// - Parameters:
  ///   - questions: at least one.
  ///   - patches: the images one after the other, each the numbers of its patches, row by row of
  ///     the grid; not looked at by a model that knows the questions alone.
  ///   - configuration: of the model.
  public init(
    _ questions: [VisualQuestion], patches: [Float],
    for configuration: VisualQuestionConfiguration
  ) throws(RNNError) {
    self.questions = try SequenceBatch(inputs: questions.map { .tokens($0.words) })
    let order = questions.indices.sorted {
      (questions[$0].image, $0) < (questions[$1].image, $1)
    }
    self.order = order
    let ranks = self.questions.layout.ranks
    self.ranks = order.map { ranks[$0] }
    let classes = order.compactMap { questions[$0].answer }
    self.classes = classes.count == order.count ? classes : nil
    answerCount = questions.count
    guard let image = configuration.image else {
      (self.patches, imageCount, looks) = ([], 0, nil)
      return
    }
    imageCount = try Self.count(patches, image)
    looks = (
      try SequenceLayout(lengths: Self.questionCounts(questions, images: imageCount)),
      try SequenceLayout(lengths: [Int](repeating: image.regionCount, count: imageCount))
    )
    self.patches = patches
  }

  /// Part of a batch.
  ///
  /// - Parameters:
  ///   - batch: which is cut.
  ///   - rows: of the questions, in the order of images.
  ///   - images: those that they are about.
  private init(_ batch: VisualQuestionBatch, rows: [Int], images: [Int]) {
    let chosen = rows.map { batch.order[$0] }.sorted()
    questions = batch.questions.selecting(chosen)
    let places = Dictionary(uniqueKeysWithValues: chosen.enumerated().map { ($1, $0) })
    order = rows.compactMap { places[batch.order[$0]] }
    let ranks = questions.layout.ranks
    self.ranks = order.map { ranks[$0] }
    classes = batch.classes.map { classes in rows.map { classes[$0] } }
    let width = batch.patches.count / max(1, batch.imageCount)
    patches = images.flatMap { batch.patches[$0 * width..<($0 + 1) * width] }
    imageCount = images.count
    looks = batch.looks.map {
      ($0.asked.selecting(images), $0.regions.selecting(images))
    }
    answerCount = batch.answerCount
  }

  /// The questions about every `count`-th image from the `index`-th on; without images every
  /// `count`-th question, the longest first.
  public func shard(_ index: Int, of count: Int) -> VisualQuestionBatch? {
    guard let looks else {
      let rows = order.indices.sorted { ranks[$0] < ranks[$1] }
      let chosen = stride(from: index, to: rows.count, by: count).map { rows[$0] }.sorted()
      return chosen.isEmpty ? nil : VisualQuestionBatch(self, rows: chosen, images: [])
    }
    let images = Array(stride(from: index, to: imageCount, by: count))
    guard !images.isEmpty else { return nil }
    var (rows, first) = ([Int](), 0)
    for (image, asked) in looks.asked.lengths.enumerated() {
      if image % count == index { rows += first..<first + asked }
      first += asked
    }
    return VisualQuestionBatch(self, rows: rows, images: images)
  }

  private static func count(
    _ patches: [Float], _ image: VisualQuestionConfiguration.Image
  ) throws(RNNError) -> Int {
    guard patches.count % image.width == 0 else {
      throw RNNError(
        .shape, "patches", expected: "images of \(image.width) numbers",
        found: "\(patches.count) numbers")
    }
    guard let bad = patches.first(where: { !$0.isFinite }) else {
      return patches.count / image.width
    }
    throw RNNError(.nonFinite, "patches", expected: "finite numbers", found: "\(bad)")
  }

  /// How many questions each image has.
  private static func questionCounts(
    _ questions: [VisualQuestion], images: Int
  ) throws(RNNError) -> [Int] {
    var counts = [Int](repeating: 0, count: images)
    for (index, question) in questions.enumerated() {
      guard counts.indices.contains(question.image) else {
        throw RNNError(
          .range, "image of question \(index)", expected: "one of \(images) images",
          found: "\(question.image)")
      }
      counts[question.image] += 1
    }
    if let lonely = counts.firstIndex(of: 0) {
      throw RNNError(
        .empty, "image \(lonely)", expected: "a question about it", found: "none")
    }
    return counts
  }

  /// The number of questions.
  public var count: Int { questions.layout.sequenceCount }
  /// Words of all questions.
  public var tokenCount: Int { questions.layout.rowCount }
}
