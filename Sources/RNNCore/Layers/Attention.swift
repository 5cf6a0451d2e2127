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
  fileprivate let vectorGradient = FloatBuffer()
  fileprivate let keyWeights = LinearWeights()
  fileprivate let queryWeights = LinearWeights()

  /// α of a sentence, [queries, keys].
  func weights(of sentence: Int) -> Matrix {
    let all = weights.matrix(1, plan.offsets[plan.sentenceCount])
    return Matrix(
      all.pointer + plan.offsets[sentence], rows: plan.queries[sentence].count,
      columns: plan.keys[sentence].count)
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

  /// - Parameters:
  ///   - queries: [Q, …], the rows of `tape.plan`.
  ///   - keys: [K, E], alive until the backward pass is done.
  ///   - contexts: becomes [Q, E].
  func forward(
    _ queries: Matrix, _ keys: Matrix, into contexts: Matrix, tape: AttentionTape,
    parameters: ParameterStore, team: ThreadTeam
  ) {
    let seen = seenRows(queries, keys, tape: tape)
    key?.forward(
      keys, into: seen.keys, weights: tape.keyWeights, parameters: parameters, team: team)
    query?.forward(
      queries, into: seen.queries, weights: tape.queryWeights, parameters: parameters, team: team)
    let plan = tape.plan
    _ = tape.weights.matrix(1, plan.offsets[plan.sentenceCount])
    team.split(plan.sentenceCount) { sentences in
      for sentence in sentences {
        let (rows, columns) = (plan.queries[sentence], plan.keys[sentence])
        let weights = tape.weights(of: sentence)
        let (d, k) = (seen.queries.rows(rows), seen.keys.rows(columns))
        if let vector {
          kernels.additive_scores(
            d.rows, k.rows, d.columns, d.pointer, d.stride, k.pointer, k.stride,
            parameters.vector(vector), weights.pointer, weights.stride)
        } else {
          BLAS.multiply(d, .no, k, .yes, into: weights, beta: 0)
        }
        Softmax.apply(weights, into: weights)
        BLAS.multiply(weights, .no, keys.rows(columns), into: contexts.rows(rows), beta: 0)
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
    let seen = seenRows(queries, keys, tape: tape)
    // Where the score sees rows as they are, their gradients need no space of their own.
    let dKeys =
      key == nil ? keyGradient : tape.keyGradient.matrix(seen.keys.rows, seen.keys.columns)
    let dQueries =
      query == nil ? queryGradient : tape.queryGradient.matrix(queries.rows, seen.queries.columns)
    _ = tape.scoreGradient.matrix(1, plan.offsets[plan.sentenceCount])
    let dVectors = tape.vectorGradient.matrix(plan.sentenceCount, vector?.rows ?? 0)
    dVectors.fill(0)
    team.split(plan.sentenceCount) { sentences in
      for sentence in sentences {
        let (rows, columns) = (plan.queries[sentence], plan.keys[sentence])
        let (weights, slopes) = (tape.weights(of: sentence), tape.gradient(of: sentence))
        let dContext = contextGradient.rows(rows)
        BLAS.multiply(dContext, .no, keys.rows(columns), .yes, into: slopes, beta: 0)
        Softmax.applyBackward(weights, slopes, plus: nil, into: slopes)
        let (d, k) = (seen.queries.rows(rows), seen.keys.rows(columns))
        let (dd, dk) = (dQueries.rows(rows), dKeys.rows(columns))
        if let vector {
          dd.fill(0)
          dk.fill(0)
          kernels.additive_scores_backward(
            d.rows, k.rows, d.columns, d.pointer, d.stride, k.pointer, k.stride,
            parameters.vector(vector), slopes.pointer, slopes.stride, dd.pointer, dd.stride,
            dk.pointer, dk.stride, dVectors.rows(sentence..<sentence + 1).pointer)
        } else {
          BLAS.multiply(slopes, .no, k, into: dd, beta: 0)
          BLAS.multiply(slopes, .yes, d, into: dk, beta: 0)
        }
      }
    }
    if let vector { dVectors.addColumnSums(to: gradients.vector(vector), team: team) }
    query?.backward(
      dQueries, input: queries, output: nil, inputGradient: queryGradient,
      weights: tape.queryWeights, parameters: parameters, gradients: gradients, team: team)
    key?.backward(
      dKeys, input: keys, output: nil, inputGradient: keyGradient, weights: tape.keyWeights,
      parameters: parameters, gradients: gradients, team: team)
    team.split(plan.sentenceCount) { sentences in
      for sentence in sentences {
        BLAS.multiply(
          tape.weights(of: sentence), .yes, contextGradient.rows(plan.queries[sentence]),
          into: keyGradient.rows(plan.keys[sentence]), beta: 1)
      }
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
}
