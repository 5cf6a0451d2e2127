import RNNCore

extension WorkedExample {
  /// A saved model on one sequence: an example for each recurrent layer and direction.
  ///
  /// Throws for a feed-forward model, and for steps that do not fit its input.
  ///
  /// - Parameter name: the input file's, for complaints.
  package static func model(
    _ file: ModelFile, on input: InputFile, name: String, team: ThreadTeam
  ) throws -> [WorkedExample] {
    let configuration = try file.configuration(ModelConfiguration.self)
    let steps = try ModelInput(input.steps, for: configuration, name: name.printable)
    let model = try SequenceModel(file, team: team)
    guard let network = model.network else {
      throw RNNError(
        .unsupported, file.path.printable, expected: "a recurrent model",
        found: "a feed-forward one")
    }
    let (pass, width) = (model.makePass(), configuration.outputs)
    var state = model.zeroState(sequences: 1)
    let batch = try SequenceBatch(inputs: [steps.input], answer: configuration.answer)
    let flat = try model.outputs(for: batch, state: &state, pass: pass, recording: true)[0]
    let outputs = stride(from: 0, to: flat.count, by: width).map { start in
      flat[start..<start + width].map { Double($0) }
    }
    let isEveryStep = configuration.answer == .everyStep
    var examples = try layers(
      of: network, pass, model.parameters, inputs: try steps.bodyInputs(of: model),
      outputs: isEveryStep && model.hasReadout ? outputs : nil
    ).map { example($0.trace, $0.name, of: model, at: file.path, on: steps) }
    if !isEveryStep {
      let numbers = outputs[0].map { CellTrace.text(of: $0) }.joined(separator: ", ")
      examples[examples.count - 1].conclusion = "At the end the model's outputs are \(numbers)."
    }
    return examples
  }

  /// Each layer and direction of a recorded pass, from the first on, with its name.
  ///
  /// - Parameters:
  ///   - inputs: what the first layer reads, [T][I].
  ///   - outputs: what a readout made of the last one, [T][O].
  private static func layers(
    of network: RecurrentNetwork, _ pass: ModelPass, _ parameters: ParameterStore,
    inputs: [[Double]], outputs: [[Double]]?
  ) throws -> [(name: String, trace: CellTrace)] {
    guard let tape = pass.tape else { return [] }
    let shape = network.configuration
    var inputs = inputs
    var result: [(name: String, trace: CellTrace)] = []
    for layer in 0..<shape.layers {
      var parts: [[[Double]]] = []
      for direction in Direction.allCases.prefix(shape.directions.count) {
        let isLast = layer == shape.layers - 1 && direction == .forward
        let trace = try CellTrace(
          network, tape: tape, parameters: parameters, layer: layer, direction: direction,
          inputs: inputs, outputs: isLast ? outputs : nil)
        result.append((CellTrace.name(layer: layer, direction: direction), trace))
        parts.append(trace.layerOutputs)
      }
      inputs = inputs.indices.map { step in
        shape.directions == .summed
          ? zip(parts[0][step], parts[1][step]).map { $0 + $1 } : parts.flatMap { $0[step] }
      }
    }
    return result
  }

  private static func example(
    _ trace: CellTrace, _ layer: String, of model: SequenceModel, at path: String,
    on steps: ModelInput
  ) -> WorkedExample {
    let output = trace.outputSymbol
    return WorkedExample(
      name: layer,
      title: "\(path.printable), layer \(layer): \(trace.cell), H "
        + "\(model.configuration.hiddenSize), on \(trace.stepCount) steps",
      introduction: [steps.description].compactMap { $0 } + [
        "Symbols: " + trace.cell.equations + sums(of: trace.cell)
          + (trace.hasOutputs ? "; \(output) the model's outputs." : ".")
      ], trace: trace)
  }
}

extension SequenceModel {
  /// Whether the outputs are made of the body's by a readout.
  fileprivate var hasReadout: Bool {
    parameters.layout.slices.contains { $0.layer == "readout" }
  }
}

/// Steps from a file as a model reads them.
private struct ModelInput {
  let input: Example.Input

  /// - Parameter name: the file's, for complaints.
  init(_ steps: [[Double]], for configuration: ModelConfiguration, name: String) throws(RNNError) {
    switch configuration.input {
    case .features(let width):
      guard steps[0].count == width else {
        throw RNNError(
          .shape, name, expected: "\(width) numbers a line", found: "\(steps[0].count)")
      }
      input = .features(steps.joined().map { Float($0) }, width: width)
    case .tokens(let vocabulary, _):
      guard steps[0].count == 1 else {
        throw RNNError(
          .shape, name, expected: "one token id a line", found: "\(steps[0].count) numbers")
      }
      var ids: [Int32] = []
      for (index, step) in steps.enumerated() {
        guard let id = Int32(exactly: step[0]), (0..<vocabulary).contains(Int(id)) else {
          throw RNNError(
            .vocabulary, "\(name), step \(index + 1)",
            expected: "a token id from 0 to \(vocabulary - 1)",
            found: CellTrace.text(of: step[0]))
        }
        ids.append(id)
      }
      input = .tokens(ids)
    }
  }

  /// Which tokens they are.
  var description: String? {
    guard case .tokens(let ids) = input else { return nil }
    let most = 100
    return "x of the first layer is the embedding of tokens "
      + ids.prefix(most).map { "\($0)" }.joined(separator: ", ") + (ids.count > most ? ", …" : ".")
  }

  /// What the first layer reads, [T][window · width]: embedded, and side by side with its
  /// neighbours, zeros beyond the ends.
  func bodyInputs(of model: SequenceModel) throws(RNNError) -> [[Double]] {
    var steps: [[Double]]
    switch input {
    case .features(let values, let width):
      steps = stride(from: 0, to: values.count, by: width).map { start in
        values[start..<start + width].map { Double($0) }
      }
    case .tokens(let ids):
      let table = try model.parameters.values(of: "embedding.weight")
      let width = try model.parameters.layout.slice(named: "embedding.weight").columns
      steps = ids.map { id in
        table[Int(id) * width..<(Int(id) + 1) * width].map { Double($0) }
      }
    }
    let configuration = model.configuration
    let later = configuration.contextSide == .both ? configuration.contextWindow / 2 : 0
    let zeros = steps[0].map { _ in 0.0 }
    let plain = steps
    steps = plain.indices.map { step in
      let last = step + later
      return (last - configuration.contextWindow + 1...last).flatMap {
        plain.indices.contains($0) ? plain[$0] : zeros
      }
    }
    return steps
  }
}
