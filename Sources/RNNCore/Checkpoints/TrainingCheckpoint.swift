/// A training run at rest: all that it needs to go on as if it had never stopped, in one model
/// file.
///
/// The tensors under their own names are the model to be used, so that a checkpoint is read by
/// whatever reads a ``ModelFile``. Beside them, under names that begin with `rnncore.training.`,
/// stand the parameters where training goes on (when a better model was met before), the
/// optimiser's memory, the moving average of the parameters, and the recurrent state carried from
/// batch to batch. The metadata's `rnncore.training` holds as JSON the optimiser's rule, the number
/// of updates, and the state of the generator of dropout masks.
///
/// Where the data go on is known to whoever feeds them and belongs to the caller's own metadata.
public struct TrainingCheckpoint: Sendable {
  /// The file that holds the model beside the state of its training.
  public let model: ModelFile
  /// Updates made when it was written.
  public let updates: Int
  let record: TrainingRecord

  /// Throws what ``ModelFile/init(reading:)`` throws, and ``RNNError/Kind/format`` for a model
  /// without, or with a damaged, state of training.
  public init(reading path: String) throws(RNNError) {
    try self.init(try ModelFile(reading: path))
  }

  /// The same from an open file.
  public init(_ model: ModelFile) throws(RNNError) {
    guard let json = model.tensors.metadata[CheckpointKey.training] else {
      throw RNNError(
        .format, model.path, expected: "a model saved in training",
        found: "a model without the state of its training")
    }
    record = try TrainingRecord(json: json, name: "\(model.path): \(CheckpointKey.training)")
    updates = record.updates
    self.model = model
  }

  /// Puts a trainer where the saved one was: parameters, optimiser, average and generator.
  ///
  /// Throws ``RNNError/Kind/shape`` for a trainer of another model, ``RNNError/Kind/unsupported``
  /// for one with another optimiser or without the dropout or averaging that the saved one had,
  /// ``RNNError/Kind/format`` for tensors that are missing.
  public func restore<Model: SavableModel>(_ trainer: Trainer<Model>) throws(RNNError) {
    try restore(trainer.model, trainer.updater, dropout: &trainer.dropout)
  }

  private func restore(
    _ trained: some SavableModel, _ updater: ParameterUpdater, dropout: inout RandomGenerator?
  ) throws(RNNError) {
    try model.requireSame(trained.configuration)
    let rule = updater.optimizer.rule.description
    guard record.rule == rule else {
      throw RNNError(
        .unsupported, "\(model.path): optimiser", expected: rule, found: record.rule.excerpt)
    }
    guard (record.dropout != nil) == (dropout != nil) else {
      throw RNNError(
        .unsupported, "\(model.path): dropout", expected: dropout == nil ? "none" : "some",
        found: record.dropout == nil ? "none" : "some")
    }
    guard record.average?.decay == updater.average?.decay else {
      throw RNNError(
        .unsupported, "\(model.path): averaging", expected: "\(updater.average?.decay ?? 0)",
        found: "\(record.average?.decay ?? 0)")
    }
    try fill(trained.parameters, from: record.hasOwnParameters ? .parameters : .model)
    for (index, memory) in updater.optimizer.memory.enumerated() {
      try fill(memory, from: .memory(index))
    }
    if let average = updater.average, let saved = record.average {
      let store = ParameterStore(layout: average.store.layout)
      try fill(store, from: .average)
      try average.restore(store, updates: saved.updates)
    }
    updater.optimizer.updates = updates
    dropout = record.dropout
  }

  /// The model to be used, when that is another than the one where training goes on; nil otherwise.
  public func kept(layout: ParameterLayout) throws(RNNError) -> ParameterStore? {
    guard record.hasOwnParameters else { return nil }
    let store = ParameterStore(layout: layout)
    try fill(store, from: .model)
    return store
  }

  private func fill(
    _ store: ParameterStore, from set: TrainingTensors.Set
  ) throws(RNNError) {
    for slice in store.layout.slices {
      let name = TrainingTensors.name(slice.name, in: set)
      try check(name, slice.shape)
      try store.set(slice.name, to: try model.tensors.values(of: name))
    }
  }

  func check(_ name: String, _ shape: [Int]) throws(RNNError) {
    let found = try model.tensors.tensor(named: name).shape
    guard found == shape else {
      throw RNNError(
        .shape, "\(model.path): \(name.excerpt)", expected: "\(shape)",
        found: "\(found)".shortened())
    }
  }
}

extension Trainer where Model: SavableModel {
  /// Saves the model together with all that is needed to go on training it: see
  /// ``TrainingCheckpoint``.
  ///
  /// The file appears whole or not at all; whatever is thrown leaves what was there. Size: the
  /// parameters once for the model, once more with `kept`, and once for each number that the
  /// optimiser remembers of each.
  ///
  /// Throws what ``SavableModel/save(to:metadata:)`` throws.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - kept: the parameters that are the model to be used, when they are not those being trained.
  ///   - carried: the state with which the next batch begins; nil when each starts from zeros.
  ///   - metadata: texts to keep with it, such as the place in the data.
  public func save(
    to path: String, kept: ParameterStore? = nil, carried: RecurrentState? = nil,
    metadata: [String: String] = [:]
  ) throws(RNNError) {
    try model.save(
      to: path, kept: kept, updater, dropout: dropout, carried: carried, metadata: metadata)
  }
}

extension SavableModel {
  fileprivate func save(
    to path: String, kept: ParameterStore?, _ updater: ParameterUpdater,
    dropout: RandomGenerator?, carried: RecurrentState?, metadata: [String: String]
  ) throws(RNNError) {
    var tensors = TrainingTensors()
    let (optimizer, average) = (updater.optimizer, updater.average)
    if kept != nil { tensors.add(parameters, as: .parameters) }
    for (index, memory) in optimizer.memory.enumerated() { tensors.add(memory, as: .memory(index)) }
    if let average { tensors.add(average.store, as: .average) }
    if let carried { tensors.add(carried) }
    let record = TrainingRecord(
      rule: optimizer.rule.description, updates: optimizer.updates, dropout: dropout,
      average: average.map { .init(decay: $0.decay, updates: $0.updates) },
      hasOwnParameters: kept != nil, sequences: carried?.sequenceCount ?? 0)
    try save(
      kept ?? parameters, to: path, metadata: metadata,
      texts: [CheckpointKey.training: record.json], tensors: tensors)
  }
}
