extension VisualQuestionModel {
  /// Logits [N, C] in the order of images; they live on the pass.
  func forward(
    _ batch: VisualQuestionBatch, pass: VisualQuestionPass, isRecorded: Bool,
    dropout: inout RandomGenerator?
  ) -> Matrix {
    pass.usedDropout = dropout != nil && configuration.dropout > 0
    pass.attention.plan = batch.plan
    let rows = wideRows(pass.wide, batch.count)
    read(batch, into: rows.queries, pass: pass, isRecorded, &dropout)
    if let image = layers.image, let contexts = rows.contexts, let products = rows.products {
      let keys = look(batch, image, pass: pass, &dropout)
      image.attention.forward(
        rows.queries, keys, into: contexts, tape: pass.attention, parameters: parameters,
        team: team)
      products.multiply(contexts, by: rows.queries, team: team)
    }
    let combined = pass.combined.matrix(batch.count, configuration.hiddenSize)
    layers.combination.forward(
      rows.all, into: combined, weights: pass.combinationWeights, parameters: parameters,
      team: team)
    let seen = pass.answers.drop(
      combined, rate: configuration.dropout, using: &dropout, team: team)
    pass.readoutInput = seen
    let logits = pass.logits.matrix(seen.rows, configuration.answers)
    layers.readout.forward(
      seen, into: logits, weights: pass.readoutWeights, parameters: parameters, team: team)
    return logits
  }

  /// The state of each question, in the order of images.
  private func read(
    _ batch: VisualQuestionBatch, into queries: Matrix, pass: VisualQuestionPass,
    _ isRecorded: Bool, _ dropout: inout RandomGenerator?
  ) {
    let layout = batch.questions.layout
    let input = pass.words.matrix(layout.rowCount, configuration.embedding)
    if case .tokens(let ids) = batch.questions.content {
      layers.embedding.forward(ids, into: input, parameters: parameters, team: team)
    }
    let seen = pass.words.drop(input, rate: configuration.dropout, using: &dropout, team: team)
    pass.state.makeZero(sequences: layout.sequenceCount)
    _ = layers.question.forward(
      seen, layout: layout, initial: pass.state, tape: pass.question, isRecorded: isRecorded,
      run: run, dropout: &dropout)
    let ends = pass.ends.matrix(layout.sequenceCount, configuration.hiddenSize)
    layers.question.copyEnds(from: pass.question, layout: layout, into: ends)
    queries.gather(batch.ranks, from: ends, team: team)
  }

  /// The regions of all images, [I·R, H].
  private func look(
    _ batch: VisualQuestionBatch, _ image: VisualQuestionLayers.Image, pass: VisualQuestionPass,
    _ dropout: inout RandomGenerator?
  ) -> Matrix {
    let (regions, width) = (image.shape.regionCount, configuration.hiddenSize)
    let patches = pass.patches.matrix(batch.plan.keyCount, image.shape.patchWidth)
    patches.pointer.update(from: batch.patches, count: batch.patches.count)
    let features = pass.features.matrix(patches.rows, width)
    image.region.forward(
      patches, into: features, weights: pass.regionWeights, parameters: parameters, team: team)
    let placed = pass.regions.matrix(patches.rows, width)
    let places = parameters.matrix(image.position)
    team.split(batch.imageCount) { images in
      for index in images {
        let rows = placed.rows(index * regions..<(index + 1) * regions)
        rows.combine(keep: 0, features.rows(index * regions..<(index + 1) * regions))
        rows.combine(keep: 1, places)
      }
    }
    let keys = pass.regions.drop(
      placed, rate: configuration.dropout, using: &dropout, team: team)
    pass.keys = keys
    return keys
  }

  /// Contexts, states and their products side by side; without an image the states alone.
  private struct WideRows {
    let all: Matrix
    let queries: Matrix
    var contexts: Matrix?
    var products: Matrix?
  }

