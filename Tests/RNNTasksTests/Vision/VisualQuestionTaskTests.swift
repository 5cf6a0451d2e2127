import Foundation
import RNNCore
import Testing

@testable import RNNTasks

/// Bytes of `images_rle.bin`.
struct RunLengthFile {
  var width: Int
  var height: Int
  /// Runs of each image: length and colour.
  var images: [[(length: UInt8, red: UInt8, green: UInt8, blue: UInt8)]]

  var bytes: [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var bytes = Array("RLE1".utf8)
    bytes += number(images.count, 4) + number(width, 2) + number(height, 2)
    for runs in images {
      bytes += number(runs.count, 2)
      for run in runs { bytes += [run.length, run.red, run.green, run.blue] }
    }
    return bytes
  }
}

@Suite("Questions about images from files")
struct VisualQuestionTaskTests {
  /// Images of 4 x 2 pixels: the first with a colour of its own at each pixel, then two of one
  /// colour.
  private static let file: RunLengthFile = {
    var file = RunLengthFile(width: 4, height: 2, images: [[]])
    for pixel in UInt8(0)..<8 {
      let first = 10 * pixel
      file.images[0].append((length: 1, red: first, green: first + 1, blue: first + 2))
    }
    file.images.append([(length: 8, red: 255, green: 0, blue: 0)])
    file.images.append([
      (length: 3, red: 0, green: 255, blue: 0), (length: 5, red: 0, green: 255, blue: 0),
    ])
    return file
  }()

  private static let questions =
    #"[["What color is the shape?","red",1],["is it (a) Red shape?","yes",1],"#
    + #"["what shape is it","box",0],["is it Red?","no",2],["how many?","two",2]]"#

