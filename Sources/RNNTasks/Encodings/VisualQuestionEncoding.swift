import RNNCore

/// How questions about images become word ids and images patches, and class ids answers again.
public struct VisualQuestionEncoding: Hashable, Sendable {
  /// How questions become word ids.
  public let question: TextEncoding
  /// By class id.
  public let answers: [String]
  /// How images are cut.
  public let patches: PatchGrid

  /// The word ids of a question, at least one of any that has words.
  public func encode(_ question: String) -> [Int32] {
    guard case .words(let known) = self.question.symbols else { return [] }
    return Self.words(of: question).map { known.id(of: self.question.normalization($0)) }
  }

  /// The words of a question that have no id of their own, each once.
  public func unknownWords(in question: String) -> [String] {
    self.question.unknownSymbols(in: Self.words(of: question).joined(separator: " "))
  }

  /// Stretches of letters and digits; signs between them are no words.
  static func words(of question: String) -> [String] {
    question.split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }
}

/// How an image is cut into square patches.
public struct PatchGrid: Hashable, Sendable {
  /// Pixels of an image.
  public let width: Int
  /// Pixels from top to bottom of an image.
  public let height: Int
  /// Pixels of a side of a patch.
  public let side: Int

  /// Throws `.range` for a side that does not divide width and height.
  init(width: Int, height: Int, side: Int) throws(RNNError) {
    guard side >= 1, width % side == 0, height % side == 0 else {
      throw RNNError(
        .range, "patch", expected: "a side that divides images of \(width) x \(height) pixels",
        found: "\(side)")
    }
    (self.width, self.height, self.side) = (width, height, side)
  }

  /// Patches from top to bottom and from left to right.
  public var rows: Int { height / side }
  /// Patches from left to right.
  public var columns: Int { width / side }
  /// Numbers of a patch.
  public var patchWidth: Int { 3 * side * side }

  /// The pixels of a patch: columns and rows of the image.
  ///
  /// - Parameter region: its index, row by row of the grid.
  public func pixels(of region: Int) -> (x: Range<Int>, y: Range<Int>) {
    let (left, top) = (region % columns * side, region / columns * side)
    return (left..<left + side, top..<top + side)
  }

  /// Adds the numbers of all patches of an image, row by row of the grid; each colour of a pixel
  /// becomes −1 to 1.
  func append(_ image: ArraySlice<UInt8>, to numbers: inout [Float]) {
    precondition(image.count == 3 * width * height, "an image of the grid's size")
    numbers.reserveCapacity(numbers.count + rows * columns * patchWidth)
    image.withUnsafeBufferPointer { bytes in
      for region in 0..<rows * columns {
        let (columns, lines) = pixels(of: region)
        for line in lines {
          let first = 3 * (line * width + columns.lowerBound)
          for byte in bytes[first..<first + 3 * side] { numbers.append(Float(byte) / 127.5 - 1) }
        }
      }
    }
  }
}

extension VisualQuestionEncoding {
  var jsonFields: [JSONText.Member] {
    [
      .init("question", .object(question.jsonFields)), .init("answers", JSONText(answers)),
      .init("width", JSONText(patches.width)), .init("height", JSONText(patches.height)),
      .init("patch", JSONText(patches.side)),
    ]
  }

  init(_ fields: inout JSONFields) throws(RNNError) {
    var text = try fields.object("question")
    question = try TextEncoding(&text)
    try text.finish()
    guard question.unit == .word else {
      throw fields.failure("question", "words", found: question.unit.rawValue)
    }
    answers = try fields.symbols("answers", atLeast: 2).symbols
    let most = 1 << 16
    let (width, height, side) = (
      try fields.integer("width", in: 1...most), try fields.integer("height", in: 1...most),
      try fields.integer("patch", in: 1...most)
    )
    do throws(RNNError) {
      patches = try PatchGrid(width: width, height: height, side: side)
    } catch {
      throw fields.failure("patch", error.expected, found: error.found)
    }
  }
}
