import CLibrary
import RNNCore
import RNNReport
import RNNTasks

/// All that decides what `throughput` measures and how long.
package struct ThroughputSettings: SettingRoot {
  package var preset = ShapePreset.table
  /// A file of shapes in the place of the preset's.
  package var shapes: String?
  /// Whether the growth with T, B, H and threads is measured in the place of a list of shapes.
  package var scaling = false
  /// Joined by commas; nil for those that suit.
  package var cells: String?
  /// Joined by commas; nil for those that suit.
  package var passes: String?
  /// Joined by commas; nil for all cores.
  package var threads: String?
  /// Of packed and openblas, joined by commas; nil for what the process uses.
  package var products: String?
  /// Milliseconds of rest before each pass.
  package var gap = 0.0
  /// A row.
  package var seconds = 0.5
  /// GFLOP/s joined by commas; nil to measure them.
  package var peak: String?
  package var seed: UInt64 = 1

  package init() {}

  package var task: TaskName? { nil }

  /// Throws for lists that cannot be read.
  package mutating func settle(given: Set<String>, from before: ThroughputSettings) throws {
    _ = (try cellKinds(default: []), try passKinds(default: []), try productBackends())
    _ = try givenPeaks(threads: threadCounts())
  }

  package static var settings: [Setting<ThroughputSettings>] {
    [
      .choice("preset", at: \.preset, "A list of shapes")
        .unless { $0.excluded(by: "--shapes", $0.shapes != nil) }
        .unless { $0.excluded(by: "--scaling", $0.scaling) },
      .path("shapes", at: \.shapes, "Shapes as CSV, see the README")
        .unless { $0.excluded(by: "--scaling", $0.scaling) },
      .toggle("scaling", at: \.scaling, "Measure how cost grows with T, B, H and threads"),
      .words("cells", at: \.cells, placeholder: "list", "Cells of shapes that name none")
        .otherwise("lstm,gru,elman; --scaling: lstm"),
      .words(
        "passes", at: \.passes, placeholder: "list",
        "Of forward, train, trainDX, inference, stream and trainProfiled"
      ).otherwise("all but the last two; --scaling: train"),
      .words("threads", at: \.threads, placeholder: "list", "Numbers of threads")
        .otherwise("all cores"),
      .words(
        "products", at: \.products, placeholder: "list",
        "What multiplies, of packed and openblas; both take turns"
      ).otherwise("RNNCORE_PRODUCTS, or packed with AVX2 and AVX-512, else openblas")
        .unless { $0.scaling ? .init("a list of shapes", found: "--scaling as well") : nil },
      .number("seconds", at: \.seconds, .seconds, placeholder: "x", "Time to measure for, a row"),
      .number("gap", at: \.gap, .milliseconds, placeholder: "ms", "Rest before each pass, in ms"),
      .words(
        "peak", at: \.peak, placeholder: "gflops", "sgemm peak to compare with, one or as --threads"
      ).otherwise("measured"),
      .number("seed", at: \.seed, .any, "Seed of weights, inputs and lengths"),
    ]
  }

  private func excluded(by option: String, _ isGiven: Bool) -> UnusedSetting? {
    isGiven
      ? .init("one of --preset, --shapes and --scaling", found: "\(option) as well") : nil
  }
}

// MARK: - Values

extension ThroughputSettings {
  package func cellKinds(default standard: [CellKind]) throws -> [CellKind] {
    guard let cells else { return standard }
    return try Self.distinct(cells) { try CellKind.measurable($0) }
  }

  package func passKinds(default standard: [ThroughputPass]) throws -> [ThroughputPass] {
    guard let passes else { return standard }
    return try Self.distinct(passes) { text in
      guard let pass = ThroughputPass(rawValue: text) else {
        let known = ThroughputPass.allCases.map(\.rawValue).joined(separator: ", ")
        throw RNNError(
          .format, "--passes", expected: "passes of \(known)", found: text.excerpt)
      }
      return pass
    }
  }

  package func productBackends() throws -> [ProductBackend] {
    guard let products else { return [.standard] }
    return try Self.distinct(products) { text in
      guard let backend = ProductBackend(rawValue: text) else {
        throw RNNError(
          .format, "--products", expected: "packed, openblas or both", found: text.excerpt)
      }
      return backend
    }
  }

  package func threadCounts() throws -> [Int] {
    guard let threads else { return [ThreadTeam.shared.count] }
    return try Self.distinct(threads) { text in
      guard let count = Int(text), (1...1024).contains(count) else {
        throw RNNError(
          .range, "--threads", expected: "numbers from 1 to 1024, joined by commas",
          found: text.excerpt)
      }
      return count
    }
  }

  /// Peaks given for these numbers of threads: one for all, or one for each.
  package func givenPeaks(threads: [Int]) throws -> [Int: Double] {
    guard let peak else { return [:] }
    let values = try Self.parts(peak).map { text in
      guard let value = Double(text), value > 0, value.isFinite else {
        throw RNNError(
          .range, "--peak", expected: "GFLOP/s above 0, joined by commas",
          found: text.excerpt)
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

  private static func parts(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
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
