import RNNCore
import RNNReport

extension RunPlan {
  /// The full configuration, so that results can be made again.
  ///
  /// - Parameter more: what is known besides.
  package func json(_ more: KeyValuePairs<String, JSONValue> = [:]) -> JSONValue {
    let declared = StudySettings.settings(of: settings.study).json(of: settings)
    return .object(
      [("task", JSONValue(taskName.rawValue))] + declared + more.map { ($0.key, $0.value) })
  }

  /// The same in a few words, for the head of a table.
  package var summary: String {
    let model = settings.model
    var parts = ["H \(model.hidden)"]
    if model.layers > 1 { parts.append("\(model.layers) layers") }
    if model.directions != .forward { parts.append(model.directions.rawValue) }
    if let initialization = model.initialization { parts.append("\(initialization) start") }
    if let bound = model.uniformStart { parts.append("everything uniform=\(bound) at the start") }
    parts.append("\(settings.optimizer.rawValue) \(settings.rate), batch \(settings.batch)")
    if let updates = settings.updates { parts.append("\(updates) updates") }
    if let epochs = settings.epochs { parts.append("\(epochs) epochs") }
    if let seconds = settings.timeLimit {
      parts.append("at most " + NumberFormat.duration(seconds))
    }
    parts.append("\(settings.seeds) seed\(settings.seeds == 1 ? "" : "s")")
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
