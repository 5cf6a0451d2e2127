// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CLibrary
import CRNN
import RNNCore

/// `rnncore_model`.
final class ModelHandle: Handle {
  static let name = "model"
  let model: SequenceModel
  /// The texts of the file that it was loaded from.
  let metadata: [String: String]
  fileprivate let lock = Locked(())
  fileprivate let pass: ModelPass

  init(_ model: SequenceModel, metadata: [String: String] = [:]) {
    (self.model, self.metadata) = (model, metadata)
    pass = model.makePass()
  }
}

/// `rnncore_trainer`.
final class TrainerHandle: Handle {
  static let name = "trainer"
  fileprivate let model: ModelHandle
  fileprivate let trainer: Trainer<SequenceModel>

  fileprivate init(_ model: ModelHandle, _ trainer: Trainer<SequenceModel>) {
    (self.model, self.trainer) = (model, trainer)
  }
}

@c @implementation
public func rnncore_model_create(
  _ configuration: UnsafePointer<CChar>?, _ seed: UInt64, _ threads: Int32,
  _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  model?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(model, "model")
    let shape = try ModelConfiguration(
      json: text(configuration, "configuration"), name: "configuration")
    target.pointee = ModelHandle(
      try SequenceModel(shape, seed: seed, team: Teams.team(threads))
    ).handedOut()
  }
}

@c @implementation
public func rnncore_model_load(
  _ path: UnsafePointer<CChar>?, _ threads: Int32, _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  model?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(model, "model")
    let file = try ModelFile(reading: text(path, "path"))
    target.pointee = ModelHandle(
      try SequenceModel(file, team: Teams.team(threads)), metadata: file.metadata
    ).handedOut()
  }
}

@c @implementation
public func rnncore_model_save(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ metadata: UnsafePointer<CChar>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let handle = try ModelHandle.object(model)
    let path = try text(path, "path")
    let texts = try texts(metadata)
    try handle.lock.withLock { (_) throws(RNNError) in
      try handle.model.save(to: path, metadata: texts)
    }
  }
}

@c @implementation
public func rnncore_model_describe(
  _ model: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> rnncore_status {
  json?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(json, "json")
    let handle = try ModelHandle.object(model)
    target.pointee = copy(
      description(
        handle.model.configuration, handle.model.parameters.layout, metadata: handle.metadata))
  }
}

@c @implementation
public func rnncore_model_destroy(_ model: OpaquePointer?) { ModelHandle.destroy(model) }

@c @implementation
public func rnncore_model_loss(
  _ model: OpaquePointer?, _ examples: UnsafePointer<rnncore_examples>?,
  _ loss: UnsafeMutablePointer<Double>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let handle = try ModelHandle.object(model)
    let target = try present(loss, "loss")
    let batch = try SequenceBatch(
      handle.model.examples(try present(examples, "examples").pointee))
    target.pointee = try handle.lock.withLock { (_) throws(RNNError) in
      var state = handle.model.zeroState(sequences: batch.layout.sequenceCount)
      return try handle.model.loss(for: batch, state: &state, pass: handle.pass).value
    }
  }
}

@c @implementation
public func rnncore_model_predict(
  _ model: OpaquePointer?, _ examples: UnsafePointer<rnncore_examples>?,
  _ classes: UnsafeMutablePointer<Int32>?, _ outputs: UnsafeMutablePointer<Float>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let handle = try ModelHandle.object(model)
    let inputs = try handle.model.inputs(try present(examples, "examples").pointee)
    try handle.lock.withLock { (_) throws(RNNError) in
      guard handle.model.configuration.loss != .meanSquaredError else {
        guard classes == nil else {
          throw RNNError(
            .unsupported, "classes", expected: "a model of classes", found: "one of numbers")
        }
        let answers = try handle.model.predictions(for: inputs, pass: handle.pass)
        return write(answers.flatMap(\.values), to: outputs)
      }
      let told = try handle.model.predictionsAndProbabilities(for: inputs, pass: handle.pass)
      write(told.predictions.flatMap(\.ids), to: classes)
      write(told.probabilities.flatMap { $0 }, to: outputs)
    }
  }
}

private func write<Number>(_ numbers: [Number], to target: UnsafeMutablePointer<Number>?) {
  target?.update(from: numbers, count: numbers.count)
}

extension SequencePrediction {
  fileprivate var ids: [Int32] {
    switch answers {
    case .classes(let ids), .labelling(let ids): ids
    case .values: []
    }
  }
  fileprivate var values: [Float] { if case .values(let values) = answers { values } else { [] } }
}

