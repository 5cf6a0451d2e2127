import RNNCore
import RNNReport
import RNNTasks

/// A sequence from a CSV file: a line a step, a column an input. A first line without numbers is a
/// header.
package struct InputFile {
  /// [T][I]
  package let steps: [[Double]]

  private static let mostSteps = 100_000

  package init(reading path: String) throws(RNNError) {
    let name = InputText.name(path)
    try self.init(CSVReader(readingInput: path, name: name), name: name)
  }

  /// - Parameter path: the file's name in complaints.
  package init(text: String, path: String) throws(RNNError) {
    let name = path.printable
    try self.init(CSVReader(parsing: Array(text.utf8), name: name), name: name)
  }

  private init(_ reader: CSVReader, name: String) throws(RNNError) {
    var reader = reader
    var steps: [[Double]] = []
    var isFirst = true
    while try reader.next() {
      defer { isFirst = false }
      if isFirst, try Self.isHeader(&reader) { continue }
      guard steps.count < Self.mostSteps else {
        throw RNNError(
          .range, name, expected: "at most \(Self.mostSteps) steps", found: "more")
      }
      var step: [Double] = []
      for field in 0..<reader.count { step.append(Double(try reader.float(field))) }
      steps.append(step)
    }
    guard !steps.isEmpty else {
      throw RNNError(.empty, name, expected: "a line of numbers a step", found: "none")
    }
    self.steps = steps
  }

  /// Whether no field is a number, also none that is not finite. Throws for a header without names.
  private static func isHeader(_ reader: inout CSVReader) throws(RNNError) -> Bool {
    for field in 0..<reader.count where Double(try reader.text(field)) != nil { return false }
    _ = try reader.names()
    return true
  }
}
