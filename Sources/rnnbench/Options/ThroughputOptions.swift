import ArgumentParser
import CLibrary
import RNNCore
import RNNStudies

extension ShapePreset: ExpressibleByArgument {}

/// What `throughput` measures and how long.
struct ThroughputOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "A list of shapes: table (the default), deepbench, onednn or published.")
  var preset: ShapePreset?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Shapes as CSV: batch,steps,input,hidden,layers and if wanted cell,bidirectional,lengths.",
      valueName: "file"))
  var shapes: String?

  @Flag(help: "Measure how the cost grows with T, B, H and threads instead of a list of shapes.")
  var scaling = false

  @Option(
    parsing: .unconditional,
    help: "Cells of shapes that name none, joined by commas (default: lstm,gru,elman).")
  var cells: String?

  @Option(
    parsing: .unconditional,
    help:
      "forward, train, trainDX, inference (these four by default) and trainProfiled, joined by commas."
  )
  var passes: String?

  @Option(
    parsing: .unconditional,
    help: "Numbers of threads, joined by commas (default: all cores).")
  var threads: String?

  @Option(parsing: .unconditional, help: "Time to measure for, a row.") var seconds = 0.5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "sgemm peak to compare with instead of a measured one; several as for --threads.",
      valueName: "gflops"))
  var peak: String?

  @Option(parsing: .unconditional, help: "Seed of weights, inputs and drawn lengths.")
  var seed: UInt64 = 1
}

// MARK: - Values

extension ThroughputOptions {
  /// Throws for options that exclude each other.
  func checkSource() throws(RNNError) {
    let given = [
      shapes == nil ? nil : "--shapes", preset == nil ? nil : "--preset",
      scaling ? "--scaling" : nil,
    ].compactMap { $0 }
    guard given.count <= 1 else {
      throw RNNError(
        .unsupported, "shapes", expected: "one of --preset, --shapes and --scaling",
        found: given.joined(separator: " and "))
    }
  }

  func cellKinds(default standard: [CellKind]) throws -> [CellKind] {
    guard let cells else { return standard }
    return try Self.distinct(cells) { try CellKind.measurable($0) }
  }

  func passKinds(default standard: [ThroughputPass]) throws -> [ThroughputPass] {
    guard let passes else { return standard }
    return try Self.distinct(passes) { text in
      guard let pass = ThroughputPass(rawValue: text) else {
        let known = ThroughputPass.allCases.map(\.rawValue).joined(separator: ", ")
        throw RNNError(.format, "--passes", expected: "passes of \(known)", found: "'\(text)'")
      }
      return pass
    }
  }

  func threadCounts() throws -> [Int] {
    guard let threads else { return [ThreadTeam.shared.count] }
    return try Self.distinct(threads) { text in
      guard let count = Int(text), (1...1024).contains(count) else {
        throw RNNError(
          .range, "--threads", expected: "numbers from 1 to 1024, joined by commas",
          found: "'\(text)'")
      }
      return count
    }
  }

  /// Peaks given for these numbers of threads: one for all, or one for each.
  func givenPeaks(threads: [Int]) throws -> [Int: Double] {
    guard let peak else { return [:] }
    let values = try Self.parts(peak).map { text in
      guard let value = Double(text), value > 0, value.isFinite else {
        throw RNNError(
          .range, "--peak", expected: "GFLOP/s above 0, joined by commas", found: "'\(text)'")
      }
      return value
    }
    guard values.count == 1 || values.count == threads.count else {
      throw RNNError(
        .shape, "--peak", expected: "one number, or \(threads.count) as for --threads",
        found: "\(values.count)")
    }
    return Dictionary(
      uniqueKeysWithValues: threads.enumerated().map { index, count in
        (count, values.count == 1 ? values[0] : values[index])
      })
  }

  func checkedSeconds() throws(RNNError) -> Double {
    guard seconds > 0, seconds.isFinite else {
      throw RNNError(.range, "--seconds", expected: "more than 0 seconds", found: "\(seconds)")
    }
    return seconds
  }

  private static func parts(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false)
      .map(\.trimmed)
  }

  /// The items of a list, each once.
  private static func distinct<T: Equatable>(
    _ text: String, _ read: (String) throws -> T
  ) rethrows -> [T] {
    try parts(text).reduce(into: []) { items, part in
      let item = try read(part)
      if !items.contains(item) { items.append(item) }
    }
  }
}
