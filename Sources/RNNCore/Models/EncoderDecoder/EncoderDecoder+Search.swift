internal import CLibrary

/// What a decoder wrote.
public struct Hypothesis: Sendable, Hashable {
  /// Without start and end.
  public var tokens: [Int32]
  /// log p(tokens, end | source), in nats; without the end's when the length ran out.
  public var logProbability: Double
  /// What hypotheses are ranked by, see ``BeamSearch``.
  public var score: Double
  /// Whether the model ended it itself.
  public var isComplete: Bool
  /// α of each token and of the end, the source as the encoder read it; empty without attention.
  public var alignment: [[Float]]
}

/// How a decoder searches for the likeliest target.
///
/// The `width` best beginnings of each sentence are kept at every step. A finished one is ranked by
///
///     score = log p / ((5 + length) / 6)^α        length with the end (Wu et al. 2016)
///
/// since without division short targets win. Width 1 is greedy search. A sentence is done when
/// `width` targets of it are finished. Costs `width` decoder steps a token; all beams of all
/// sentences are one batch.
public struct BeamSearch: Sendable, Hashable {
  /// The beginnings of each sentence that are kept from step to step.
  public var width: Int
  /// α, 0 for no normalisation.
  public var lengthNormalization: Double
  /// Most tokens of a target.
  public var mostTokens: Int

  /// Throws `.range` for a width or length below 1 and an α that is negative or not finite.
  public init(
    width: Int = 1, lengthNormalization: Double = 1, mostTokens: Int = 100
  ) throws(RNNError) {
    try requirePositive(width, "beam width")
    try requirePositive(mostTokens, "most tokens")
    guard lengthNormalization >= 0, lengthNormalization.isFinite else {
      throw RNNError(
        .range, "length normalization", expected: "0 or more", found: "\(lengthNormalization)")
    }
    self.width = width
    self.lengthNormalization = lengthNormalization
    self.mostTokens = mostTokens
  }

  fileprivate func score(_ logProbability: Double, length: Int) -> Double {
    logProbability / pow(Double(5 + length) / 6, lengthNormalization)
  }
}

extension EncoderDecoder {
  /// The targets that the search finds for each source, best first: one at least, at most the
  /// search's width.
  ///
  /// Throws `.vocabulary` and `.shape` for sources that do not fit, `.empty` for none.
  public func decode(
    _ sources: [Example.Input], search: BeamSearch, pass: EncoderDecoderPass
  ) throws(RNNError) -> [[Hypothesis]] {
    let batch = try SequenceBatch(
      inputs: sources.map { configuration.reversesSource ? $0.reversed : $0 })
    try check(batch)
    try admit(batch, search, pass: pass)
    try pass.layers.begin()
    let source = try encode(batch, pass: pass)
    let (keys, steps) = (source.keys.matrix, pass.steps)
    steps.usedDropout = false
    let keyPlan = AttentionPlan(
      queries: Array(repeating: 0, count: sources.count), keys: batch.layout.lengths)
    // What the readout read at the step before, a row an open beginning.
    var fed = [Float](repeating: 0, count: sources.count * configuration.hiddenSize)
    var beams = (0..<sources.count).map { _ in Beam(start: configuration.start) }
    var state = source.start.state
    steps.attention.plan = keyPlan
    layers.attention?.prepare(keys, tape: steps.attention, parameters: parameters, team: team)
    while !beams.allSatisfy({ $0.open.isEmpty }) {
      let logits = try step(
        beams, &state, fed, keys: keys, keyRanges: keyPlan.keys, pass: steps)
      var (row, rows) = (0, [Int]())
      for index in beams.indices {
        let count = beams[index].open.count
        let alignment = layers.attention == nil ? nil : steps.attention.weights(of: index)
        rows += beams[index].advance(
          logits.rows(row..<row + count), alignment: alignment, end: configuration.end,
          search: search
        ).map { row + $0 }
        row += count
      }
      state = state.selecting(rows)
      if configuration.feeding == .answer {
        let answers = steps.combined.matrix(logits.rows, configuration.hiddenSize)
        fed = rows.flatMap { Array(answers.row($0)) }
      }
    }
    return beams.map { $0.hypotheses(search) }
  }

  /// Logits of all open beginnings, [rows, V]; their states move one step on.
  private func step(
    _ beams: [Beam], _ state: inout RecurrentState, _ fed: [Float], keys: Matrix,
    keyRanges: [Range<Int>], pass: DecoderSteps
  ) throws(RNNError) -> Matrix {
    let tokens = beams.flatMap { $0.open.map(\.last) }
    pass.attention.plan = AttentionPlan(queries: beams.map(\.open.count), ofKeys: keyRanges)
    let rows = wideRows(tokens.count, pass: pass)
    let input = pass.decoderInput.matrix(tokens.count, configuration.decoder.inputSize)
    let vectors = pass.target.matrix(tokens.count, layers.targetEmbedding.width)
    layers.targetEmbedding.forward(tokens, into: vectors, parameters: parameters, team: team)
    input.columns(tokenColumns).copy(from: vectors, team: team)
    switch configuration.feeding {
    case .none: break
    case .answer: input.columns(fedColumns).copy(from: fed)
    case .context:
      // The output of a cell here is its state.
      rows.queries.copy(from: state.hidden[configuration.layers - 1])
      attend(rows, keys: keys, pass: pass)
      if let contexts = rows.contexts { input.columns(fedColumns).copy(from: contexts, team: team) }
    }
    let layout = SequenceLayout(longestFirst: Array(repeating: 1, count: tokens.count))
    var noDropout: RandomGenerator?
    let outputs = layers.decoder.forward(
      input, layout: layout, initial: state, tape: pass.decoder, isRecorded: false, run: run,
      dropout: &noDropout)
    layers.decoder.copyState(from: pass.decoder, after: .max, into: &state)
    rows.queries.copy(from: outputs, team: team)
    if configuration.feeding != .context { attend(rows, keys: keys, pass: pass) }
    combine(0..<tokens.count, rows.all, pass: pass)
    let logits = pass.stepLogits.matrix(tokens.count, layers.readout.outputSize)
    layers.readout.forward(
      combined(rows.all, pass: pass), into: logits, weights: pass.readoutWeights,
      parameters: parameters, team: team)
    return logits
  }

