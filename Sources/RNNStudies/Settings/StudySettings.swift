import RNNCore
import RNNTasks

/// What is done with models of a task.
package enum Study: String, CaseIterable, Sendable {
  case compare, clip, profile, surface
}

/// All that decides what `compare`, `clip`, `profile` and `surface` do with a task.
package struct StudySettings: LearningSettings {
  package let study: Study
  package let kind: TaskName
  /// A file or folder; nil for generated examples.
  package var data: String?
  /// Steps of a sequence; nil for what suits the task.
  package var lengths: ClosedRange<Int>?
  /// Of generated held-out data.
  package var dataSeed = NamedTask.standardSeed
  /// Joined by commas.
  package var cells: String
  package var model = ModelSettings()
  package var optimizer = OptimizerName.adam
  package var momentum = OptimizerName.standardMomentum
  package var rate: Float = 2e-3
  package var weightDecay: Float = 0
  package var batch = 32
  /// When a run ends: at whatever comes first.
  package var updates: Int? = 600
  package var epochs: Int?
  /// In seconds.
  package var timeLimit: Double?
  package var clipMode = Clipping.Mode.globalNorm
  package var clip: Float = 1
  /// Runs a row.
  package var seeds = 3
  /// Of the first run.
  package var seed: UInt64 = 1
  /// Nil for all cores.
  package var threads: Int?
  /// Validation loss whose first crossing is "time to target"; nil for a tenth of what guessing
  /// has.
  package var targetLoss: Double?
  /// The metric from which a run counts as a success.
  package var success: Double
  /// What rows have in common.
  package var fairness = Fairness.hidden
  /// Joined by commas.
  package var thresholds = "none,0.1,1,10"
  package var probe = ProfiledLoss.lastAnswer

  package var choices: [CellChoice] { (try? CellChoice.list(cells)) ?? [] }

  package mutating func settle(given: Set<String>, from before: StudySettings) throws {
    _ = try CellChoice.list(cells)
    settleLearning(given: given, from: before)
    if study == .clip {
      // The standard rate and start are those of the setting in which clipping decides.
      if given.contains("optimizer"), !given.contains("rate") {
        rate = StudySettings.standard(.compare, for: kind).rate
      }
      _ = try thresholdList()
    }
    // A length that is asked for takes the place of the standard one.
    if !given.isDisjoint(with: ["updates", "epochs", "time-limit"]) {
      if !given.contains("updates") { updates = nil }
      if !given.contains("epochs") { epochs = nil }
    }
    if fairness == .time {
      // Updates and epochs would end a fast cell early.
      (updates, epochs, timeLimit) = (nil, nil, timeLimit ?? 10)
    }
  }

  /// The thresholds of a clipping study, nil for none; each is checked.
  func thresholdList() throws(RNNError) -> [Float?] {
    var list: [Float?] = []
    for part in thresholds.split(separator: ",", omittingEmptySubsequences: false) {
      let name = part.trimmingPrefix(while: \.isWhitespace)
      guard name != "none" else {
        list.append(nil)
        continue
      }
      guard let value = Float(name) else {
        throw RNNError(
          .format, "--thresholds", expected: "numbers or none, joined by commas",
          found: name.excerpt)
      }
      _ = try Clipping(clipMode, threshold: value)
      list.append(value)
    }
    return list
  }

  /// What suits a task when nothing else is asked for.
  ///
  /// - Precondition: `kind` is one of ``TaskName/compared``.
  package static func standard(_ study: Study, for kind: TaskName) -> StudySettings {
    var settings = standard(for: kind, study)
    switch study {
    case .compare: break
    case .clip:
      (settings.cells, settings.optimizer, settings.rate) = ("elman", .momentum, 0.01)
      settings.model.initialization = .orthogonal(gain: 1)
    case .profile:
      settings.cells = "elman,irnn,gru,lstm:forget-bias=1"
      (settings.updates, settings.epochs, settings.seeds) = (300, nil, 1)
    case .surface:
      settings.cells = "elman"
      (settings.updates, settings.epochs, settings.seeds) = (50, nil, 1)
    }
    return settings
  }

  private static func standard(for kind: TaskName, _ study: Study) -> StudySettings {
    func settings(_ cells: String, success: Double, targetLoss: Double?) -> StudySettings {
      StudySettings(
        study: study, kind: kind, cells: cells, targetLoss: targetLoss, success: success)
    }
    var result: StudySettings
    switch kind {
    case .slots:
      result = settings(
        "feedforward,elman,jordan,irnn,gru,lstm", success: 0.99, targetLoss: 0.1)
    case .adding:
      result = settings(
        "feedforward,elman,irnn,gru,lstm:forget-bias=1", success: 0.95, targetLoss: 0.01)
      (result.model.hidden, result.batch, result.updates, result.rate) = (100, 50, 2000, 1e-3)
    case .temporalOrder:
      result = settings("elman,gru,lstm:forget-bias=1", success: 0.99, targetLoss: 0.1)
      (result.model.embedding, result.model.hidden) = (6, 100)
      (result.batch, result.updates, result.rate) = (50, 800, 1e-3)
    case .copy:
      result = settings("elman,irnn,gru,lstm:forget-bias=1", success: 0.99, targetLoss: nil)
      (result.model.embedding, result.model.hidden) = (10, 128)
      (result.batch, result.updates) = (50, 1500)
    case .spelledDigits:
      result = settings(
        "feedforward,elman,gru,lstm,bi-gru,bi-lstm", success: 0.95, targetLoss: 0.1)
      (result.model.embedding, result.updates, result.rate) = (16, 1000, 3e-3)
    case .lm:
      result = settings("feedforward,elman,jordan,irnn,gru,lstm", success: 3, targetLoss: 2)
      (result.model.embedding, result.model.hidden) = (64, 128)
      (result.batch, result.updates) = (50, 300)
    case .tag:
      result = settings(
        "feedforward,elman,jordan,gru,lstm,bi-lstm", success: 0.9, targetLoss: 0.2)
      (result.model.embedding, result.model.hidden, result.model.dropout) = (100, 128, 0.5)
      (result.batch, result.updates, result.epochs, result.rate) = (16, nil, 20, 1e-3)
    case .classify, .music, .translate, .autoencode, .parse, .transduce, .vqa:
      preconditionFailure("no task to compare cells on")
    }
    return result
  }
}

