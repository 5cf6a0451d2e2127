import RNNCore

/// One run as a row of the JSON and CSV files.
enum ResultRows {
  static func json(_ result: RunResult, clip: Bool) -> JSONValue {
    var fields: [(String, JSONValue)] = [
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
    if clip {
      fields += [
        ("threshold", JSONValue(result.clipping.threshold.map(decimal))),
        ("clipMode", JSONValue(result.clipping.mode.rawValue)),
        ("clippedShare", JSONValue(result.clips.clippedShare)),
        ("meanScaleWhenClipped", JSONValue(result.clips.meanScaleWhenClipped)),
        ("nonFiniteSteps", JSONValue(result.clips.nonFiniteSteps)),
        ("firstNonFiniteParameter", JSONValue(result.clips.firstNonFinite?.parameter)),
        ("normQuantiles", quantiles(result)),
      ]
    }
    fields.append(("curve", .array(result.curve.map(sample))))
    return .object(fields)
  }

  static func csv(_ results: [RunResult], clip: Bool) -> String {
    let plain = [
      "cell", "seed", "hidden", "parameters", "updates", "trainLoss", "validLoss", "metric",
      "metricName", "tokensPerSecond", "gflops", "peakShare", "seconds", "secondsToTarget",
      "diverged",
    ]
    let clipped =
      ["threshold", "clipMode", "clippedShare"]
      + RunResult.quantileLevels.map { "normQuantile\(Int(($0 * 100).rounded()))" }
    var writer = CSVWriter(columns: clip ? plain + clipped : plain)
    for result in results {
      let field: (Double) -> String = CSVWriter.field
      var row = [
        result.cell, "\(result.seed)", "\(result.hidden)", "\(result.parameters)",
        "\(result.updates)", field(result.trainLoss), field(result.validLoss),
        field(result.metric), result.metricName, field(result.tokensPerSecond),
        field(result.gflops), field(result.peakShare), field(result.seconds),
        result.secondsToTarget.map(field) ?? "", "\(result.diverged)",
      ]
      if clip {
        row += [
          result.clipping.threshold.map { "\($0)" } ?? "", result.clipping.mode.rawValue,
          field(result.clips.clippedShare),
        ]
        let norms = result.clips.normQuantiles(RunResult.quantileLevels)
        row += RunResult.quantileLevels.indices.map { index in norms.map { field($0[index]) } ?? ""
        }
      }
      writer.append(row)
    }
    return writer.text
  }

  private static func sample(_ sample: RunResult.Sample) -> JSONValue {
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
func decimal(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
