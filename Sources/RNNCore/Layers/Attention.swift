/// How well a key e, an output of the encoder, answers a query d, an output of the decoder (Luong, Pham and
/// Manning 2015).
public enum AttentionScore: String, CaseIterable, Codable, Sendable, Hashable {
  /// d · e; both have the same width.
  case dot
  /// d · W e.
  case general
  /// v · tanh(W_d d + W_e e + b), with as many rows as the query is wide: `concat` of Luong et al., `additive`
  /// of Bahdanau, Cho and Bengio (2015).
  case concat
}

/// Which queries look at which keys: one range of rows of each for every sentence.
///
/// All rows of a sentence lie side by side, unlike in a packed batch, so that the scores of a sentence are one
/// product.
struct AttentionPlan: Sendable {
  var queries: [Range<Int>] = []
  var keys: [Range<Int>] = []
  /// Where the weights [queries, keys] of each sentence begin; their number at the end.
  var offsets = [0]

  mutating func add(queries queryCount: Int, keys keyCount: Int) {
    let (query, key) = (queries.last?.upperBound ?? 0, keys.last?.upperBound ?? 0)
    queries.append(query..<query + queryCount)
    keys.append(key..<key + keyCount)
    offsets.append(offsets[offsets.count - 1] + queryCount * keyCount)
  }

  var sentenceCount: Int { queries.count }
  var queryCount: Int { queries.last?.upperBound ?? 0 }
  var keyCount: Int { keys.last?.upperBound ?? 0 }
}

/// What attention remembers of a forward pass. Reused, it stops allocating.
final class AttentionTape: @unchecked Sendable {
  var plan = AttentionPlan()
  /// Weights α, a matrix [queries, keys] a sentence.
  fileprivate let weights = FloatBuffer()
  /// Keys and queries as the score sees them.
  fileprivate let keys = FloatBuffer()
  fileprivate let queries = FloatBuffer()
  fileprivate let keyGradient = FloatBuffer()
  fileprivate let queryGradient = FloatBuffer()
  fileprivate let scoreGradient = FloatBuffer()
  /// dE/dv of each sentence.
  fileprivate let vectorGradients = FloatBuffer()
  fileprivate let keyWeights = LinearWeights()
  fileprivate let queryWeights = LinearWeights()

  /// α of a sentence, [queries, keys].
  func weights(of sentence: Int) -> Matrix {
    let all = weights.matrix(1, plan.offsets[plan.sentenceCount])
    return Matrix(
      all.pointer + plan.offsets[sentence], rows: plan.queries[sentence].count,
      columns: plan.keys[sentence].count)
  }

  fileprivate func vectorGradient(of sentence: Int, width: Int) -> UnsafeMutablePointer<Float> {
    vectorGradients.matrix(plan.sentenceCount, width).pointer + sentence * width
  }

  fileprivate func gradient(of sentence: Int) -> Matrix {
    let all = scoreGradient.matrix(1, plan.offsets[plan.sentenceCount])
    return Matrix(
      all.pointer + plan.offsets[sentence], rows: plan.queries[sentence].count,
      columns: plan.keys[sentence].count)
  }
}

/// Contexts c_i = Σ_j α_ij e_j with α_i = softmax_j(score(d_i, e_j)), over the keys of the query's own sentence.
///
/// The products with weights are taken once for all sentences, the others a sentence at a time, sentences divided
/// among the threads. Costs 4·Q·K·E operations a sentence of Q queries and K keys (concat: Q·K·A of tanh more).
struct Attention: Sendable {
  let score: AttentionScore
  /// general: W [Q, E]; concat: W_e [A, E] and its bias b
  private let key: Linear?
  /// concat: W_d [A, Q]
  private let query: Linear?
  /// concat: v [A]
  private let vector: ParameterLayout.Slice?

