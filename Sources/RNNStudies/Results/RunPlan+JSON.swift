import RNNCore
import RNNReport

extension RunPlan {
  /// The full configuration, so that results can be made again.
  package func json(_ more: [(String, JSONValue)]) -> JSONValue {
    let fields: [(String, JSONValue)] = [
      ("task", JSONValue(taskName.rawValue)), ("embedding", JSONValue(model.embedding)),
      ("hidden", JSONValue(model.hidden)), ("layers", JSONValue(model.layers)),
      ("directions", JSONValue(model.directions.rawValue)), ("window", JSONValue(model.window)),
      ("dropout", JSONValue(model.dropout)),
      ("recurrentDropout", JSONValue(model.recurrentDropout)),
      ("init", JSONValue(model.initialization?.description)),
      ("uniformStart", model.uniformStart.map { JSONValue($0) } ?? .null),
      ("optimizer", JSONValue(optimizer.rawValue)),
      ("momentum", JSONValue(momentum)), ("rate", JSONValue(rate)),
      ("weightDecay", JSONValue(weightDecay)), ("batch", JSONValue(batch)),
      ("updates", budget.updates.map { JSONValue($0) } ?? .null),
      ("epochs", budget.epochs.map { JSONValue($0) } ?? .null),
      ("timeLimit", JSONValue(budget.seconds)),
      ("seeds", .array(seeds.map { JSONValue($0) })),
      ("dataSeed", dataSeed.map { JSONValue($0) } ?? .null), ("targetLoss", JSONValue(targetLoss)),
      ("success", JSONValue(success)),
    ]
    return .object(fields + more)
  }

  /// The same in a few words, for the head of a table.
  package var summary: String {
    var parts = ["H \(model.hidden)"]
    if model.layers > 1 { parts.append("\(model.layers) layers") }
    if model.directions != .forward { parts.append(model.directions.rawValue) }
    if let initialization = model.initialization { parts.append("\(initialization) start") }
    if let bound = model.uniformStart { parts.append("everything uniform=\(bound) at the start") }
    parts.append("\(optimizer.rawValue) \(rate), batch \(batch)")
    if let updates = budget.updates { parts.append("\(updates) updates") }
    if let epochs = budget.epochs { parts.append("\(epochs) epochs") }
    if let seconds = budget.seconds {
      parts.append("at most " + NumberFormat.duration(seconds))
    }
    parts.append("\(seeds.count) seed\(seeds.count == 1 ? "" : "s")")
    if let dataSeed { parts.append("data seed \(dataSeed)") }
    return parts.joined(separator: ", ")
  }

  /// A value of the task's metric in its own unit.
  package func format(_ metric: Interval, name: String) -> String {
    guard name != "bits/char" else { return NumberFormat.interval(metric) }
    return NumberFormat.share(metric)
  }
}

extension String {
  /// With a capital at the start and a full stop at the end.
  var asSentence: String {
    guard let first else { return self }
    return first.uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".")
  }
}