  private func wideRows(_ buffer: FloatBuffer, _ count: Int) -> WideRows {
    let hidden = configuration.hiddenSize
    guard layers.image != nil else {
      let rows = buffer.matrix(count, hidden)
      return WideRows(all: rows, queries: rows)
    }
    let rows = buffer.matrix(count, 3 * hidden)
    return WideRows(
      all: rows, queries: rows.columns(hidden..<2 * hidden), contexts: rows.columns(0..<hidden),
      products: rows.columns(2 * hidden..<3 * hidden))
  }

  private var run: RecurrentRun { RecurrentRun(parameters: parameters, team: team, forced: nil) }

  // MARK: - Backward

  /// Adds the gradients of all parameters, from the gradient of the logits.
  ///
  /// - Parameter observe: is shown the gradient of the regions, [I·R, H].
  func backward(
    _ logits: Matrix, _ batch: VisualQuestionBatch, pass: VisualQuestionPass,
    gradients: ParameterStore, observe: (_ regions: Matrix) -> Void = { _ in }
  ) {
    guard let seen = pass.readoutInput else {
      preconditionFailure("a backward pass follows a forward pass")
    }
    let answers = pass.answerGradient.matrix(seen.rows, seen.columns)
    layers.readout.backward(
      logits, input: seen, output: nil, inputGradient: answers, weights: pass.readoutWeights,
      parameters: parameters, gradients: gradients, team: team)
    if pass.usedDropout { pass.answers.undrop(answers, team: team) }
    let rows = wideRows(pass.wide, batch.count)
    let gradient = wideRows(pass.wideGradient, batch.count)
    layers.combination.backward(
      answers, input: rows.all, output: pass.combined.matrix(answers.rows, answers.columns),
      inputGradient: gradient.all, weights: pass.combinationWeights, parameters: parameters,
      gradients: gradients, team: team)
    if let image = layers.image, let keys = pass.keys {
      let keyGradient = backwardAttention(
        gradient, rows, keys, image, pass: pass, gradients: gradients)
      observe(keyGradient)
      backwardImages(keyGradient, batch, image, pass: pass, gradients: gradients)
    }
    backwardQuestions(gradient.queries, batch, pass: pass, gradients: gradients)
  }

  /// The gradient of the regions; that of the states gets its parts of attention and product.
  private func backwardAttention(
    _ gradient: WideRows, _ rows: WideRows, _ keys: Matrix, _ image: VisualQuestionLayers.Image,
    pass: VisualQuestionPass, gradients: ParameterStore
  ) -> Matrix {
    guard let contexts = rows.contexts, let contextGradient = gradient.contexts,
      let products = gradient.products
    else { preconditionFailure("a model with images has contexts") }
    team.split(products.rows) { range in
      let slope = products.rows(range)
      contextGradient.rows(range).combine(keep: 1, slope, mask: rows.queries.rows(range))
      gradient.queries.rows(range).combine(keep: 1, slope, mask: contexts.rows(range))
    }
    let queries = pass.queryGradient.matrix(contexts.rows, contexts.columns)
    let keyGradient = pass.keyGradient.matrix(keys.rows, keys.columns)
    image.attention.backward(
      contextGradient, rows.queries, keys, queryGradient: queries, keyGradient: keyGradient,
      tape: pass.attention, parameters: parameters, gradients: gradients, team: team)
    team.split(queries.rows) { range in
      gradient.queries.rows(range).combine(keep: 1, queries.rows(range))
    }
    return keyGradient
  }

  /// After a backward pass, which leaves the gradients of the states and of what they were read for.
  func questionPaths(
    _ batch: VisualQuestionBatch, _ image: GradientProfile.ImagePath?, pass: VisualQuestionPass
  ) -> GradientProfile.QuestionPaths {
    let (rows, gradient) = (
      wideRows(pass.wide, batch.count), wideRows(pass.wideGradient, batch.count)
    )
    guard let slope = gradient.products, let contexts = rows.contexts else {
      return GradientProfile.QuestionPaths(
        of: gradient.queries, product: nil, scores: nil, image: nil)
    }
    return GradientProfile.QuestionPaths(
      of: gradient.queries, product: (slope, contexts),
      scores: pass.queryGradient.matrix(contexts.rows, contexts.columns), image: image)
  }

