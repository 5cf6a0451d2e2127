import FoundationEssentials
import RNNCore
import RNNTasks

/// All that `evaluate` is told beside the model.
package struct EvaluationRequest: SettingRoot {
  /// Of the model.
  package var settings: TrainSettings
  /// A file or folder; nil for generated data.
  package var data: String?
  package var part = HeldOutPart.test
  package var threads: Int?

  package init(_ settings: TrainSettings) { self.settings = settings }

  package var task: TaskName? { settings.kind }
  package var url: URL? { data.map { URL(place: $0) } }

  package mutating func settle(given: Set<String>, from before: EvaluationRequest) {}

  package static var declared: [Setting<EvaluationRequest>] {
    [
      .path("data", at: \.data, "Data of the model's kind; none where they are generated")
        .inSection(.data)
    ]
      + TrainSettings.ofReading.map { $0.lifted(\.settings).shown(as: "the model's") } + [
        .choice("part", at: \.part, "Which part of a folder").inSection(.data),
        .threads(at: \.threads),
      ]
  }
}