// MARK: - Settings

extension StudySettings: SettingRoot {
  package var task: TaskName? { kind }

  /// The settings of this study.
  package static func settings(of study: Study) -> [Setting<StudySettings>] {
    let repeated: [Setting<StudySettings>] = [
      .number("seeds", at: \.seeds, .count(from: 1), "Runs a row, each with its seed"),
      .number(
        "target-loss", at: \.targetLoss, .positive, placeholder: "x",
        "Validation loss whose crossing is timed"
      ).otherwise("a tenth of guessing's").rare,
      .number(
        "success", at: \.success, .finite, placeholder: "x",
        "Metric that makes a run a success"),
    ]
    let lengths: [Setting<StudySettings>] = [
      .number("epochs", at: \.epochs, .count(from: 1), "Passes over the training data a run")
        .only(.tag, .lm).otherwise("--updates").unless { $0.endsByTime },
      .number(
        "time-limit", at: \.timeLimit, .positive, placeholder: "seconds",
        "Training of a run at most"
      ).otherwise("none"),
    ]
    let clipped: [Setting<StudySettings>] = [
      .choice("clip-mode", at: \.clipMode, placeholder: "mode", "What is clipped"),
      .clip(at: \.clip) { $0.clipMode },
    ]
    let training: [Setting<StudySettings>] =
      switch study {
      case .compare:
        [
          .choice(
            "fair", at: \.fairness, placeholder: "what",
            "What rows have in common")
        ] + repeated + lengths + clipped
      case .clip:
        [
          .words(
            "thresholds", at: \.thresholds, placeholder: "list",
            "Thresholds joined by commas; none is no clipping"),
          .choice(
            "mode", at: \.clipMode, among: Clipping.Mode.allCases.filter { $0 != .none },
            placeholder: "mode", "What is clipped"),
        ] + repeated + lengths
      case .profile: clipped + [.probe(at: \.probe)]
      case .surface: []
      }
    // No surface looks at held-out data.
    let data = ofTask.filter { study != .surface || $0.name != "data-seed" }
    let isOneRun = [.profile, .surface].contains(study)
    let seed =
      isOneRun ? "Seed of weights, order and dropout" : "Seed of the first run; others follow it"
    // What only training has a use for.
    let trained: Set = [
      "optimizer", "momentum", "rate", "weight-decay", "clip-mode", "clip", "dropout",
      "recurrent-dropout",
    ]
    let learning =
      Setting.ofModel + Setting.ofSteps
      + ([updates(of: study)] + training).map { $0.inSection(.training) }
    return data + cells(of: study)
      + learning.map { isOneRun && trained.contains($0.name) ? $0.unless(\.untrained) : $0 }
      + [.seed(at: \.seed, seed), .threads(at: \.threads)]
  }

