internal import CLibrary
import FoundationEssentials
import RNNCore

/// A question about an image as it is written.
struct WrittenQuestion: Hashable, Sendable {
  var text: String
  var answer: String
  /// Which image of its part it is about.
  var image: Int
}

/// Questions about images: the bytes of their texts in one array, answers as numbers.
struct WrittenQuestions: Sendable {
  private var texts = FlatSequences<UInt8>()
  private var answerIDs: [Int32] = []
  private var imageIDs: [Int32] = []
  /// The answers in order of first appearance.
  private(set) var answers = TokenTable()

  /// How many questions there are.
  var count: Int { texts.count }

  mutating func append(_ question: WrittenQuestion) throws(RNNError) {
    try texts.append(question.text.utf8)
    answerIDs.append(answers.id(of: question.answer))
    imageIDs.append(Int32(question.image))
  }

  /// Which image a question is about.
  func image(_ index: Int) -> Int { Int(imageIDs[index]) }

  /// What is asked.
  func text(_ index: Int) -> String { String(decoding: texts[index], as: UTF8.self) }

  /// What is to be answered.
  func answer(_ index: Int) -> String { answers.tokens[Int(answerIDs[index])] }
}

/// One part of a set of questions about images: a folder with `images_rle.bin` (see
/// ``RunLengthImages``) and `questions.json`, a list of `[question, answer, image]` with images
/// from 0.
///
/// This is easy-VQA (Zhou 2019) with its pictures unpacked.
struct VisualQuestionPart: Sendable {
  /// The name of the file with the images.
  static let imageFile = "images_rle.bin"

  let path: String
  let images: RGBImages
  let questions: WrittenQuestions

  /// Throws what reading the two files throws, with their names and places.
  init(_ folder: URL) throws(RNNError) {
    path = folder.path
    let images = try RunLengthImages.read(folder.file(Self.imageFile))
    self.images = images
    let file = folder.file("questions.json")
    var reader = try JSONReader(reading: file)
    var questions = WrittenQuestions()
    try reader.array { (reader) throws(RNNError) in
      try questions.append(Self.question(&reader, images: images.count))
    }
    try reader.end()
    guard questions.count > 0 else {
      throw RNNError(.empty, file.path, expected: "questions", found: "none")
    }
    self.questions = questions
  }

  private static func question(
    _ reader: inout JSONReader, images: Int
  ) throws(RNNError) -> WrittenQuestion {
    var question = WrittenQuestion(text: "", answer: "", image: 0)
    var count = 0
    try reader.array { (reader) throws(RNNError) in
      switch count {
      case 0:
        let place = try reader.place()
        question.text = try reader.string()
        guard !VisualQuestionEncoding.words(of: question.text).isEmpty else {
          throw RNNError(
            .empty, "\(place)", expected: "a question of words", found: question.text.excerpt)
        }
      case 1:
        let place = try reader.place()
        question.answer = try reader.string().trimmed
        guard !question.answer.isEmpty else {
          throw RNNError(.empty, "\(place)", expected: "an answer", found: "an empty text")
        }
      case 2: question.image = try reader.integer(in: 0...images - 1)
      default: throw reader.failure("a question, an answer and an image", found: "more")
      }
      count += 1
    }
    guard count == 3 else {
      throw reader.failure("a question, an answer and an image", found: "\(count) of them")
    }
    return question
  }
}

/// A folder with the folders `train` and `test`.
struct VisualQuestionFolder: Sendable {
  let train: VisualQuestionPart
  let test: VisualQuestionPart

  /// Throws what reading the parts throws, and `.shape` for images of two sizes.
  init(_ url: URL) throws(RNNError) {
    let folders = try Folder(url, expected: "a directory with train and test").folders
    func part(_ part: DataPart) throws(RNNError) -> VisualQuestionPart {
      guard let folder = try part.entry(among: folders) else {
        throw RNNError(
          .file, url.path,
          expected: "a folder \(part.rawValue) with images_rle.bin and questions.json",
          found: "none")
      }
      return try VisualQuestionPart(folder)
    }
    train = try part(.train)
    test = try part(.test)
    guard (train.images.width, train.images.height) == (test.images.width, test.images.height)
    else {
      throw RNNError(
        .shape, test.path,
        expected: "images of \(train.images.width) x \(train.images.height) pixels",
        found: "\(test.images.width) x \(test.images.height)")
    }
  }
}
