import FoundationEssentials
import RNNCore
import RNNTasks

/// All that `train` is told beside the files that it writes.
package struct TrainRequest {
  /// What is saved with the model.
  package var settings: TrainSettings
  /// A file or folder; nil for generated data.
  package var data: String?
  /// In seconds.
  package var timeLimit: Double?
  /// Profiles the gradients of every n-th update.
  package var profileEvery: Int?
  package var probe = ProfiledLoss.allAnswers

  package var url: URL? { data.map { URL(place: $0) } }

  package init(_ settings: TrainSettings) { self.settings = settings }
}

extension TrainRequest: SettingRoot {
  package var task: TaskName? { settings.kind }

  package mutating func settle(given: Set<String>, from before: TrainRequest) throws {
    try settings.settle(given: given, from: before.settings)
  }

  package static var declared: [Setting<TrainRequest>] {
    let data: [Setting<TrainRequest>] = [
      .path("data", at: \.data, "Where the data lie").only(
        TaskName.learned.filter { $0 != .transduce })
    ]
    let learning: [Setting<TrainRequest>] = [
      .number(
        "time-limit", at: \.timeLimit, .seconds, placeholder: "seconds",
        "End after that much training, earlier parts included"
      ).otherwise("none").rare
    ]
    let looks: [Setting<TrainRequest>] = [
      .number(
        "profile-every", at: \.profileEvery, .count(from: 1),
        "Profile gradients every n updates"
      ).otherwise("none").unless {
        $0.settings.checkpointing == nil
          ? nil : .init("a run without --checkpoint-steps", found: "one with it")
      },
      .probe(at: \.probe).rare.unless {
        $0.profileEvery == nil ? .init("--profile-every as well", found: "none") : nil
      },
    ]
    return data.map { $0.inSection(.data) } + TrainSettings.declared.map { $0.lifted(\.settings) }
      + learning.map { $0.inSection(.training) } + looks
  }
}
