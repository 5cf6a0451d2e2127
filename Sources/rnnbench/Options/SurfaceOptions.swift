import ArgumentParser
import RNNCore
import RNNStudies

/// Which surface to draw.
enum SurfaceKind: String, CaseIterable, ExpressibleByArgument {
  /// Pascanu's network of one unit over (w, b).
  case pascanu
  /// w^(T−1): the linear unit of a first lecture.
  case linear
  /// A plane through the parameters of a model.
  case model
}

/// The grid and the paths over it. What is not given suits the kind.
struct SurfaceOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "pascanu, linear or model.")
  var kind: SurfaceKind = .pascanu

  @Option(parsing: .unconditional, help: "Grid points of each axis (default: 101, model 31).")
  var grid: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Range of w, or along the first direction.", valueName: "lo:hi"))
  var xRange: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Range of b, or along the second direction.", valueName: "lo:hi"))
  var yRange: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where descent begins: two numbers joined by a comma.", valueName: "x,y"))
  var start: String?
  @Option(
    parsing: .unconditional,
    help:
      "Learning rate of the descent (default: 0.3; model: a first step of a twentieth of the range)."
  )
  var pathRate: Double?
  @Option(parsing: .unconditional, help: "Steps of the descent at most.") var pathSteps: Int?
  @Option(
    parsing: .unconditional,
    help:
      "One descent each: norms at which gradients are clipped, joined by commas, or none (default: none,1; model: none and half the norm at the start)."
  )
  var thresholds: String?

  @Option(
    name: .customLong("plane"), parsing: .unconditional,
    help: ArgumentHelp(
      "model: random (filter-normalised, the default), or two elements NAME[i],NAME[j].",
      valueName: "plane"))
  var givenPlane: String?

  @Option(
    name: .customLong("weights"), parsing: .unconditional,
    help: ArgumentHelp(
      "linear: weights to compare, joined by commas (default: 1,1.01,0.99,0.01).",
      valueName: "weights"))
  var givenWeights: String?

  var plane: String { givenPlane ?? "random" }
  var weights: String { givenWeights ?? "1,1.01,0.99,0.01" }

  /// Throws for options that a surface of this kind has no use for.
  func checkUse() throws(RNNError) {
    let surfaces: [SurfaceKind] = [.pascanu, .model]
    for (name, isGiven, users) in [
      ("--plane", givenPlane != nil, [.model]), ("--weights", givenWeights != nil, [.linear]),
      ("--grid", grid != nil, surfaces), ("--x-range", xRange != nil, surfaces),
      ("--y-range", yRange != nil, surfaces), ("--start", start != nil, surfaces),
      ("--path-rate", pathRate != nil, surfaces), ("--path-steps", pathSteps != nil, surfaces),
      ("--thresholds", thresholds != nil, surfaces),
    ] where isGiven && !users.contains(kind) {
      throw RNNError(
        .unsupported, name,
        expected: "--kind \(users.map(\.rawValue).joined(separator: " or ")) with it",
        found: "--kind \(kind.rawValue)")
    }
  }
}

// MARK: - Values

extension SurfaceOptions {
  func axis(_ text: String?, _ name: String, standard: ClosedRange<Double>) throws -> SurfaceAxis {
    let count = grid ?? (kind == .model ? 31 : 101)
    try require((2...1000).contains(count), "--grid", "2 to 1000", "\(count)")
    guard let text else { return try SurfaceAxis(standard, count: count) }
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard ends.count == 2, let low = ends[0], let high = ends[1], low < high,
      (high - low).isFinite
    else {
      throw RNNError(
        .format, name, expected: "LO:HI with LO below HI", found: "'\(text)'")
    }
    return try SurfaceAxis(low...high, count: count)
  }

  func startPoint(standard: (u: Double, v: Double)) throws -> (u: Double, v: Double) {
    guard let start else { return standard }
    let numbers = try Self.numbers(start, "--start")
    guard numbers.count == 2 else {
      throw RNNError(
        .format, "--start", expected: "two numbers joined by a comma", found: "'\(start)'")
    }
    return (numbers[0], numbers[1])
  }

  func rules(rate: Double, steps: Int, thresholds standard: String) throws -> [DescentRule] {
    let parts = (thresholds ?? standard).split(separator: ",", omittingEmptySubsequences: false)
    return try parts.map { part in
      let name = part.trimmingPrefix(while: \.isWhitespace)
      let threshold = name == "none" ? nil : try Self.numbers(String(name), "--thresholds")[0]
      let rule = try DescentRule(
        rate: pathRate ?? rate, steps: pathSteps ?? steps, threshold: threshold)
      try require(
        rule.steps <= 100_000, "--path-steps", "at most 100000", "\(rule.steps)")
      return rule
    }
  }

  func weightList() throws -> [Double] { try Self.numbers(weights, "--weights") }

  /// Finite numbers joined by commas.
  private static func numbers(_ text: String, _ name: String) throws(RNNError) -> [Double] {
    var numbers: [Double] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Double(part.trimmingPrefix(while: \.isWhitespace)), number.isFinite else {
        throw RNNError(
          .format, name, expected: "numbers joined by commas", found: "'\(part)'")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The length of a network that has no task, from `--length`.
  static func steps(_ length: String?, standard: Int) throws(RNNError) -> Int {
    guard let length else { return standard }
    guard let steps = Int(length), (2...1_000_000).contains(steps) else {
      throw RNNError(
        .format, "--length", expected: "a number of steps from 2 to 1000000", found: "'\(length)'")
    }
    return steps
  }

  /// Options of models only: their names where they were given.
  static func modelOptions(_ task: TaskOptionGroup, _ training: TrainingOptions) -> [String] {
    let given: [(String, Bool)] = [
      ("--task", task.task != nil), ("--data", task.data != nil),
      ("--cells", training.cells != nil), ("--updates", training.updates != nil),
      ("--epochs", training.epochs != nil), ("--optimizer", training.step.optimizer != nil),
      ("--rate", training.step.rate != nil), ("--batch", training.step.batch != nil),
      ("--time-limit", training.timeLimit != nil),
    ]
    return given.filter(\.1).map(\.0) + training.model.given
  }
}
