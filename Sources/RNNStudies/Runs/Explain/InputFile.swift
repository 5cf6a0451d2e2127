import RNNCore
import RNNReport

/// A sequence from a CSV file: a line a step, a column an input. A first line without numbers is a
/// header.
package struct InputFile {
  /// [T][I]
  package let steps: [[Double]]

  private static let mostSteps = 100_000

  package init(reading path: String) throws(RNNError) {
    try self.init(CSVLines(reading: path), path: path)
  }

  /// - Parameter path: the file's name in complaints.
  package init(text: String, path: String) throws(RNNError) {
    try self.init(CSVLines(text), path: path)
  }

  private init(_ file: CSVLines, path: String) throws(RNNError) {
    let name = path.printable
    var steps: [[Double]] = []
    for (index, line) in file.lines.enumerated() {
      let fields = line.fields
      if index == 0, fields.allSatisfy({ Double($0) == nil }) { continue }
      steps.append(
        try Self.step(fields, width: steps.first?.count, at: "\(name), line \(line.number)"))
    }
    guard !steps.isEmpty else {
      throw RNNError(.empty, name, expected: "a line of numbers a step", found: "none")
    }
    guard steps.count <= Self.mostSteps else {
      throw RNNError(
        .range, name, expected: "at most \(Self.mostSteps) steps", found: "\(steps.count)")
    }
    self.steps = steps
  }

  private static func step(
    _ fields: [String], width: Int?, at place: String
  ) throws(RNNError) -> [Double] {
    var step: [Double] = []
    for field in fields {
      guard let value = Float(field), value.isFinite else {
        throw RNNError(
          .format, place, expected: "finite numbers joined by commas", found: "'\(field.printable)'"
        )
      }
      step.append(Double(value))
    }
    guard width == nil || step.count == width else {
      throw RNNError(
        .shape, place, expected: "\(width ?? 0) numbers as before", found: "\(step.count)")
    }
    return step
  }
}
