/// How well a key e, an output of the encoder, answers a query d, an output of the decoder (Luong,
/// Pham and Manning 2015).
public enum AttentionScore: String, CaseIterable, Codable, Sendable, Hashable {
  /// d · e; both have the same width.
  case dot
  /// d · W e.
  case general
  /// v · tanh(W_d d + W_e e + b), with as many rows as the query is wide: `concat` of Luong et al.,
  /// `additive` of Bahdanau, Cho and Bengio (2015).
  case concat
}

/// Which queries look at which keys: one range of rows of each for every sentence.
///
/// All rows of a sentence lie side by side, unlike in a packed batch, so that the scores of a
/// sentence are one product.
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

  /// Forgets all sentences, not their memory.
  mutating func removeAll() {
    queries.removeAll(keepingCapacity: true)
    keys.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    offsets.append(0)
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
  /// Queries that came a step at a time, in that order; then they and the gradients of their
  /// contexts by sentence.
  fileprivate let asked = FloatBuffer()
  fileprivate let askedBySentence = FloatBuffer()
  fileprivate let contextGradient = FloatBuffer()
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

/// Contexts c_i = Σ_j α_ij e_j with α_i = softmax_j(score(d_i, e_j)), over the keys of the query's
/// own sentence.
///
/// The products with weights are taken once for all sentences, the others a sentence at a time,
/// sentences divided among the threads. Costs 4·Q·K·E operations a sentence of Q queries and K keys
/// (concat: Q·K·A of tanh more).
public struct Attention: Sendable {
  /// How well a key answers a query.
  public let score: AttentionScore
  /// `attention` behind the prefix of its parameters: what profiles call it.
  public let name: String
  /// general: W [Q, E]; concat: W_e [A, E] and its bias b
  private let key: Linear?
  /// concat: W_d [A, Q]
  private let query: Linear?
  /// concat: v [A]
  private let vector: ParameterLayout.Slice?

  /// Declares the parameters of the score: of `general` `attention.key.weight` [Q, E]; of `concat`
  /// that with `attention.key.bias` [Q], `attention.query.weight` [Q, Q] and `attention.vector`
  /// [Q]; all behind `prefix`.
  ///
  /// Throws `.shape` for `dot` between rows of two widths.
  ///
  /// - Parameters:
  ///   - score: how well a key answers a query.
  ///   - queryWidth: Q.
  ///   - keyWidth: E.
  ///   - prefix: what the names begin with.
  ///   - layout: gets the parameters.
  public init(
    _ score: AttentionScore, query queryWidth: Int, key keyWidth: Int, prefix: String = "",
    declaringIn layout: inout ParameterLayout
  ) throws(RNNError) {
    self.score = score
    name = "\(prefix)attention"
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
        "\(prefix)attention.key", input: keyWidth, output: queryWidth, hasBias: false,
        declaringIn: &layout)
      (query, vector) = (nil, nil)
    case .concat:
      key = Linear(
        "\(prefix)attention.key", input: keyWidth, output: queryWidth, declaringIn: &layout)
      query = Linear(
        "\(prefix)attention.query", input: queryWidth, output: queryWidth, hasBias: false,
        declaringIn: &layout)
      vector = layout.add(
        "\(prefix)attention.vector", layer: "\(prefix)attention.vector", rows: queryWidth,
        role: .denseWeight(fanIn: queryWidth))
    }
  }

  /// The additive score without a query, for ``AttentionPooling``.
  init(
    poolingOver keyWidth: Int, size: Int, prefix: String,
    declaringIn layout: inout ParameterLayout
  ) {
    score = .concat
    name = "\(prefix)attention"
    key = Linear(
      "\(prefix)attention.key", input: keyWidth, output: size, declaringIn: &layout)
    query = nil
    vector = layout.add(
      "\(prefix)attention.vector", layer: "\(prefix)attention.vector", rows: size,
      role: .denseWeight(fanIn: size))
  }

  /// Whether queries and keys of these widths are those that the layer was made for.
  func takes(query queryWidth: Int, key keyWidth: Int) -> Bool {
    keyWidth == key?.inputSize ?? queryWidth && queryWidth == self.queryWidth ?? keyWidth
  }

  /// Where its parameters end in their layout; 0 for a score without.
  var parameterEnd: Int {
    max(
      key?.parameterEnd ?? 0, query?.parameterEnd ?? 0, vector?.range.upperBound ?? 0)
  }

  /// The width of the rows that the score compares.
  func scoreWidth(key keyWidth: Int) -> Int { key?.outputSize ?? keyWidth }

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

  /// Adds the gradients of the parameters. `queryGradient` becomes dE/d(queries), `keyGradient`
  /// dE/d(keys), both without what else reads them.
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
      queries, keys, contextGradient, keyGradient: keyGradient, tape: tape, parameters: parameters,
      gradients: gradients, team: team)
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
  ///   - rows: where the step's queries stand among those of all steps.
  ///   - queries: [rows, …].
  ///   - keys: [K, E], alive until the backward pass is done.
  ///   - contexts: becomes [rows, E].
  func forward(
    step: Int, of sentences: ArraySlice<Int>, rows: Range<Int>, _ queries: Matrix, _ keys: Matrix,
    into contexts: Matrix, tape: AttentionTape, parameters: ParameterStore, team: ThreadTeam
  ) {
    tape.asked.matrix(tape.plan.queryCount, queries.columns).rows(rows)
      .copy(from: queries, team: team)
    let (seen, seenKeys) = seenRows(queries, keys, of: rows, tape: tape)
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

  /// BPTT through one query of some sentences, after `beginBackward`: `queryGradient` [rows, …]
  /// becomes dE/d(queries).
  ///
  /// - Parameters:
  ///   - step: which of the sentences' queries it is.
  ///   - sentences: of each row.
  ///   - rows: where the step's queries stand among those of all steps.
  ///   - contextGradient: [rows, E].
  func backward(
    step: Int, of sentences: ArraySlice<Int>, rows: Range<Int>, _ contextGradient: Matrix,
    _ keys: Matrix, queryGradient: Matrix, keyGradient: Matrix, tape: AttentionTape,
    parameters: ParameterStore, team: ThreadTeam
  ) {
    let asked = tape.asked.matrix(tape.plan.queryCount, queryGradient.columns).rows(rows)
    let (seen, seenKeys) = seenRows(asked, keys, of: rows, tape: tape)
    let (dKeys, dQueries) = gradientRows(
      keyGradient, queryGradient, seenKeys.columns, seen.columns, of: rows, tape: tape)
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
      dQueries, output: nil, inputGradient: queryGradient, weights: tape.queryWeights,
      parameters: parameters, team: team)
  }

  /// Adds what is taken once for the queries of all steps.
  ///
  /// - Parameters:
  ///   - contextGradient: [Q, E], step by step.
  ///   - order: for each query in the order of sentences its row among those of all steps.
  func endBackwardSteps(
    _ keys: Matrix, _ contextGradient: Matrix, order: [Int], keyGradient: Matrix,
    tape: AttentionTape, parameters: ParameterStore, gradients: ParameterStore, team: ThreadTeam
  ) {
    let width = queryWidth ?? keys.columns
    let asked = tape.asked.matrix(order.count, width)
    query?.addGradients(
      tape.queryGradient.matrix(order.count, query?.outputSize ?? 0), input: asked, to: gradients,
      team: team)
    let queries = tape.askedBySentence.matrix(order.count, width)
    if vector == nil { queries.gather(order, from: asked, team: team) }
    let slopes = tape.contextGradient.matrix(order.count, keys.columns)
    slopes.gather(order, from: contextGradient, team: team)
    endBackward(
      queries, keys, slopes, keyGradient: keyGradient, tape: tape, parameters: parameters,
      gradients: gradients, team: team)
  }

  // MARK: - Around the backward pass

  /// Makes the gradients ready for what is added to them.
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

  /// Adds what reaches the keys, through scores that are products and as parts of contexts, and the
  /// gradients of the parameters that the keys met. Queries and gradients of contexts in the order
  /// of sentences; with a score that is no product nobody reads the queries.
  private func endBackward(
    _ queries: Matrix, _ keys: Matrix, _ contextGradient: Matrix, keyGradient: Matrix,
    tape: AttentionTape, parameters: ParameterStore, gradients: ParameterStore, team: ThreadTeam
  ) {
    let plan = tape.plan
    if let vector {
      tape.vectorGradients.matrix(plan.sentenceCount, vector.rows)
        .addColumnSums(to: gradients.vector(vector), team: team)
    } else {
      let dKeys =
        key.map { tape.keyGradient.matrix(keys.rows, $0.outputSize) } ?? keyGradient
      team.split(plan.sentenceCount) { sentences in
        for sentence in sentences {
          BLAS.multiply(
            tape.gradient(of: sentence), .yes, queries.rows(plan.queries[sentence]),
            into: dKeys.rows(plan.keys[sentence]), beta: 1)
        }
      }
    }
    if let key {
      key.backward(
        tape.keyGradient.matrix(keys.rows, key.outputSize), input: keys, output: nil,
        inputGradient: keyGradient, weights: tape.keyWeights, parameters: parameters,
        gradients: gradients, team: team)
    }
    team.split(plan.sentenceCount) { sentences in
      for sentence in sentences {
        BLAS.multiply(
          tape.weights(of: sentence), .yes, contextGradient.rows(plan.queries[sentence]),
          into: keyGradient.rows(plan.keys[sentence]), beta: 1)
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

  /// `dd` becomes what reaches the queries through the scores. What reaches the keys so is added to
  /// `dk`, but for scores that are products, where it is one product for all queries of the
  /// sentence.
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
    }
  }

  /// How wide queries are; nil for as wide as keys.
  private var queryWidth: Int? { query?.weight.columns ?? key?.outputSize }

  /// Queries and keys as the score sees them.
  ///
  /// - Parameter rows: of the queries among all; nil for all of them.
  private func seenRows(
    _ queries: Matrix, _ keys: Matrix, of rows: Range<Int>? = nil, tape: AttentionTape
  ) -> (queries: Matrix, keys: Matrix) {
    (
      query.map { Self.rows(rows, queries.rows, $0.outputSize, tape.queries, tape) } ?? queries,
      key.map { tape.keys.matrix(keys.rows, $0.outputSize) } ?? keys
    )
  }

  /// Their gradients: where the score sees rows as they are, these need no space of their own.
  private func gradientRows(
    _ keyGradient: Matrix, _ queryGradient: Matrix, _ keyWidth: Int, _ queryWidth: Int,
    of rows: Range<Int>? = nil, tape: AttentionTape
  ) -> (keys: Matrix, queries: Matrix) {
    (
      key == nil ? keyGradient : tape.keyGradient.matrix(keyGradient.rows, keyWidth),
      query == nil
        ? queryGradient
        : Self.rows(rows, queryGradient.rows, queryWidth, tape.queryGradient, tape)
    )
  }

  private static func rows(
    _ rows: Range<Int>?, _ count: Int, _ width: Int, _ buffer: FloatBuffer, _ tape: AttentionTape
  ) -> Matrix {
    guard let rows else { return buffer.matrix(count, width) }
    return buffer.matrix(tape.plan.queryCount, width).rows(rows)
  }
}
