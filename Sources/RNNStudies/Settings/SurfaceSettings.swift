import RNNCore
import RNNReport
import RNNTasks

/// Which surface to draw.
package enum SurfaceKind: Hashable, Sendable {
  /// Pascanu's network of one unit over (w, b).
  case pascanu
  /// w^(T−1): the linear unit of a first lecture.
  case linear
  /// A plane through the parameters of a model of a task.
  case model(TaskName)

  package var name: String {
    switch self {
    case .pascanu: "pascanu"
    case .linear: "linear"
    case .model: "model"
    }
  }
}

/// All that decides what `surface` draws.
package struct SurfaceSettings {
  package let surface: SurfaceKind
  /// Of the model.
  package var study: StudySettings
  /// Of a network that has no task.
  package var steps: Int
  package var grid: Int
  /// As they are written, `LO:HI`; nil for what suits the surface.
  package var xRange: String?
  package var yRange: String?
  /// As it is written, `X,Y`; nil for what suits the surface.
  package var start: String?
  /// Nil for what suits the surface.
  package var pathRate: Double?
  package var pathSteps: Int
  /// Joined by commas; nil for what suits the surface.
  package var thresholds: String?
  package var plane = "random"
  package var weights = "1,1.01,0.99,0.01"

  /// What suits a surface when nothing else is asked for.
  package static func standard(_ surface: SurfaceKind) -> SurfaceSettings {
    let task: TaskName = if case .model(let task) = surface { task } else { .adding }
    let isModel = surface.name == "model"
    return SurfaceSettings(
      surface: surface, study: .standard(.surface, for: task),
      steps: surface == .linear ? 1000 : 50, grid: isModel ? 31 : 101,
      pathSteps: isModel ? 30 : 60)
  }
}

extension SurfaceSettings: SettingRoot {
  package var task: TaskName? {
    if case .model(let task) = surface { task } else { nil }
  }

  package mutating func settle(given: Set<String>, from before: SurfaceSettings) throws {
    if case .model = surface { try study.settle(given: given, from: before.study) }
    // Texts of forms of their own: what is wrong with them shows before any work is done.
    _ = try axes(x: 0...1, y: 0...1)
    _ = (try startPoint(standard: (0, 0)), try rules(rate: 1, thresholds: "none"), try weightList())
  }

  /// The settings of that surface.
  package static func settings(of surface: SurfaceKind) -> [Setting<SurfaceSettings>] {
    switch surface {
    case .pascanu: [ofSteps(to: 1000)] + ofGrid(isModel: false)
    case .linear:
      [
        ofSteps(to: 1_000_000),
        .words(
          "weights", at: \.weights, placeholder: "list", "Weights to compare, joined by commas"
        )
        .inSection(.surface),
      ]
    case .model:
      StudySettings.settings(of: .surface).map { $0.lifted(\.study) }
        + [
          .words(
            "plane", at: \.plane, placeholder: "plane",
            "random, filter-normalised, or two elements NAME[i],NAME[j]"
          ).inSection(.surface)
        ] + ofGrid(isModel: true)
    }
  }

  private static func ofSteps(to most: Int) -> Setting<SurfaceSettings> {
    .number("length", at: \.steps, .from(2, to: most), "Steps of the network").inSection(.surface)
  }

  private static func ofGrid(isModel: Bool) -> [Setting<SurfaceSettings>] {
    Array(
      in: .surface,
      [
        .number("grid", at: \.grid, .from(2, to: 1000), "Grid points of each axis"),
        .words(
          "x-range", at: \.xRange, placeholder: "lo:hi",
          isModel ? "Range along the first direction" : "Range of w"
        ).otherwise("what suits it"),
        .words(
          "y-range", at: \.yRange, placeholder: "lo:hi",
          isModel ? "Range along the second direction" : "Range of b"
        ).otherwise("what suits it"),
        .words("start", at: \.start, placeholder: "x,y", "Where descent begins")
          .otherwise("what suits it"),
        .number(
          "path-rate", at: \.pathRate, .positive, placeholder: "x", "Learning rate of the descent"
        )
        .otherwise("what suits it"),
        .number(
          "path-steps", at: \.pathSteps, .from(1, to: 100_000), "Steps of the descent at most"),
        .words(
          "thresholds", at: \.thresholds, placeholder: "list",
          "A descent for each: norms at which gradients are clipped, or none"
        ).otherwise("none and one that suits"),
      ])
  }
}

// MARK: - Values

extension SurfaceSettings {
  /// The axes: what is set, or these ranges.
  package func axes(
    x: ClosedRange<Double>, y: ClosedRange<Double>
  ) throws -> (x: SurfaceAxis, y: SurfaceAxis) {
    (
      try SurfaceAxis(Self.range(xRange, "--x-range") ?? x, count: grid),
      try SurfaceAxis(Self.range(yRange, "--y-range") ?? y, count: grid)
    )
  }

  private static func range(
    _ text: String?, _ name: String
  ) throws(RNNError) -> ClosedRange<Double>? {
    guard let text else { return nil }
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard ends.count == 2, let low = ends[0], let high = ends[1], low < high,
      (high - low).isFinite
    else {
      throw RNNError(
        .format, name, expected: "LO:HI with LO below HI", found: text.excerpt)
    }
    return low...high
  }

  package func startPoint(standard: (u: Double, v: Double)) throws -> (u: Double, v: Double) {
    guard let start else { return standard }
    let numbers = try Self.numbers(start, "--start")
    guard numbers.count == 2 else {
      throw RNNError(
        .format, "--start", expected: "two numbers joined by a comma", found: start.excerpt
      )
    }
    return (numbers[0], numbers[1])
  }

  /// Descents with what is set, or else these.
  package func rules(rate: Double, thresholds standard: String) throws -> [DescentRule] {
    let parts = (thresholds ?? standard).split(separator: ",", omittingEmptySubsequences: false)
    return try parts.map { part in
      let name = part.trimmingPrefix(while: \.isWhitespace)
      let threshold = name == "none" ? nil : try Self.numbers(String(name), "--thresholds")[0]
      return try DescentRule(rate: pathRate ?? rate, steps: pathSteps, threshold: threshold)
    }
  }

  package func weightList() throws -> [Double] { try Self.numbers(weights, "--weights") }

  /// Finite numbers joined by commas.
  private static func numbers(_ text: String, _ name: String) throws(RNNError) -> [Double] {
    var numbers: [Double] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Double(part.trimmingPrefix(while: \.isWhitespace)), number.isFinite else {
        throw RNNError(
          .format, name, expected: "numbers joined by commas",
          found: part.excerpt)
      }
      numbers.append(number)
    }
    return numbers
  }
}
