import RNNCore

/// Reads the number of an image, a tab and a question a line.
struct QuestionLines: PredictionReader {
  private var lines: LineReader
  private let images: RGBImages

  init(_ lines: LineReader, images: RGBImages) { (self.lines, self.images) = (lines, images) }

  var hasMoreWaiting: Bool { mutating get { lines.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    let line: TextLine
    switch try lines.nextOrFault() {
    case nil: return nil
    case .failure(let fault): return PredictionRequest(fault)
    case .success(let next): line = next
    }
    if line.content.isBlank, images.count > 0 {
      return PredictionRequest(.question("", image: images[0]))
    }
    let fields = line.content.utf8.split(
      separator: UInt8(ascii: "\t"), maxSplits: 1, omittingEmptySubsequences: false)
    guard fields.count == 2 else {
      return PredictionRequest(
        RNNError(
          .format, line.place, expected: "the number of an image, a tab and a question",
          found: line.content.excerpt))
    }
    guard let number = Substring(fields[0]).words.first.flatMap({ Int($0) }),
      images.indices.contains(number)
    else {
      return PredictionRequest(
        RNNError(
          .range, line.place, expected: "an image from 0 to \(images.count - 1)",
          found: String(Substring(fields[0])).excerpt))
    }
    return PredictionRequest(
      .question(String(Substring(fields[1])), image: images[number]),
      frame: .question(image: number))
  }
}

/// Gives the questions of a folder one after the other.
struct QuestionFolder: PredictionReader {
  private let questions: WrittenQuestions
  private let images: RGBImages
  private var rest: Range<Int>

  init(_ part: VisualQuestionPart) {
    (questions, images) = (part.questions, part.images)
    rest = 0..<questions.count
  }

  var hasMoreWaiting: Bool { true }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    rest.popFirst().map { index in
      let image = questions.image(index)
      return PredictionRequest(
        .question(questions.text(index), image: images[image]), frame: .question(image: image))
    }
  }
}
