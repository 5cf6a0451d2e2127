internal import CKernels

/// What a model says about one sequence.
public struct SequencePrediction: Sendable, Hashable {
  /// The answers of its steps, or the one at its end.
  public enum Answers: Sendable, Hashable {
    /// A class a step: the likeliest one, or with ``Loss/conditionalRandomField`` that on the
    /// likeliest path of all steps (Viterbi 1967). Among equals the lowest.
    case classes([Int32])
    /// Row-major [T, O], or [O] at the end: the outputs as they are, logits for
    /// ``Loss/bernoulliCrossEntropy``.
    case values([Float])
    /// Of ``Loss/connectionistTemporalClassification``: the labels of the likeliest alignment,
    /// which are those of each step's likeliest class without repetitions and blanks (best path
    /// decoding, Graves et al. 2006); among equals the lowest. ``CTCBeamSearch`` looks for the
    /// likeliest labels instead.
    case labelling([Int32])
  }

  /// The class of the whole sequence.
  public struct Sentence: Sendable, Hashable {
    /// The likeliest class; among equals the lowest.
    public var label: Int32
    /// [C], whose softmax are the probabilities.
    public var logits: [Float]

    /// Makes a class with the logits that it comes from.
    public init(label: Int32, logits: [Float]) { (self.label, self.logits) = (label, logits) }
  }

  /// What was answered at the steps, or after the last.
  public var answers: Answers
  /// Nil without a ``SentenceHead``.
  public var sentence: Sentence?

  /// Makes a prediction of its answers and, with a ``SentenceHead``, the class of the whole
  /// sequence.
  public init(_ answers: Answers, sentence: Sentence? = nil) {
    self.answers = answers
    self.sentence = sentence
  }

  /// Classes, and the class of the whole sequence where it has one.
  public static func classes(_ ids: [Int32], label: Int32? = nil) -> SequencePrediction {
    SequencePrediction(.classes(ids), sentence: label.map { Sentence(label: $0, logits: []) })
  }

  /// A prediction of numbers: [T, O] or, after the last step, [O].
  public static func values(_ values: [Float]) -> SequencePrediction {
    SequencePrediction(.values(values))
  }

  /// A prediction of labels without places.
  public static func labelling(_ labels: [Int32]) -> SequencePrediction {
    SequencePrediction(.labelling(labels))
  }
}

extension SequenceModel {
  /// The model's answers for sequences of any lengths, in their order, each from a state of zeros.
  ///
  /// ```swift
  /// let tags = try model.predictions(for: [.tokens([4, 2, 7]), .tokens([3])])
  /// ```
  ///
  /// Throws `.empty` for none and for a sequence without steps, `.shape` and `.vocabulary` for
  /// inputs that do not fit the model. Costs a forward pass.
  ///
  /// - Parameters:
  ///   - inputs: the sequences.
  ///   - pass: the workspace; nil for one of its own.
  public func predictions(
    for inputs: [Example.Input], pass: ModelPass? = nil
  ) throws(RNNError) -> [SequencePrediction] {
    let batch = try SequenceBatch(inputs: inputs, answer: configuration.answer)
    var state = zeroState(sequences: inputs.count)
    return try predictions(for: batch, state: &state, pass: pass ?? makePass())
  }

  /// The model's answers for each sequence in the caller's order. `state` is carried over.
  ///
  /// Throws `.shape`, `.vocabulary` for a batch or state that does not fit the model. Costs a
  /// forward pass, and K² additions a token for a conditional random field.
  ///
  /// - Parameters:
  ///   - batch: the sequences; targets and labels are not looked at.
  ///   - state: the state before the first step; the state after the last when it returns.
  ///   - pass: the workspace.
  public func predictions(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass
  ) throws(RNNError) -> [SequencePrediction] {
    let answers = try read(batch, state: &state, pass: pass)
    if let blocked = blockedReadout(of: answers, pass: pass) {
      return predict(classes: blocked.likeliest(pass.layers), batch, pass: pass)
    }
    return predict(try outputs(of: answers, pass: pass).matrix, batch, pass: pass)
  }

  /// Answers and loss of one forward pass over sequences with targets.
  public func predictionsAndLoss(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass,
    reduction: Loss.Reduction = .mean
  ) throws(RNNError) -> (predictions: [SequencePrediction], loss: LossValue) {
    let answers = try read(batch, state: &state, pass: pass)
    if let blocked = blockedReadout(of: answers, pass: pass) {
      var predictions: [SequencePrediction] = []
      let loss = try evaluateLoss(blocked, batch, reduction: reduction, pass: pass) {
        let found = blocked.likeliestAndLoss($0, weights: $1, pass.layers)
        // The loss of labels writes over what they are predicted from.
        predictions = predict(classes: found.likeliest, batch, pass: pass)
        return found.loss
      }
      return (predictions, loss)
    }
    let rows = try outputs(of: answers, pass: pass)
    // The loss may write over the outputs.
    let predictions = predict(rows.matrix, batch, pass: pass)
    let loss = try evaluateLoss(
      outputs: rows, batch, reduction: reduction, pass: pass, gradients: nil)
    return (predictions, loss)
  }

  /// - Parameter classes: the likeliest one of each row of answers.
  private func predict(
    classes: [Int32], _ batch: SequenceBatch, pass: ModelPass
  ) -> [SequencePrediction] {
    predictions(rows(of: batch).map { .classes($0.map { classes[$0] }) }, batch, pass: pass)
  }

  func predict(
    _ outputs: Matrix, _ batch: SequenceBatch, pass: ModelPass
  ) -> [SequencePrediction] {
    let layout = batch.layout
    let answers: [SequencePrediction.Answers]
    if let chain {
      let paths = chain.bestPaths(
        outputs, layout, parameters: parameters, workspace: pass.chain, team: team)
      answers = rows(of: batch).map { .classes($0.map { paths[$0] }) }
    } else if configuration.loss == .connectionistTemporalClassification {
      answers = rows(of: batch).map { rows in
        .labelling(ConnectionistTemporalClassification.labelling(of: rows.map(outputs.likeliest)))
      }
    } else if configuration.loss.takesClasses {
      answers = rows(of: batch).map { .classes($0.map(outputs.likeliest)) }
    } else {
      answers = rows(of: batch).map { .values($0.flatMap { Array(outputs.row($0)) }) }
    }
    return predictions(answers, batch, pass: pass)
  }

  /// Answers with the classes of the whole sequences.
  private func predictions(
    _ answers: [SequencePrediction.Answers], _ batch: SequenceBatch, pass: ModelPass
  ) -> [SequencePrediction] {
    let layout = batch.layout
    return answers.enumerated().map { sequence, answers in
      let rank = layout.ranks[sequence]
      let sentence = (pass.sentence?.matrix).map {
        SequencePrediction.Sentence(label: $0.likeliest(rank), logits: Array($0.row(rank)))
      }
      return SequencePrediction(answers, sentence: sentence)
    }
  }
}

extension Matrix {
  /// The column of a row's largest value; the first of equal ones.
  fileprivate func likeliest(_ row: Int) -> Int32 {
    Int32(kernels.largest(columns, pointer + row * stride))
  }
}
