import RNNCore
import RNNTasks

/// The task that a model was trained on, as its file tells.
package struct SavedTask {
  package static let nameKey = "rnnbench.task"
  package static let lengthKey = "rnnbench.length"
  package static let seedKey = "rnnbench.seed"

  package let file: ModelFile

  package init(_ file: ModelFile) { self.file = file }

  /// What is saved with a model. Where its data lay is not: that may not be the same tomorrow.
  package static func metadata(_ task: TaskName, length: String?, seed: UInt64) -> [String: String]
  {
    var metadata = [nameKey: task.rawValue, seedKey: "\(seed)"]
    metadata[lengthKey] = length
    return metadata
  }

  /// Throws unless input, outputs, loss and answer of the model are those that the task asks for.
  package static func check(
    _ file: ModelFile, fits needed: ModelConfiguration, _ task: TaskName
  ) throws(RNNError) {
    let (found, expected) = (Self.text(try file.configuration()), Self.text(needed))
    guard found == expected else {
      throw RNNError(
        .shape, file.path.printable, expected: "a model for task \(task.rawValue): \(expected)",
        found: found)
    }
  }

  private static func text(_ configuration: ModelConfiguration) -> String {
    let input =
      switch configuration.input {
      case .tokens(let vocabulary, _): "\(vocabulary) tokens"
      case .features(let width): "\(width) features"
      }
    return "\(input), \(configuration.outputs) outputs, \(configuration.loss.rawValue), answers "
      + (configuration.answer == .everyStep ? "at every step" : "at the end")
  }
}