  init(
    _ score: AttentionScore, query queryWidth: Int, key keyWidth: Int,
    declaringIn layout: inout ParameterLayout
  ) throws(RNNError) {
    self.score = score
    switch score {
    case .dot:
      guard queryWidth == keyWidth else {
        throw RNNError(
          .shape, "dot attention", expected: "states of one width",
          found: "\(queryWidth) and \(keyWidth)")
      }
      (key, query, vector) = (nil, nil, nil)
    case .general:
      key = Linear(
        "attention.key", input: keyWidth, output: queryWidth, hasBias: false,
        declaringIn: &layout)
      (query, vector) = (nil, nil)
    case .concat:
      key = Linear("attention.key", input: keyWidth, output: queryWidth, declaringIn: &layout)
      query = Linear(
        "attention.query", input: queryWidth, output: queryWidth, hasBias: false,
        declaringIn: &layout)
      vector = layout.add(
        "attention.vector", layer: "attention.vector", rows: queryWidth,
        role: .denseWeight(fanIn: queryWidth))
    }
  }

  // MARK: - All queries at once

  /// - Parameters:
  ///   - queries: [Q, …], the rows of `tape.plan`.
  ///   - keys: [K, E], alive until the backward pass is done.
  ///   - contexts: becomes [Q, E].
  ///   - isPrepared: whether `prepare` was called for the keys.
  func forward(
    _ queries: Matrix, _ keys: Matrix, into contexts: Matrix, isPrepared: Bool = false,
    tape: AttentionTape, parameters: ParameterStore, team: ThreadTeam
  ) {
    if !isPrepared { prepare(keys, tape: tape, parameters: parameters, team: team) }
    _ = tape.weights.matrix(1, tape.plan.offsets[tape.plan.sentenceCount])
    let (seen, seenKeys) = seenRows(queries, keys, tape: tape)
    query?.forward(
      queries, into: seen, weights: tape.queryWeights, parameters: parameters, team: team)
    let plan = tape.plan
    team.split(plan.sentenceCount) { sentences in
      for sentence in sentences {
        let (rows, columns) = (plan.queries[sentence], plan.keys[sentence])
        attend(
          seen.rows(rows), seenKeys.rows(columns), keys.rows(columns),
          weights: tape.weights(of: sentence), into: contexts.rows(rows), parameters)
      }
    }
  }

  /// Adds the gradients of the parameters. `queryGradient` becomes dE/d(queries), `keyGradient` dE/d(keys), both
  /// without what else reads them.
  func backward(
    _ contextGradient: Matrix, _ queries: Matrix, _ keys: Matrix, queryGradient: Matrix,
    keyGradient: Matrix, tape: AttentionTape, parameters: ParameterStore,
    gradients: ParameterStore, team: ThreadTeam
  ) {
    let plan = tape.plan
    let (seen, seenKeys) = seenRows(queries, keys, tape: tape)
    let (dKeys, dQueries) = gradientRows(
      keyGradient, queryGradient, seenKeys.columns, seen.columns, tape: tape)
    beginBackward(keys, keyGradient: keyGradient, tape: tape, team: team)
    team.split(plan.sentenceCount) { sentences in
      for sentence in sentences {
        let (rows, columns) = (plan.queries[sentence], plan.keys[sentence])
        attendBackward(
          seen.rows(rows), seenKeys.rows(columns), keys.rows(columns),
          weights: tape.weights(of: sentence), slopes: tape.gradient(of: sentence),
          contextGradient.rows(rows), dQueries.rows(rows), dKeys.rows(columns),
          tape.vectorGradient(of: sentence, width: vector?.rows ?? 0), parameters)
      }
    }
    query?.backward(
      dQueries, input: queries, output: nil, inputGradient: queryGradient,
      weights: tape.queryWeights, parameters: parameters, gradients: gradients, team: team)
    endBackward(
      keys, keyGradient: keyGradient, tape: tape, parameters: parameters, gradients: gradients,
      team: team
    ) { sentence in
      (tape.weights(of: sentence), contextGradient.rows(plan.queries[sentence]))
    }
  }

  // MARK: - A query of each sentence at a time

