extension SequenceModel {
  /// Adds the gradients of all parameters, from the gradient of the outputs that the loss left on the
  /// pass. Follows a forward pass over the same ``ModelPass``.
  func backward(_ pass: ModelPass, gradients: ParameterStore) {
    guard let batch = pass.batch, let outputs = pass.outputRows, let input = pass.bodyInput else {
      preconditionFailure("a backward pass follows a forward pass")
    }
    let answers = backwardReadout(outputs, pass: pass, gradients: gradients)
    let ends = backwardSentence(pass, gradients: gradients)
    func backwardBody(_ inputGradient: Matrix?) {
      self.backwardBody(
        answers, ends: ends, batch, input: input, inputGradient: inputGradient, pass: pass,
        gradients: gradients)
    }
    // Only an embedding learns from it; features are given.
    guard let embedding else { return backwardBody(nil) }
    guard pass.table == nil else { return backwardBody(gradients.matrix(embedding.table)) }
    let inputGradient = pass.inputGradient.matrix(input.rows, input.columns)
    backwardBody(inputGradient)
    backwardInput(inputGradient, batch, pass: pass, gradients: gradients)
  }

  private func backwardReadout(
    _ outputs: Matrix, pass: ModelPass, gradients: ParameterStore
  ) -> Matrix {
    guard let readout, let seen = pass.readoutInput else { return outputs }
    let gradient = pass.answerGradient.matrix(seen.rows, seen.columns)
    readout.backward(
      outputs, input: seen, output: nil, inputGradient: gradient,
      weights: pass.readoutWeights, parameters: parameters, gradients: gradients, team: team)
    undrop(gradient, mask: pass.answerMask, pass: pass)
    return gradient
  }

  /// - Parameter ends: the gradient of the ends that a sentence head read, beside that of every step.
  private func backwardBody(
    _ answers: Matrix, ends: Matrix?, _ batch: SequenceBatch, input: Matrix, inputGradient: Matrix?,
    pass: ModelPass, gradients: ParameterStore
  ) {
    if let network, let tape = pass.tape {
      // The loss looks at outputs only, and nobody asks for the gradient of the initial state.
      pass.stateGradient.makeZero(sequences: batch.layout.sequenceCount)
      network.backward(
        configuration.answer == .everyStep
          ? .everyStep(answers, ends: ends) : .atEnd(answers),
        inputGradient: inputGradient, states: &pass.stateGradient, tape: tape, run: run(pass),
        gradients: gradients)
    } else if let hidden, let output = pass.hiddenOutput {
      var gradient = answers
      if configuration.answer == .atEnd {
        gradient = pass.hiddenGradient.matrix(output.rows, output.columns)
        gradient.scatter(batch.layout.lastRows, from: answers)
      } else if let ends {
        gradient.addScattered(batch.layout.lastRows, from: ends)
      }
      hidden.backward(
        gradient, input: input, output: output, inputGradient: inputGradient,
        weights: pass.hiddenWeights, parameters: parameters, gradients: gradients, team: team)
    }
  }

  private func backwardInput(
    _ gradient: Matrix, _ batch: SequenceBatch, pass: ModelPass, gradients: ParameterStore
  ) {
    guard let embedding, case .tokens(let ids) = batch.content else { return }
    undrop(gradient, mask: pass.inputMask, pass: pass)
    var rows = gradient
    if window.size > 1 {
      rows = pass.embeddedGradient.matrix(gradient.rows, embedding.width)
      window.backward(gradient, layout: batch.layout, into: rows, team: team)
    }
    embedding.backward(ids, outputGradient: rows, gradients: gradients, team: team)
  }

  func undrop(_ gradient: Matrix, mask: FloatBuffer, pass: ModelPass) {
    guard pass.usedDropout else { return }
    gradient.multiply(gradient, by: mask.matrix(gradient.rows, gradient.columns), team: team)
  }
}
