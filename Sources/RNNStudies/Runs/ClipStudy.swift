import RNNCore
import RNNReport
import RNNTasks

/// Every cell with every clipping threshold and every seed: what `clip` measures.
package struct ClipStudy {
  /// A cell with one threshold.
  package struct Row {
    var choice: CellChoice
    package var clipping: Clipping
    var results: [RunResult] = []
  }

  package let plan: RunPlan
  package private(set) var rows: [Row]

  package init(_ plan: RunPlan) throws {
    self.plan = plan
    let thresholds = try Self.thresholds(plan.thresholds, mode: plan.clipMode)
    rows = try plan.choices.flatMap { choice in
      _ = try plan.configuration(choice)
      return try thresholds.map { threshold in
        Row(
          choice: choice,
          clipping: try threshold.map { try Clipping(plan.clipMode, threshold: $0) } ?? .none)
      }
    }
  }

  /// Reads "none,0.1,1"; every threshold is checked.
  static func thresholds(_ text: String, mode: Clipping.Mode) throws(RNNError) -> [Float?] {
    var thresholds: [Float?] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = part.trimmingPrefix(while: \.isWhitespace)
      guard name != "none" else {
        thresholds.append(nil)
        continue
      }
      guard let value = Float(name) else {
        throw RNNError(
          .format, "--thresholds", expected: "numbers or none, joined by commas",
          found: "'\(String(name).printable)'")
      }
      _ = try Clipping(mode, threshold: value)
      thresholds.append(value)
    }
    return thresholds
  }

  package mutating func run(_ runner: Runner, progress: ProgressReporter) throws {
    for index in rows.indices {
      let row = rows[index]
      rows[index].results = try runner.runAll(
        row.choice, hidden: plan.model.hidden, clipping: row.clipping,
        label: "\(row.choice.name), \(row.clipping.label)", row: (index, rows.count),
        progress: progress)
    }
  }

  package var results: [RunResult] { rows.flatMap(\.results) }

  package var mode: Clipping.Mode { plan.clipMode }
  /// The cells in their order.
  package var choices: [CellChoice] { plan.choices }

  package func rows(of choice: CellChoice) -> [Row] { rows.filter { $0.choice == choice } }
}

extension ClipStudy.Row {
  func successes(_ success: Double) -> Int { results.count { $0.succeeds(at: success) } }

  /// The median over the runs of each one's quantile of the gradient norm: a run on its way out has
  /// norms that decide any mean. Nil when no gradient was finite.
  func normQuantile(_ level: Double) -> Double? {
    results.compactMap { $0.clips.normQuantiles([level])?[0] }.median
  }

  /// Mean validation loss; infinite when a run has none.
  var validLoss: Double {
    let mean = Interval(results.map(\.validLoss)).mean
    return mean.isFinite ? mean : .infinity
  }
}

extension Clipping {
  /// The threshold as text, "none" without.
  package var label: String { threshold.map { "\($0)" } ?? "none" }
}