  /// Projects the keys, once for all queries that follow.
  func prepare(
    _ keys: Matrix, tape: AttentionTape, parameters: ParameterStore, team: ThreadTeam
  ) {
    key?.forward(
      keys, into: tape.keys.matrix(keys.rows, key?.outputSize ?? 0), weights: tape.keyWeights,
      parameters: parameters, team: team)
    _ = tape.weights.matrix(1, tape.plan.offsets[tape.plan.sentenceCount])
  }

  /// One query of some sentences, after `prepare`.
  ///
  /// - Parameters:
  ///   - step: which of the sentences' queries it is.
  ///   - sentences: of each row.
  ///   - queries: [rows, …].
  ///   - contexts: becomes [rows, E].
  func forward(
    step: Int, of sentences: ArraySlice<Int>, _ queries: Matrix, _ keys: Matrix,
    into contexts: Matrix, tape: AttentionTape, parameters: ParameterStore, team: ThreadTeam
  ) {
    let (seen, seenKeys) = seenRows(queries, keys, tape: tape)
    query?.forward(
      queries, into: seen, weights: tape.queryWeights, parameters: parameters, team: team)
    team.split(sentences.count) { rows in
      for row in rows {
        let sentence = sentences[sentences.startIndex + row]
        let columns = tape.plan.keys[sentence]
        attend(
          seen.rows(row..<row + 1), seenKeys.rows(columns), keys.rows(columns),
          weights: tape.weights(of: sentence).rows(step..<step + 1),
          into: contexts.rows(row..<row + 1), parameters)
      }
    }
  }

  /// Makes the gradients ready for ``backward(step:of:_:_:_:queryGradient:keyGradient:tape:parameters:gradients:team:)``
  /// of any steps, which ``endBackward(_:keyGradient:tape:parameters:gradients:team:_:)`` ends.
  func beginBackward(
    _ keys: Matrix, keyGradient: Matrix, tape: AttentionTape, team: ThreadTeam
  ) {
    let plan = tape.plan
    let width = key?.outputSize ?? keys.columns
    let dKeys = key == nil ? keyGradient : tape.keyGradient.matrix(keys.rows, width)
    team.split(dKeys.rows) { dKeys.rows($0).fill(0) }
    _ = tape.scoreGradient.matrix(1, plan.offsets[plan.sentenceCount])
    tape.vectorGradients.matrix(plan.sentenceCount, vector?.rows ?? 0).fill(0)
  }

  /// BPTT through one query of some sentences: `queryGradient` [rows, …] becomes dE/d(queries).
  func backward(
    step: Int, of sentences: ArraySlice<Int>, _ contextGradient: Matrix, _ queries: Matrix,
    _ keys: Matrix, queryGradient: Matrix, keyGradient: Matrix, tape: AttentionTape,
    parameters: ParameterStore, gradients: ParameterStore, team: ThreadTeam
  ) {
    let (seen, seenKeys) = seenRows(queries, keys, tape: tape)
    // What the score saw of the queries was written over by those of the steps after it.
    query?.forward(
      queries, into: seen, weights: tape.queryWeights, parameters: parameters, team: team)
    let (dKeys, dQueries) = gradientRows(
      keyGradient, queryGradient, seenKeys.columns, seen.columns, tape: tape)
    team.split(sentences.count) { rows in
      for row in rows {
        let sentence = sentences[sentences.startIndex + row]
        let columns = tape.plan.keys[sentence]
        attendBackward(
          seen.rows(row..<row + 1), seenKeys.rows(columns), keys.rows(columns),
          weights: tape.weights(of: sentence).rows(step..<step + 1),
          slopes: tape.gradient(of: sentence).rows(step..<step + 1),
          contextGradient.rows(row..<row + 1), dQueries.rows(row..<row + 1), dKeys.rows(columns),
          tape.vectorGradient(of: sentence, width: vector?.rows ?? 0), parameters)
      }
    }
    query?.backward(
      dQueries, input: queries, output: nil, inputGradient: queryGradient,
      weights: tape.queryWeights, parameters: parameters, gradients: gradients, team: team)
  }

