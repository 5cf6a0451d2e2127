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
  let questions: [WrittenQuestion]

  /// Throws what reading the two files throws, with their names and places.
  init(_ folder: URL) throws(RNNError) {
    path = folder.path
    let images = try RunLengthImages.read(folder.file(Self.imageFile))
    self.images = images
    let file = folder.file("questions.json")
    var reader = try JSONReader(reading: file)
    var questions: [WrittenQuestion] = []
    try reader.array { (reader) throws(RNNError) in
      questions.append(try Self.question(&reader, images: images.count))
    }
    try reader.end()
    guard !questions.isEmpty else {
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
