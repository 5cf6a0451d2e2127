import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Time series files")
struct SeriesFileTests {
  static let header = """
    #a comment
    @problemName Tiny
    @timeStamps false
    @univariate false
    @dimensions 2
    @classLabel true up down
    @data

    """

  private func task(
    train: String, test: String, encoding: TaskEncoding? = nil,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> ClassificationTask {
    let directory = try TemporaryDirectory()
    try directory.write(train.utf8, to: "Tiny_TRAIN.ts")
    try directory.write(test.utf8, to: "Tiny_TEST.ts")
    var options = DataOptions()
    options.validationShare = 0
    change(&options)
    return try #require(
      try makeTask(.classify, at: directory.url, options: options, encoding: encoding)
        as? ClassificationTask)
  }

  private static let training = header + "1,3:5,5:down\n-1 , -3: 5,5 : up\r\n"
  private static let testing = header + "0,0,5:5,6,7:up\n"

  @Test("Dimensions stand side by side in a step, standardised by the training set")
  func standardised() throws {
    let task = try task(train: Self.training, test: Self.testing)
    #expect(task.classification.classes == ["up", "down"])
    #expect(task.training.flatMap(\.classes) == [1, 0] && task.test[0].classes == [0])
    #expect(task.shape.input == .features(width: 2) && task.shape.outputs == 2)
    // The first dimension has mean 0 and variance (1 + 9 + 1 + 9)/4 = 5, the second never changes.
    let root = Float(5).squareRoot()
    #expect(task.training[0].features == [1 / root, 0, 3 / root, 0])
    #expect(task.test[0].features == [0, 0, 0, 1, 5 / root, 2])
    #expect(task.validation == task.training && task.test[0].length == 3)
    let cut = try self.task(train: Self.training, test: Self.testing) { $0.mostSteps = 2 }
    #expect(cut.test[0].features == [0, 0, 0, 1])
  }

  @Test("A single file is split; another width or kind does not suit a saved encoding")
  func single() throws {
    let first = try task(train: Self.training, test: Self.testing)
    let again = try task(train: Self.testing, test: Self.training, encoding: first.encoding)
    #expect(again.training == first.test && again.test == first.training)

    let directory = try TemporaryDirectory()
    let series = (0..<20).map { "\($0),1:\($0 % 2 == 0 ? "up" : "down")\n" }.joined()
    let text = Self.header.replacing("@dimensions 2\n", with: "") + series
    let file = try directory.write(text.utf8, to: "one.ts")
    let task = try #require(try makeTask(.classify, at: file) as? ClassificationTask)
    #expect(task.test.count == 2 && task.validation.count == 4)
    #expect(task.shape.input == .features(width: 1))
    let error = #expect(throws: RNNError.self) {
      try makeTask(.classify, at: file, encoding: first.encoding)
    }
    #expect(error?.kind == .shape && error?.found == "series of 1 dimensions")
  }

  @Test(
    "Bad series have file and line",
    arguments: [
      ("1,2:3:up\n", RNNError.Kind.shape, 8), ("1,2:3,4,5:up\n", .shape, 8),
      ("1,2:up\n", .shape, 8), ("up\n", .shape, 8), ("1:2:left\n", .vocabulary, 8),
      ("1:?:up\n", .unsupported, 8), ("1:NaN:up\n", .format, 8), ("1:inf:up\n", .format, 8),
      ("1:1e99:up\n", .format, 8), ("1::up\n", .format, 8), ("1:2:up\n\n1:x:up\n", .format, 10),
    ])
  func badSeries(series: String, kind: RNNError.Kind, line: Int) {
    let error = #expect(throws: RNNError.self) {
      try task(train: Self.header + series, test: Self.testing)
    }
    #expect(error?.kind == kind, "\(String(describing: error))")
    #expect(error?.argument.hasSuffix("Tiny_TRAIN.ts, line \(line)") == true)
  }

  @Test(
    "Bad headers have file and line",
    arguments: [
      ("@timeStamps true\n", RNNError.Kind.unsupported), ("@targetLabel true\n", .unsupported),
      ("@dimensions 0\n", .format), ("@dimensions x\n", .format), ("@classLabel false\n", .format),
      ("@classLabel true a\n", .format), ("@classLabel true a a\n", .format),
      ("@data\n", .format), ("1:2:up\n", .format),
    ])
  func badHeaders(line: String, kind: RNNError.Kind) {
    let error = #expect(throws: RNNError.self) {
      try task(train: line + Self.training, test: Self.testing)
    }
    #expect(error?.kind == kind && error?.argument.hasSuffix("Tiny_TRAIN.ts, line 1") == true)
  }

  @Test("Files without series and doubtful names are refused")
  func files() throws {
    let none = #expect(throws: RNNError.self) {
      try task(train: Self.header, test: Self.testing)
    }
    #expect(none?.kind == .empty)
    let directory = try TemporaryDirectory()
    try directory.write(Self.training.utf8, to: "Tiny_TRAIN.ts")
    let alone = #expect(throws: RNNError.self) {
      try makeTask(.classify, at: directory.url)
    }
    #expect(alone?.expected == "one file NAME_TEST.ts" && alone?.found == "0")
    let huge = Self.header + "3e38:1:up\n-3e38:1:down\n"
    let tiny = try task(train: Self.header + "1e-30:1:up\n2e-30:1:down\n", test: Self.testing)
    #expect(throws: RNNError.self) {
      try task(train: huge, test: huge, encoding: tiny.encoding)
    }
    #expect(try task(train: huge, test: huge).training[0].features == [1, 0])
  }
}