  /// Adds the gradients of what is done once for all queries, and those that reach the keys as parts of contexts.
  ///
  /// - Parameter body: the weights of a sentence's queries [Q, K], with the gradients of their contexts [Q, E].
  func endBackward(
    _ keys: Matrix, keyGradient: Matrix, tape: AttentionTape, parameters: ParameterStore,
    gradients: ParameterStore, team: ThreadTeam,
    _ body: (_ sentence: Int) -> (weights: Matrix, contextGradient: Matrix)
  ) {
    let plan = tape.plan
    if let vector {
      tape.vectorGradients.matrix(plan.sentenceCount, vector.rows)
        .addColumnSums(to: gradients.vector(vector), team: team)
    }
    if let key {
      key.backward(
        tape.keyGradient.matrix(keys.rows, key.outputSize), input: keys, output: nil,
        inputGradient: keyGradient, weights: tape.keyWeights, parameters: parameters,
        gradients: gradients, team: team)
    }
    team.split(plan.sentenceCount) { sentences in
      for sentence in sentences {
        let (weights, contextGradient) = body(sentence)
        BLAS.multiply(
          weights, .yes, contextGradient, into: keyGradient.rows(plan.keys[sentence]), beta: 1)
      }
    }
  }

  // MARK: - Parts

  /// Some queries of one sentence: α and contexts.
  private func attend(
    _ d: Matrix, _ k: Matrix, _ keys: Matrix, weights: Matrix, into contexts: Matrix,
    _ parameters: ParameterStore
  ) {
    if let vector {
      kernels.additive_scores(
        d.rows, k.rows, d.columns, d.pointer, d.stride, k.pointer, k.stride,
        parameters.vector(vector), weights.pointer, weights.stride)
    } else {
      BLAS.multiply(d, .no, k, .yes, into: weights, beta: 0)
    }
    Softmax.apply(weights, into: weights)
    BLAS.multiply(weights, .no, keys, into: contexts, beta: 0)
  }

  /// `dd` becomes what reaches the queries through the scores; what reaches the keys so is added to `dk`.
  private func attendBackward(
    _ d: Matrix, _ k: Matrix, _ keys: Matrix, weights: Matrix, slopes: Matrix, _ dContext: Matrix,
    _ dd: Matrix, _ dk: Matrix, _ dVector: UnsafeMutablePointer<Float>,
    _ parameters: ParameterStore
  ) {
    BLAS.multiply(dContext, .no, keys, .yes, into: slopes, beta: 0)
    Softmax.applyBackward(weights, slopes, plus: nil, into: slopes)
    if let vector {
      dd.fill(0)
      kernels.additive_scores_backward(
        d.rows, k.rows, d.columns, d.pointer, d.stride, k.pointer, k.stride,
        parameters.vector(vector), slopes.pointer, slopes.stride, dd.pointer, dd.stride,
        dk.pointer, dk.stride, dVector)
    } else {
      BLAS.multiply(slopes, .no, k, into: dd, beta: 0)
      BLAS.multiply(slopes, .yes, d, into: dk, beta: 1)
    }
  }

  /// Queries and keys as the score sees them.
  private func seenRows(
    _ queries: Matrix, _ keys: Matrix, tape: AttentionTape
  ) -> (queries: Matrix, keys: Matrix) {
    (
      query.map { tape.queries.matrix(queries.rows, $0.outputSize) } ?? queries,
      key.map { tape.keys.matrix(keys.rows, $0.outputSize) } ?? keys
    )
  }

  /// Their gradients: where the score sees rows as they are, these need no space of their own.
  private func gradientRows(
    _ keyGradient: Matrix, _ queryGradient: Matrix, _ keyWidth: Int, _ queryWidth: Int,
    tape: AttentionTape
  ) -> (keys: Matrix, queries: Matrix) {
    (
      key == nil ? keyGradient : tape.keyGradient.matrix(keyGradient.rows, keyWidth),
      query == nil ? queryGradient : tape.queryGradient.matrix(queryGradient.rows, queryWidth)
    )
  }
}