// MARK: - Training

@c @implementation
public func rnncore_trainer_create(
  _ model: OpaquePointer?, _ rule: UnsafePointer<CChar>?, _ rate: Float, _ weightDecay: Float,
  _ clipping: rnncore_clipping, _ threshold: Float, _ seed: UInt64,
  _ trainer: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  trainer?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(trainer, "trainer")
    let handle = try ModelHandle.object(model)
    let trainer = try Trainer(
      handle.model, rule: OptimizerRule(named: text(rule, "rule")), rate: rate,
      weightDecay: weightDecay < 0 ? nil : weightDecay,
      clipping: Clipping(Clipping.Mode(clipping), threshold: threshold), seed: seed)
    target.pointee = TrainerHandle(handle, trainer).handedOut()
  }
}

@c @implementation
public func rnncore_trainer_step(
  _ trainer: OpaquePointer?, _ examples: UnsafePointer<rnncore_examples>?,
  _ loss: UnsafeMutablePointer<Double>?, _ norm: UnsafeMutablePointer<Double>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let handle = try TrainerHandle.object(trainer)
    let batch = try SequenceBatch(
      handle.model.model.examples(try present(examples, "examples").pointee))
    let report = try handle.model.lock.withLock { (_) throws(RNNError) in
      try handle.trainer.step(batch)
    }
    loss?.pointee = report.loss
    norm?.pointee = report.clip?.norm ?? 0
  }
}

@c @implementation
public func rnncore_trainer_destroy(_ trainer: OpaquePointer?) { TrainerHandle.destroy(trainer) }

// MARK: - Examples

extension SequenceModel {
  /// The sequences alone.
  fileprivate func inputs(_ examples: rnncore_examples) throws(RNNError) -> [Example.Input] {
    let lengths = try examples.allLengths()
    var (first, result): (Int, [Example.Input]) = (0, [])
    result.reserveCapacity(lengths.count)
    switch configuration.input {
    case .tokens:
      let tokens = try present(examples.tokens, "tokens")
      for length in lengths {
        result.append(.tokens(Array(UnsafeBufferPointer(start: tokens + first, count: length))))
        first += length
      }
    case .features(let width):
      let features = try present(examples.features, "features")
      for length in lengths {
        let values = UnsafeBufferPointer(start: features + first * width, count: length * width)
        result.append(.features(Array(values), width: width))
        first += length
      }
    }
    return result
  }

  /// The sequences with what the model should say about them.
  fileprivate func examples(_ examples: rnncore_examples) throws(RNNError) -> [Example] {
    let (inputs, atEnd) = (try inputs(examples), configuration.answer == .atEnd)
    var (first, result): (Int, [Example]) = (0, [])
    result.reserveCapacity(inputs.count)
    let hasValues = configuration.loss.answersNumbers
    let classes = hasValues ? nil : try present(examples.classes, "classes")
    let values = hasValues ? try present(examples.values, "values") : nil
    for input in inputs {
      let count = atEnd ? 1 : Example(input: input, target: .classAtEnd(0)).length
      let target: Example.Target
      if let values {
        let numbers = Array(
          UnsafeBufferPointer(
            start: values + first * configuration.outputs, count: count * configuration.outputs))
        target = atEnd ? .valuesAtEnd(numbers) : .valuesPerStep(numbers)
      } else if let classes {
        let ids = Array(UnsafeBufferPointer(start: classes + first, count: count))
        target = atEnd ? .classAtEnd(ids[0]) : .classPerStep(ids)
      } else {
        preconditionFailure("one of both is there")
      }
      result.append(Example(input: input, target: target))
      first += count
    }
    return result
  }
}

extension Loss {
  /// Whether targets are numbers, not classes.
  fileprivate var answersNumbers: Bool {
    self == .meanSquaredError || self == .bernoulliCrossEntropy
  }
}

extension rnncore_examples {
  /// The steps of each sequence, at least one.
  fileprivate func allLengths() throws(RNNError) -> [Int] {
    let number = try size(count, "count")
    guard number > 0 else {
      throw RNNError(.empty, "examples", expected: "at least one", found: "none")
    }
    let start = try present(lengths, "lengths")
    var (result, total): ([Int], Int) = ([], 0)
    for index in 0..<number {
      guard start[index] >= 1, start[index] <= 1 << 32, total <= 1 << 40 else {
        throw RNNError(
          .range, "length \(index)", expected: "1 or more steps", found: "\(start[index])")
      }
      result.append(Int(start[index]))
      total += Int(start[index])
    }
    return result
  }
}
