import FoundationEssentials
import RNNCore
import RNNTasks

/// A saved model that is to be profiled on data of its task, whoever saved it.
package struct ProfiledModel {
  package let file: ModelFile
  package let kind: TaskName
  /// Examples to look at unless something else is asked for.
  package let batch: Int
  /// What reports call its cell.
  let cell: String
  let hidden: Int
  /// What is known of it, for people.
  let facts: [(name: String, value: String)]
  private let read: (URL?) throws -> any DataTask

  /// One that `train` saved.
  package init(_ run: SavedRun) {
    (file, kind, batch) = (run.file, run.settings.kind, run.settings.batch)
    (cell, hidden, facts) = (run.settings.cell, run.settings.model.hidden, run.settings.facts)
    read = { try run.task(at: $0) }
  }

  /// One that a program saved with ``TaskEncoding/metadata(options:)``.
  ///
  /// Throws `.unsupported` for a kind of model that has no task of that encoding and for one
  /// without recurrence, `.format` for damaged texts.
  package init(_ file: ModelFile, _ encoding: TaskEncoding) throws(RNNError) {
    (self.file, kind, batch) = (file, encoding.kind, 32)
    let (cellKind, layers, directions): (CellKind, Int, Directions)
    switch (file.kind, encoding) {
    case (ModelConfiguration.kind, .tag), (ModelConfiguration.kind, .lm),
      (ModelConfiguration.kind, .classify), (ModelConfiguration.kind, .music):
      let model = try file.configuration(ModelConfiguration.self)
      hidden = model.hiddenSize
      guard case .recurrent(let cell, let count, let both) = model.body else {
        throw RNNError(
          .unsupported, file.path.printable, expected: "a recurrent model",
          found: "a feed-forward one")
      }
      (cellKind, layers, directions) = (cell, count, both)
    case (EncoderDecoderConfiguration.kind, .pairs):
      let model = try file.configuration(EncoderDecoderConfiguration.self)
      hidden = model.hiddenSize
      (cellKind, layers, directions) = (model.cell, model.layers, model.directions)
    case (VisualQuestionConfiguration.kind, .vqa):
      let model = try file.configuration(VisualQuestionConfiguration.self)
      hidden = model.hiddenSize
      (cellKind, layers, directions) = (model.cell, model.layers, model.directions)
    default:
      throw RNNError(
        .unsupported, file.path.printable, expected: "a model for \(encoding.kind.rawValue)",
        found: "one of kind \(file.kind.shortened())")
    }
    cell = CellChoice(cellKind, directions).name
    facts = [
      ("kind", encoding.kind.rawValue), ("cell", cell), ("hidden", "\(hidden)"),
      ("layers", "\(layers)"), ("directions", directions.rawValue),
    ]
    let options = try TaskEncoding.options(in: file) ?? DataOptions()
    read = { try makeTask(encoding.kind, at: $0, options: options, encoding: encoding) }
  }

  /// The data at `url` in the numbers of the model.
  package func task(at url: URL?) throws -> any DataTask { try read(url) }
}