  private var endsByTime: UnusedSetting? {
    fairness == .time ? .init("--fair hidden or parameters", found: "--fair time") : nil
  }

  private var untrained: UnusedSetting? {
    updates == 0 ? .init("--updates of 1 or more", found: "--updates 0") : nil
  }

  private static func updates(of study: Study) -> Setting<StudySettings> {
    let least = [.profile, .surface].contains(study) ? 0 : 1
    return .number("updates", at: \.updates, .count(from: least), "Training steps")
      .otherwise("--epochs").unless(\.endsByTime)
  }

  private static func cells(of study: Study) -> [Setting<StudySettings>] {
    let isOne = study == .surface
    return [
      .text(
        isOne ? "cell" : "cells", placeholder: isOne ? "cell" : "list",
        isOne ? "Cell, see `rnnbench cells`" : "Rows, see `rnnbench cells`",
        read: \.cells,
        write: { text, root throws(RNNError) in
          let choices = try CellChoice.list(text)
          guard !isOne || choices.count == 1 else {
            throw RNNError(
              .unsupported, "", expected: "one cell to cut through", found: "\(choices.count)")
          }
          root.cells = text
        }
      ).inSection(.model)
    ]
  }

  /// Which examples.
  private static var ofTask: [Setting<StudySettings>] {
    Array(
      in: .data,
      [
        .path("data", at: \.data, "A text, or a folder with train, valid and test")
          .only(.lm, .tag),
        .lengths(at: \.lengths).only(.adding, .temporalOrder, .copy, .spelledDigits, .lm),
        .dataSeed(at: \.dataSeed).only(TaskName.compared.filter { $0 != .tag }).unless {
          $0.data == nil ? nil : .init("generated data", found: "--data as well")
        },
      ])
  }
}

extension Setting {
  static func clip(
    at path: WritableKeyPath<Root, Float>, mode: @escaping (Root) -> Clipping.Mode
  ) -> Setting {
    .number("clip", at: path, .positive, placeholder: "x", "Clipping threshold").unless {
      mode($0) == .none ? .init("a --clip-mode", found: "none") : nil
    }
  }

  static func probe(at path: WritableKeyPath<Root, ProfiledLoss>) -> Setting {
    .text(
      "probe", placeholder: "answer",
      "Whose gradient: last, all or that at a step, from 0",
      read: { $0[keyPath: path].description },
      write: { text, root throws(RNNError) in root[keyPath: path] = try ProfiledLoss(text) })
  }

  static func lengths(at path: WritableKeyPath<Root, ClosedRange<Int>?>) -> Setting {
    .text(
      "length", placeholder: "steps",
      "Steps, digits (spelled-digits) or delay (copy): a number or LO-HI",
      read: { $0[keyPath: path]?.text },
      write: { text, root throws(RNNError) in
        root[keyPath: path] = try ClosedRange(lengths: text)
      }
    ).otherwise("the task's")
  }

  static func dataSeed(at path: WritableKeyPath<Root, UInt64>) -> Setting {
    .number("data-seed", at: path, .any, "Seed of generated data, the same for all runs")
  }

  static func seed(at path: WritableKeyPath<Root, UInt64>, _ meaning: String) -> Setting {
    .number("seed", at: path, .any, meaning)
  }

  static func threads(at path: WritableKeyPath<Root, Int?>) -> Setting {
    .number("threads", at: path, .from(1, to: 1024), "Threads").otherwise("all cores")
  }
}

extension ClosedRange<Int> {
  /// Reads a number or LO-HI.
  ///
  /// - Parameter option: for complaints.
  package init(lengths text: String, option: String = "--length") throws(RNNError) {
    let (least, most) = (1, 1 << 20)
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(ends.count), let low = ends[0], let high = ends.last ?? nil,
      least <= low, low <= high, high <= most
    else {
      throw RNNError(
        .format, option, expected: "a number from \(least) to \(most), or LO-HI",
        found: text.excerpt)
    }
    self = low...high
  }
}