  private static func data(_ directory: TemporaryDirectory, copies: Int = 1) throws -> URL {
    for part in ["train", "test"] {
      var file = file
      file.images = (0..<copies).flatMap { _ in Self.file.images }
      try directory.write(file.bytes, to: "\(part)/images_rle.bin")
      var texts: [String] = []
      for copy in 0..<copies {
        texts.append(
          String(questions.dropFirst().dropLast()).replacing(/,(\d)\]/) {
            ",\(3 * copy + (Int($0.output.1) ?? 0))]"
          })
      }
      try directory.write("[\(texts.joined(separator: ","))]".utf8, to: "\(part)/questions.json")
    }
    return directory.url
  }

  private static func options(patch: Int = 2, validation: Double = 0) -> DataOptions {
    var options = DataOptions()
    (options.patch, options.validationShare, options.minimumCount) = (patch, validation, 1)
    return options
  }

  @Test("Pixels, words, answers and kinds are those of the files")
  func reading() throws {
    let directory = try TemporaryDirectory()
    let task = try #require(
      try makeTask(.vqa, at: Self.data(directory), options: Self.options())
        as? VisualQuestionTask)
    #expect(task.images.count == 6 && task.images.width == 4 && task.images.height == 2)
    #expect(task.images[0].prefix(6) == [0, 1, 2, 10, 11, 12])
    #expect(task.images[4] == Array(repeatElement([255, 0, 0], count: 8).joined()))
    #expect(task.visual.answers == ["red", "yes", "box", "no", "two"])
    #expect(task.training.map(\.kind) == [.colour, .yesNo, .shape, .yesNo, .other])
    #expect(task.training.map(\.image) == [1, 1, 0, 2, 2])
    #expect(task.test.map(\.image) == [4, 4, 3, 5, 5])
    #expect(task.training.map(\.answer) == [0, 1, 2, 3, 4])
    // what color is the shape it a red how many
    #expect(
      task.training[0].words == [0, 1, 2, 3, 4] && task.training[1].words == [2, 5, 6, 7, 4])
    #expect(task.visual.encode("IS the—cat?") == [2, 3, task.visual.question.unknownID])
    #expect(task.training[1].text == "is it (a) Red shape?")
    #expect(task.validation == task.training)
    let again = try makeTask(
      .vqa, at: directory.url, options: Self.options(patch: 1), encoding: task.encoding)
    #expect(again.encoding == task.encoding && again.fingerprint == task.fingerprint)
  }

  @Test("Patches are squares of the image, row by row, each with its pixels row by row")
  func patches() throws {
    let grid = try PatchGrid(width: 4, height: 2, side: 2)
    #expect(grid.rows == 1 && grid.columns == 2 && grid.patchWidth == 12)
    #expect(grid.pixels(of: 1) == (2..<4, 0..<2))
    var numbers: [Float] = [7]
    grid.append((0..<24).map { UInt8(10 * $0) }[...], to: &numbers)
    let expected = [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17]
    #expect(numbers.count == 25 && numbers[0] == 7)
    for (place, byte) in expected.enumerated() {
      #expect(numbers[1 + place] == Float(10 * byte) / 127.5 - 1)
      #expect(numbers[13 + place] == Float(10 * (byte + 6)) / 127.5 - 1)
    }
    for side in [0, -1, 3, 4, 1 << 20] {
      let error = #expect(throws: RNNError.self) {
        try PatchGrid(width: 4, height: 2, side: side)
      }
      #expect(error?.kind == .range && error?.argument == "patch")
    }
  }

  @Test("Validation takes whole images, by the seed, and a batch looks at each image once")
  func parts() throws {
    let directory = try TemporaryDirectory()
    let url = try Self.data(directory, copies: 10)
    func task(seed: UInt64) throws -> VisualQuestionTask {
      var options = Self.options(validation: 0.3)
      options.seed = seed
      return try #require(try makeTask(.vqa, at: url, options: options) as? VisualQuestionTask)
    }
    let first = try task(seed: 1)
    let (learned, heldOut) = (Set(first.training.map(\.image)), Set(first.validation.map(\.image)))
    #expect(heldOut.count == 9 && learned.count == 21 && learned.isDisjoint(with: heldOut))
    #expect(first.training.count + first.validation.count == 50 && first.test.count == 50)
    #expect(try task(seed: 1).validation == first.validation)
    #expect(try task(seed: 2).validation != first.validation)

    let visual = first.visual
    let model = try VisualQuestionModel(
      VisualQuestionConfiguration(
        vocabulary: visual.question.sizeWithUnknown, embedding: 2, hiddenSize: 3,
        image: .init(
          rows: visual.patches.rows, columns: visual.patches.columns,
          patchWidth: visual.patches.patchWidth), answers: visual.answers.count), seed: 1)
    let (loss, score) = try first.score(
      first.test, of: model, pass: model.makePass(), isFinal: true)
    #expect(score.confusion?.total == 50 && loss > 0 && loss.isFinite)
    #expect(
      score.metrics.map(\.name) == [
        "accuracy", "accuracy, yes/no", "accuracy, colour", "accuracy, shape", "accuracy, other",
      ])
    // The kinds make up the whole: 2, 1, 1 and 1 of five questions.
    let values = score.metrics.map(\.value)
    #expect(abs(values[0] - (2 * values[1] + values[2] + values[3] + values[4]) / 5) < 1e-12)
    let answers = try first.answers(to: Array(first.test), of: model, pass: model.makePass())
    #expect(answers.allSatisfy { $0.attention.count == 2 && $0.probabilities.count == 5 })
  }

  @Test("What is learned from a small set is right, and needs the images")
  func learning() throws {
    let directory = try TemporaryDirectory()
    var file = RunLengthFile(width: 4, height: 4, images: [])
    var questions: [String] = []
    var random = RandomGenerator(seed: 3)
    // A red or blue pixel somewhere on white.
    for image in 0..<60 {
      let (place, isRed) = (random.integer(below: 16), random.integer(below: 2) == 0)
      var runs: [(length: UInt8, red: UInt8, green: UInt8, blue: UInt8)] = []
      if place > 0 { runs.append((UInt8(place), 255, 255, 255)) }
      runs.append((1, isRed ? 255 : 0, 0, isRed ? 0 : 255))
      if place < 15 { runs.append((UInt8(15 - place), 255, 255, 255)) }
      file.images.append(runs)
      questions.append(#"["what color is it?","\#(isRed ? "red" : "blue")",\#(image)]"#)
      questions.append(#"["is it red?","\#(isRed ? "yes" : "no")",\#(image)]"#)
    }
    for part in ["train", "test"] {
      try directory.write(file.bytes, to: "\(part)/images_rle.bin")
      try directory.write(
        "[\(questions.joined(separator: ","))]".utf8, to: "\(part)/questions.json")
    }
    let task = try #require(
      try makeTask(.vqa, at: directory.url, options: Self.options()) as? VisualQuestionTask)
    for seesImages in [true, false] {
      let model = try VisualQuestionModel(
        VisualQuestionConfiguration(
          vocabulary: task.visual.question.sizeWithUnknown, embedding: 8, hiddenSize: 16,
          image: seesImages ? .init(rows: 2, columns: 2, patchWidth: 12) : nil,
          answers: task.visual.answers.count), seed: 1, team: ThreadTeam(count: 1))
      let learner = try TaskLearner(
        task, trainer: Trainer(model, rule: .adam(), rate: 1e-2), batch: 16, seed: 1)
      for _ in 0..<240 { _ = try learner.step() }
      let score = try #require(try learner.score(.test))
      let accuracy = score.score.metrics[0].value
      #expect(seesImages ? accuracy == 1 : accuracy < 0.7, "\(accuracy)")
    }
  }

  @Test(
    "Damage is refused with the file and the place",
    arguments: [
      ("train/questions.json", #"[["a","b"]]"#, RNNError.Kind.format, "line 1"),
      ("train/questions.json", #"[["a","b",0,1]]"#, .format, "line 1"),
      ("train/questions.json", #"[["a","b",3]]"#, .format, "line 1"),
      ("train/questions.json", #"[["a","b",-1]]"#, .format, "line 1"),
      ("train/questions.json", #"[["?!","b",0]]"#, .empty, "line 1"),
      ("train/questions.json", #"[["a","",0]]"#, .empty, "line 1"),
      ("train/questions.json", "[]", .empty, "questions.json"),
      ("train/questions.json", "", .empty, "questions.json"),
      ("train/questions.json", #"[["a","b",0]]"#, .range, "train"),
      ("test/questions.json", #"[["a","never",0]]"#, .vocabulary, "test"),
      ("test/images_rle.bin", "", .empty, "images_rle.bin"),
      ("test/images_rle.bin", "RLE2", .format, "byte 4"),
      ("test/images_rle.bin", "RLE1\u{1}\0\0\0\u{1}\0\u{1}", .format, "byte 11"),
      ("test/images_rle.bin", "RLE1\0\0\0\0\u{1}\0\u{1}\0", .empty, "images_rle.bin"),
      ("test/images_rle.bin", "RLE1\u{1}\0\0\0\0\0\u{1}\0", .format, "byte 12"),
      ("test/images_rle.bin", "RLE1\u{1}\0\0\0\u{2}\0\u{1}\0\u{1}\0\u{1}abc", .format, "byte 18"),
      ("test/images_rle.bin", "RLE1\u{1}\0\0\0\u{2}\0\u{1}\0\u{1}\0\u{3}abc", .format, "byte 15"),
      ("test/images_rle.bin", "RLE1\u{1}\0\0\0\u{2}\0\u{1}\0\u{1}\0\0abc", .format, "byte 15"),
      ("test/images_rle.bin", "RLE1\u{1}\0\0\0\u{2}\0\u{1}\0\u{1}\0\u{2}abcd", .format, "byte 18"),
      // An image of another size, without any question that does not fit.
      ("test/images_rle.bin", "RLE1\u{3}\0\0\0\u{1}\0\u{1}\0" + thrice, .shape, "test"),
    ])
  func damage(file: String, text: String, kind: RNNError.Kind, place: String) throws {
    let directory = try TemporaryDirectory()
    let url = try Self.data(directory)
    try directory.write(text.utf8, to: file)
    let error = #expect(throws: RNNError.self) {
      try makeTask(.vqa, at: url, options: Self.options())
    }
    #expect(error?.kind == kind && error?.argument.contains(place) == true, "\(error as Any)")
  }

  private static let thrice = String(repeating: "\u{1}\0\u{1}abc", count: 3)

  @Test("Options and folders without meaning are refused")
  func options() throws {
    let directory = try TemporaryDirectory()
    let url = try Self.data(directory)
    func expect(_ kind: RNNError.Kind, _ change: (inout DataOptions) -> Void) {
      var options = Self.options()
      change(&options)
      let error = #expect(throws: RNNError.self) {
        try makeTask(.vqa, at: url, options: options)
      }
      #expect(error?.kind == kind, "\(error as Any)")
    }
    expect(.range) { $0.patch = 3 }
    expect(.range) { $0.validationShare = 1 }
    expect(.range) { $0.validationShare = .nan }
    expect(.range) { $0.minimumCount = 0 }
    expect(.range) { $0.wordDropout = 1 }
    expect(.empty) { $0.validationShare = 0.99 }
    try FileManager.default.removeItem(at: url.appendingPathComponent("test"))
    expect(.file) { _ in }
    #expect(throws: RNNError.self) { try makeTask(.vqa, at: nil) }
  }
}
