import FoundationEssentials
import RNNCore
import RNNTasks

/// All that `predict` is told beside the model and the file that it writes.
package struct PredictionSettings: SettingRoot {
  /// How answers are written.
  package enum Format: String, CaseIterable, Sendable {
    /// As the inputs are.
    case input
    /// A JSON object each.
    case json
  }

  /// What is done with an input that cannot be read.
  package enum ErrorPolicy: String, CaseIterable, Sendable {
    /// The run ends.
    case stop
    /// Its answer says so.
    case mark
  }

  /// Of the model.
  package var settings: TrainSettings
  /// A file or folder; nil for standard input.
  package var data: String?
  package var part = HeldOutPart.test
  package var input: PredictionFormat?
  package var images: String?
  package var format = Format.input
  package var hasProbabilities = false
  package var top = 0
  /// Whether each line of a language model continues the one before.
  package var goesOn = true
  package var onError = ErrorPolicy.stop
  package var threads: Int?

  package init(_ settings: TrainSettings) { self.settings = settings }

  package var task: TaskName? { settings.kind }

  package mutating func settle(given: Set<String>, from before: PredictionSettings) {
    if given.contains("columns"), input == nil { input = .columns }
  }

  package static var declared: [Setting<PredictionSettings>] {
    let reading: [Setting<PredictionSettings>] = [
      .path("data", at: \.data, "New data: a file or folder").otherwise("standard input"),
      .choice("input", at: \.input, "Their form").otherwise("as they look")
        .only(.tag, .classify, .autoencode, .parse),
    ]
    let more: [Setting<PredictionSettings>] = [
      .path("images", at: \.images, "The images that questions are about").otherwise("of --data")
        .only(.vqa),
      .choice("part", at: \.part, "Which part of a folder").rare,
    ]
    return Array(
      in: .data,
      reading + TrainSettings.ofReading.map { $0.lifted(\.settings).shown(as: "the model's") }
        + more) + [
        .choice("format", at: \.format, "Answers as the input is, or JSON objects"),
        .toggle("probabilities", at: \.hasProbabilities, "Tell probabilities as well"),
        .number("top", at: \.top, .from(0, to: 1000), "Tell that many of the likeliest answers"),
        .toggle("continue", at: \.goesOn, "Read each line after the one before")
          .off("Each line by itself").only(.lm),
        .choice("on-error", at: \.onError, "What to do with an input that cannot be read"),
        .threads(at: \.threads),
      ]
  }
}

extension PredictionSettings {
  /// Where the inputs come from.
  package var source: PredictionSource {
    PredictionSource(
      path: data == "-" ? nil : data, format: input, options: settings.data, images: images,
      part: part)
  }

  /// How answers are written.
  package var answers: AnswerText {
    AnswerText(
      settings.kind, isJSON: format == .json,
      detail: Predictor.Detail(hasProbabilities: hasProbabilities, top: top))
  }

  /// Throws for what the answers' form has no room for.
  package func check(_ encoding: TaskEncoding, columns: Bool) throws(RNNError) {
    guard format == .input else { return }
    let (isSmall, found): (Bool, String) =
      switch encoding {
      case .tag where !columns: (top == 0, "a sentence a line")
      case .lm: (top == 0, "a line a text")
      case .music: (top == 0 && !hasProbabilities, "a line a piece")
      default: (true, "")
      }
    guard isSmall else {
      throw RNNError(
        .unsupported, top > 0 ? "--top" : "--probabilities", expected: "--format json", found: found
      )
    }
  }
}