  private func attend(
    _ rows: (all: Matrix, contexts: Matrix?, queries: Matrix), keys: Matrix,
    pass: DecoderSteps
  ) {
    guard let attention = layers.attention, let contexts = rows.contexts else { return }
    attention.forward(
      rows.queries, keys, into: contexts, isPrepared: true, tape: pass.attention,
      parameters: parameters, team: team)
  }
}

extension AttentionPlan {
  /// Queries in the order of sentences, over keys that lie where they lie.
  fileprivate init(queries: [Int], ofKeys keys: [Range<Int>]) {
    self.init(queries: queries, keys: keys.map { _ in 0 })
    self.keys = keys
    for index in keys.indices {
      offsets[index + 1] = offsets[index] + queries[index] * keys[index].count
    }
  }
}

extension Matrix {
  /// Copies row-major numbers, as many as there are.
  fileprivate func copy(from values: [Float]) {
    precondition(values.count == rows * columns)
    values.withUnsafeBufferPointer { values in
      guard let first = values.baseAddress else { return }
      for index in 0..<rows {
        (pointer + index * stride).update(from: first + index * columns, count: columns)
      }
    }
  }
}

/// The beginnings of one sentence's target, and what is finished.
private struct Beam {
  struct Beginning {
    var tokens: [Int32] = []
    /// What the decoder reads next.
    var last: Int32
    var logProbability = 0.0
    var alignment: [[Float]] = []
  }

  var open: [Beginning]
  private var finished: [Hypothesis] = []

  init(start: Int32) { open = [Beginning(last: start)] }

  /// Goes one token on, with the logits and alignments of the open beginnings. Returns which of
  /// them each new one continues.
  mutating func advance(
    _ logits: Matrix, alignment: Matrix?, end: Int32, search: BeamSearch
  ) -> [Int] {
    let before = open
    open = []
    var sources: [Int] = []
    for candidate in candidates(before, logits, most: 2 * search.width) {
      if open.count == search.width || finished.count == search.width { break }
      var next = before[candidate.row]
      next.logProbability = candidate.logProbability
      if let alignment { next.alignment.append(Array(alignment.row(candidate.row))) }
      if candidate.token == end {
        finish(next, isComplete: true, search)
        continue
      }
      next.tokens.append(candidate.token)
      next.last = candidate.token
      if next.tokens.count == search.mostTokens {
        finish(next, isComplete: false, search)
        continue
      }
      open.append(next)
      sources.append(candidate.row)
    }
    guard finished.count < search.width else {
      open = []
      return []
    }
    return sources
  }

  private mutating func finish(_ beginning: Beginning, isComplete: Bool, _ search: BeamSearch) {
    let length = beginning.tokens.count + (isComplete ? 1 : 0)
    finished.append(
      Hypothesis(
        tokens: beginning.tokens, logProbability: beginning.logProbability,
        score: search.score(beginning.logProbability, length: length), isComplete: isComplete,
        alignment: beginning.alignment))
  }

  /// The likeliest continuations of all beginnings, best first; of equal ones the earlier row and
  /// lower token.
  private func candidates(
    _ beginnings: [Beginning], _ logits: Matrix, most: Int
  ) -> [(row: Int, token: Int32, logProbability: Double)] {
    var all: [(row: Int, token: Int32, logProbability: Double)] = []
    for (row, beginning) in beginnings.enumerated() {
      let values = logits.row(row)
      let top = Double(values.max() ?? 0)
      let offset = beginning.logProbability - log(values.reduce(0) { $0 + exp(Double($1) - top) })
      for token in largest(values, most: most) {
        // Differences first: logits of 1e20 would swallow all else.
        all.append((row, Int32(token), offset + (Double(values[token]) - top)))
      }
    }
    all.sort {
      $0.logProbability != $1.logProbability
        ? $0.logProbability > $1.logProbability : ($0.row, $0.token) < ($1.row, $1.token)
    }
    return Array(all.prefix(most))
  }

  /// Indices of the largest values, in no order.
  private func largest(_ values: UnsafeMutableBufferPointer<Float>, most: Int) -> [Int] {
    var kept: [Int] = []
    var least = -Float.infinity
    for index in values.indices {
      if kept.count == most {
        guard values[index] > least else { continue }
        kept.remove(at: kept.indices.min { values[kept[$0]] < values[kept[$1]] } ?? 0)
      }
      kept.append(index)
      if kept.count == most { least = kept.lazy.map { values[$0] }.min() ?? least }
    }
    return kept
  }

  /// Best first.
  func hypotheses(_ search: BeamSearch) -> [Hypothesis] {
    finished.sorted { $0.score > $1.score }
  }
}
