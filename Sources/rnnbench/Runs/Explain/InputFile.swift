import Foundation
import RNNCore

/// A sequence from a CSV file: a line a step, a column an input. A first line without numbers is a header.
struct InputFile {
  /// [T][I]
  let steps: [[Double]]

  private static let mostSteps = 100_000

  init(reading path: String) throws(RNNError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      let exists = FileManager.default.fileExists(atPath: path)
      throw RNNError(
        .file, path.printable, expected: "a file that can be read",
        found: exists ? "an unreadable file or a directory" : "no such file")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw RNNError(.format, path.printable, expected: "text in UTF-8", found: "other bytes")
    }
    try self.init(text: text, path: path)
  }

  /// - Parameter path: the file's name in complaints.
  init(text: String, path: String) throws(RNNError) {
    let name = path.printable
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().map { (number: $0 + 1, text: $1.trimmingCharacters(in: .whitespaces)) }
      .filter { !$0.text.isEmpty }
    var steps: [[Double]] = []
    for (index, line) in lines.enumerated() {
      let fields = line.text.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
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
