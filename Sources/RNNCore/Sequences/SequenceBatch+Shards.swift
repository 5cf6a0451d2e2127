/// What a shard, or a stretch of steps, knows of the batch that it was cut from.
struct WholeBatch: Sendable, Hashable {
  /// Answered elements of the whole batch, which mean losses are divided by.
  let elements: Int
  /// Which of the batch's sequences are the part's own: their numbers in the batch.
  let places: [Int]
  /// Sequences of the whole batch.
  let sequenceCount: Int
}

extension SequenceBatch {
  /// What the mean loss of single answers is divided by: classes, labels (at least one a sequence)
  /// or numbers of the target vectors.
  var answeredElements: Int {
    switch targets {
    case .classes(let ids)?: ids.count { $0 >= 0 }
    case .values(let values, _)?: values.count
    case .labellings(let labellings)?: labellings.elements
    case nil: 0
    }
  }

  /// Every `count`-th sequence of the batch, from the `index`-th on, the longest first: so that all
  /// shards have about as much to do. Nil where the batch has no more sequences than that.
  ///
  /// A shard's losses are divided by what those of the whole batch are divided by: the losses and
  /// gradients of all shards add up to the batch's. Costs a copy of the shard's input.
  ///
  /// - Parameters:
  ///   - index: 0..<`count`.
  ///   - count: of shards, 1 or more.
  public func shard(_ index: Int, of count: Int) -> SequenceBatch? {
    precondition(count > 0 && (0..<count).contains(index), "one of the shards")
    precondition(
      firstAnsweredRow == 0 && answeredRows == nil && whole == nil, "a batch of its own")
    let places = stride(from: index, to: layout.sequenceCount, by: count)
      .map { layout.order[$0] }.sorted()
    guard !places.isEmpty else { return nil }
    var shard = selecting(places)
    shard.whole = WholeBatch(
      elements: answeredElements, places: places, sequenceCount: layout.sequenceCount)
    return shard
  }

  /// Some of the sequences, in the order given, as a batch of their own.
  package func selecting(_ sequences: [Int]) -> SequenceBatch {
    let part = layout.selecting(sequences)
    let ranks = part.order.map { layout.ranks[sequences[$0]] }
    let rows = (0..<part.stepCount).flatMap { step in
      (0..<part.rows(ofStep: step).count).map { layout.stepOffsets[step] + ranks[$0] }
    }
    var batch = SequenceBatch(
      layout: part, answer: answer, content: content.selecting(rows),
      targets: targets?.selecting(
        rows: answer == .everyStep ? rows : ranks, ranks: ranks,
        lengths: part.order.map { part.lengths[$0] }))
    batch.labels = labels.map { labels in sequences.map { labels[$0] } }
    return batch
  }
}

extension SequenceBatch.Content {
  fileprivate func selecting(_ rows: [Int]) -> SequenceBatch.Content {
    switch self {
    case .tokens(let ids): .tokens(rows.map { ids[$0] })
    case .features(let values, let width):
      .features(values.selecting(rows, width: width), width: width)
    }
  }
}

extension SequenceBatch.Targets {
  /// - Parameters:
  ///   - rows: of the answers.
  ///   - ranks: of the sequences, which labellings go by.
  ///   - lengths: of the sequences, in the order of `ranks`.
  fileprivate func selecting(rows: [Int], ranks: [Int], lengths: [Int]) -> SequenceBatch.Targets {
    switch self {
    case .classes(let ids): .classes(rows.map { ids[$0] })
    case .values(let values, let width):
      .values(values.selecting(rows, width: width), width: width)
    case .labellings(let labellings):
      .labellings(PackedLabellings(ranks.map { Array(labellings[$0]) }, lengths: lengths))
    }
  }
}

extension [Float] {
  /// Some rows of a matrix of `width` columns.
  fileprivate func selecting(_ rows: [Int], width: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows.count * width) { buffer, count in
      for row in rows {
        for index in row * width..<(row + 1) * width {
          buffer.initializeElement(at: count, to: self[index])
          count += 1
        }
      }
    }
  }
}
