import RNNCore
import RNNTasks

/// Answers of a model beside their references, a line for each: fields between tabs.
///
/// | kind | fields |
/// |---|---|
/// | tag | word, tag, the model's tag; an empty line ends a sentence |
/// | lm | token, the token that was likeliest in its place |
/// | classify | class, the model's class |
/// | music | the notes of a step, those that the model expected, with commas between them |
/// | translate, autoencode, parse, transduce | target, what the model wrote |
/// | vqa | question, answer, the model's answer |
final class AnswerLines {
  private let task: any DataTask
  private let part: HeldOutPart
  private let isKept: Bool
  private var lines: [Int: String] = [:]

  init(_ task: any DataTask, _ part: HeldOutPart, isKept: Bool) {
    (self.task, self.part, self.isKept) = (task, part, isKept)
  }

  /// All lines in the order of the data.
  var text: String {
    lines.sorted { $0.key < $1.key }.reduce(into: "") { $0 += $1.value }
  }

  /// Adds the answer to an example of a model of sequences.
  func add(_ prediction: SequencePrediction, at index: Int) {
    guard isKept, let task = task as? any SequenceDataTask else { return }
    let example = (part == .validation ? task.validation : task.test)[index]
    lines[index] = fields(prediction, example, at: index).reduce(into: "") { text, fields in
      text += Self.line(fields)
    }
  }

  /// Adds the answer to an item of another model, as it is written.
  func add(_ answer: String, at index: Int) {
    guard isKept else { return }
    switch task {
    case let task as PairTask:
      let item = (part == .validation ? task.validation : task.test)[index]
      lines[index] = Self.line([task.reference(of: item), answer])
    case let task as VisualQuestionTask:
      let item = (part == .validation ? task.validation : task.test)[index]
      lines[index] = Self.line([item.text, task.visual.answers[Int(item.answer)], answer])
    default: break
    }
  }

  private func fields(
    _ prediction: SequencePrediction, _ example: Example, at index: Int
  ) -> [[String]] {
    switch (task.encoding, prediction.answers, example.target) {
    case (.tag, _, _):
      return (task as? TaggingTask)?.lines(of: prediction, at: index) ?? []
    case (.classify(let encoding), .classes(let ids), .classAtEnd(let id)):
      return [[encoding.classes[Int(id)], encoding.classes[Int(ids[0])]]]
    case (.lm(let encoding), .classes(let ids), .classPerStep(let targets)):
      return zip(targets, ids).map { [encoding.name(of: $0), encoding.name(of: $1)] }
    case (.music(let encoding), .values(let outputs), .valuesPerStep(let frames)):
      let width = encoding.noteCount
      return stride(from: 0, to: frames.count, by: width).map { first in
        [
          Self.text(encoding.notes(of: Array(frames[first..<first + width]))),
          Self.text(encoding.notes(of: Array(outputs[first..<first + width]), above: 0)),
        ]
      }
    default: return []
    }
  }

  private static func text(_ notes: [Int]) -> String {
    notes.map { "\($0)" }.joined(separator: ",")
  }

  private static func line(_ fields: [String]) -> String {
    fields.map(\.escapedField).joined(separator: "\t") + "\n"
  }
}

extension String {
  /// With `\n`, `\t` and `\\` in the place of what would end a line or field.
  fileprivate var escapedField: String {
    guard utf8.contains(where: { [0x09, 0x0A, 0x0D, 0x5C].contains($0) }) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\\": text += "\\\\"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