  private func backwardImages(
    _ keys: Matrix, _ batch: VisualQuestionBatch, _ image: VisualQuestionLayers.Image,
    pass: VisualQuestionPass, gradients: ParameterStore
  ) {
    if pass.usedDropout { pass.regions.undrop(keys, team: team) }
    let regions = image.shape.regionCount
    let places = gradients.matrix(image.position)
    team.split(regions) { range in
      for index in 0..<batch.imageCount {
        let first = index * regions
        places.rows(range).combine(
          keep: 1, keys.rows(first + range.lowerBound..<first + range.upperBound))
      }
    }
    // Nothing below learns from the gradient of pixels.
    image.region.backward(
      keys, input: pass.patches.matrix(keys.rows, image.shape.patchWidth),
      output: pass.features.matrix(keys.rows, keys.columns), inputGradient: nil,
      weights: pass.regionWeights, parameters: parameters, gradients: gradients, team: team)
  }

  private func backwardQuestions(
    _ queries: Matrix, _ batch: VisualQuestionBatch, pass: VisualQuestionPass,
    gradients: ParameterStore
  ) {
    let layout = batch.questions.layout
    let ends = pass.ends.matrix(queries.rows, queries.columns)
    ends.scatterAll(batch.ranks, from: queries, team: team)
    let inputs = pass.inputGradient.matrix(layout.rowCount, configuration.embedding)
    // Nobody looks at the final states but through the outputs.
    pass.state.makeZero(sequences: layout.sequenceCount)
    layers.question.backward(
      .atEnd(ends), inputGradient: inputs, states: &pass.state, tape: pass.question, run: run,
      gradients: gradients)
    if pass.usedDropout { pass.words.undrop(inputs, team: team) }
    if case .tokens(let ids) = batch.questions.content {
      layers.embedding.backward(ids, outputGradient: inputs, gradients: gradients, team: team)
    }
  }
}

/// Everything that one pass through a ``VisualQuestionModel`` remembers or works in. One pass belongs to one thread at
/// a time.
public final class VisualQuestionPass: @unchecked Sendable {
  let question: RecurrentTape
  let attention = AttentionTape()
  /// Embedded words, and what is left of them after dropout.
  let words = DroppedRows()
  /// States of the questions by rank, then their gradients, [N, H].
  let ends = FloatBuffer()
  /// Patches of all images, [I·R, P]; relu of their products; and these with their places, [I·R, H].
  let patches = FloatBuffer()
  let features = FloatBuffer()
  let regions = DroppedRows()
  /// Contexts, states and their products side by side in the order of images, [N, 3H].
  let wide = FloatBuffer()
  /// What becomes of them, [N, H].
  let combined = FloatBuffer()
  let answers = DroppedRows()
  /// Logits, then their gradients, [N, C].
  let logits = FloatBuffer()
  let lossWeights = FloatBuffer()
  /// Gradients on their way down, each like what it is the gradient of.
  let answerGradient = FloatBuffer()
  let wideGradient = FloatBuffer()
  let queryGradient = FloatBuffer()
  let keyGradient = FloatBuffer()
  let inputGradient = FloatBuffer()
  let regionWeights = LinearWeights()
  let combinationWeights = LinearWeights()
  let readoutWeights = LinearWeights()
  /// Initial states of the network that reads questions, then gradients of the final ones.
  var state: RecurrentState
  var usedDropout = false
  /// What attention and readout read in the last forward pass.
  var keys: Matrix?
  var readoutInput: Matrix?

  init(_ model: VisualQuestionModel) {
    question = model.layers.question.makeTape()
    state = model.layers.question.zeroState(sequences: 0)
  }
}
