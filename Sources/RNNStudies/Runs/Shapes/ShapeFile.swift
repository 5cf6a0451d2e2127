import RNNCore
import RNNReport
import RNNTasks

/// Shapes from a CSV file; every complaint names the file and the line.
///
/// The first line names the columns in any order: `batch,steps,input,hidden,layers`, and if wanted
/// `cell`, `bidirectional` (true, false, 1 or 0) and `lengths` (`LO-HI`, with `steps` empty or at
/// least HI). Blank lines are skipped.
package struct ShapeFile {
  private enum Column: String, CaseIterable {
    case batch, steps, input, hidden, layers, cell, bidirectional, lengths

    static let required: [Column] = [.batch, .steps, .input, .hidden, .layers]
  }

  /// Beyond what any layer has, and far from overflow.
  private static let largest = 10_000_000

  package let shapes: [BenchmarkShape]

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
    guard try reader.next() else {
      throw RNNError(.empty, name, expected: "a header line and shapes", found: "an empty file")
    }
    let columns = try Self.columns(&reader)
    var shapes: [BenchmarkShape] = []
    while try reader.next() { shapes.append(try Self.shape(columns, &reader)) }
    guard !shapes.isEmpty else {
      throw RNNError(.empty, name, expected: "shapes after the header line", found: "none")
    }
    self.shapes = shapes
  }

  // MARK: - Lines

  private static func columns(_ reader: inout CSVReader) throws(RNNError) -> [Column] {
    let names = try reader.names()
    var columns: [Column] = []
    for (field, name) in names.enumerated() {
      guard let column = Column(rawValue: name) else {
        let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
        throw reader.failure(field, expected: "columns of \(known)")
      }
      columns.append(column)
    }
    for column in Column.required where !columns.contains(column) {
      throw RNNError(
        .format, reader.place(), expected: "a column '\(column.rawValue)'",
        found: names.joined(separator: ",").shortened())
    }
    return columns
  }

  // MARK: - Fields

  private static func shape(
    _ columns: [Column], _ reader: inout CSVReader
  ) throws(RNNError) -> BenchmarkShape {
    let place = reader.place()
    var fields: [Column: String] = [:]
    for (field, column) in columns.enumerated() { fields[column] = try reader.text(field) }
    let lengths = try lengths(fields[.lengths] ?? "", at: place)
    return BenchmarkShape(
      cell: try cell(fields[.cell] ?? "", at: place), batch: try number(.batch, fields, at: place),
      steps: try steps(fields, lengths: lengths, at: place),
      input: try number(.input, fields, at: place), hidden: try number(.hidden, fields, at: place),
      layers: try number(.layers, fields, at: place),
      isBidirectional: try flag(fields[.bidirectional] ?? "", at: place), lengths: lengths)
  }

  private static func number(
    _ column: Column, _ fields: [Column: String], at place: String
  ) throws(RNNError) -> Int {
    let text = fields[column] ?? ""
    guard let value = Int(text), (1...largest).contains(value) else {
      throw RNNError(
        .range, "\(place), \(column.rawValue)", expected: "a whole number from 1 to \(largest)",
        found: text.excerpt)
    }
    return value
  }

  private static func steps(
    _ fields: [Column: String], lengths: ClosedRange<Int>?, at place: String
  ) throws(RNNError) -> Int {
    guard let lengths else { return try number(.steps, fields, at: place) }
    if fields[.steps] == "" { return lengths.upperBound }
    let steps = try number(.steps, fields, at: place)
    guard steps >= lengths.upperBound else {
      throw RNNError(
        .range, "\(place), steps", expected: "nothing or at least \(lengths.upperBound) steps",
        found: "\(steps)")
    }
    return steps
  }

  private static func cell(_ text: String, at place: String) throws(RNNError) -> CellKind? {
    if text.isEmpty { return nil }
    do throws(RNNError) {
      return try .measurable(text.printable)
    } catch {
      throw RNNError(
        error.kind, "\(place), \(error.argument)", expected: error.expected, found: error.found)
    }
  }

  private static func flag(_ text: String, at place: String) throws(RNNError) -> Bool {
    switch text {
    case "", "false", "0": return false
    case "true", "1": return true
    default:
      throw RNNError(
        .format, "\(place), bidirectional", expected: "true, false, 1 or 0",
        found: text.excerpt)
    }
  }

  private static func lengths(
    _ text: String, at place: String
  ) throws(RNNError) -> ClosedRange<Int>? {
    if text.isEmpty { return nil }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard ends.count == 2, ends[0] >= 1, ends[0] <= ends[1], ends[1] <= largest else {
      throw RNNError(
        .format, "\(place), lengths", expected: "LO-HI with 1 ≤ LO ≤ HI",
        found: text.excerpt)
    }
    return ends[0]...ends[1]
  }
}
