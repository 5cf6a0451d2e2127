import RNNCore
import RNNReport
import RNNTasks

/// One run as a row of the JSON and CSV files: the same fields, named once.
package enum ResultRows {
  package static func json(_ result: RunResult, clip: Bool) -> JSONValue {
    var fields = common(result)
    if clip {
      fields +=
        clipping(result) + [
          ("normQuantiles", quantiles(result)),
          ("normHistory", .array(result.norms.stretches.map(stretch))),
        ]
    }
    return .object(fields + [("curve", .array(result.curve.map(sample)))])
  }

  /// Quantiles get a column each; the curve is left to JSON.
  package static func csv(_ results: [RunResult], clip: Bool) -> String {
    csv(
      results.map { result in
        common(result) + (clip ? clipping(result) + quantileColumns(result) : [])
      })
  }

  /// Rows with the same plain fields.
  static func csv(_ rows: [[Field]]) -> String {
    guard let first = rows.first else { return "" }
    var writer = CSVWriter(columns: first.map(\.key))
    for row in rows { writer.append(row.map { text($0.value) }) }
    return writer.text
  }

  typealias Field = (key: String, value: JSONValue)

  private static func common(_ result: RunResult) -> [Field] {
    [
      ("cell", JSONValue(result.cell)), ("seed", JSONValue(result.seed)),
      ("hidden", JSONValue(result.hidden)), ("parameters", JSONValue(result.parameters)),
      ("updates", JSONValue(result.updates)), ("trainLoss", JSONValue(result.trainLoss)),
      ("validLoss", JSONValue(result.validLoss)), ("metric", JSONValue(result.metric)),
      ("metricName", JSONValue(result.metricName)),
      ("tokensPerSecond", JSONValue(result.tokensPerSecond)), ("gflops", JSONValue(result.gflops)),
      ("peakShare", JSONValue(result.peakShare)), ("seconds", JSONValue(result.seconds)),
      ("secondsToTarget", JSONValue(result.secondsToTarget)),
      ("diverged", JSONValue(result.diverged)),
    ]
  }

  private static func clipping(_ result: RunResult) -> [Field] {
    [
      ("threshold", JSONValue(result.clipping.threshold.map(decimal))),
      ("clipMode", JSONValue(result.clipping.mode.rawValue)),
      ("clippedShare", JSONValue(result.clips.clippedShare)),
      ("meanScaleWhenClipped", JSONValue(result.clips.meanScaleWhenClipped)),
      ("nonFiniteSteps", JSONValue(result.clips.nonFiniteSteps)),
    ] + firstNonFinite(result.clips.firstNonFinite)
  }

  /// Which parameter, in which update, and where in that it came from; all null when all was
  /// finite.
  private static func firstNonFinite(_ first: ClipStatistics.NonFinite?) -> [Field] {
    func number(_ value: Int?) -> JSONValue { value.map { JSONValue($0) } ?? .null }
    let origin = first?.origin
    return [
      ("firstNonFiniteParameter", JSONValue(first?.parameter)),
      ("firstNonFiniteUpdate", number(first.map { $0.step + 1 })),
      ("firstNonFiniteQuantity", JSONValue(origin?.quantity.rawValue)),
      ("firstNonFiniteLayer", JSONValue(origin?.layer)),
      ("firstNonFiniteTimeStep", number(origin?.step)),
      ("firstNonFiniteSequence", number(origin?.sequence)),
    ]
  }

  private static func stretch(_ stretch: NormHistory.Stretch) -> JSONValue {
    [
      "updates": JSONValue(stretch.updates), "low": JSONValue(stretch.low),
      "median": JSONValue(stretch.median), "high": JSONValue(stretch.high),
      "clippedShare": JSONValue(stretch.clippedShare),
      "nonFiniteSteps": JSONValue(stretch.nonFiniteSteps),
    ]
  }

  private static func quantileColumns(_ result: RunResult) -> [Field] {
    let norms = result.clips.normQuantiles(RunResult.quantileLevels)
    return RunResult.quantileLevels.enumerated().map { index, level in
      ("normQuantile\(Int((level * 100).rounded()))", JSONValue(norms?[index]))
    }
  }

  /// A plain value as a CSV field: nothing for null, text without JSON's quotes.
  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .number(let number): CSVWriter.field(number)
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .array, .object: preconditionFailure("a CSV field holds one value")
    }
  }

  private static func sample(_ sample: Course.Look) -> JSONValue {
    [
      "updates": JSONValue(sample.updates), "seconds": JSONValue(sample.seconds),
      "trainLoss": JSONValue(sample.trainLoss), "validLoss": JSONValue(sample.validLoss),
    ]
  }

  private static func quantiles(_ result: RunResult) -> JSONValue {
    guard let norms = result.clips.normQuantiles(RunResult.quantileLevels) else { return .null }
    return .object(
      zip(RunResult.quantileLevels, norms).map { level, norm in ("\(level)", JSONValue(norm)) })
  }
}

/// The decimal number that a `Float` stands for, such as 0.1 for Float(0.1).
package func decimal(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
