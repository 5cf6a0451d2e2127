/// The gradient of a batch as the sum of those of its shards, for ``Trainer``.
final class ShardedGradient<Model: TrainableModel> {
  /// Shards of a batch.
  var count: Int { tree.count }

  private let model: Model
  private let tree: ShardTree
  private let ranks: (any RankGroup)?
  private let sum: ShardSum
  /// What the last batch's shards were drawn with.
  private var seed: UInt64?

  /// Throws `.range` for fewer shards than one or than processes, `.memory` where the process may
  /// not take what the gradients need.
  ///
  /// - Parameters:
  ///   - model: whose gradient it is.
  ///   - count: shards of a batch.
  ///   - ranks: which share them; nil for this process alone.
  ///   - gradients: where the sum goes.
  ///   - plan: of the exchange between processes.
  init(
    of model: Model, shards count: Int, among ranks: (any RankGroup)?,
    sum gradients: ParameterStore, plan: ExchangePlan
  ) throws(RNNError) {
    try requirePositive(count, "shards")
    if let ranks, ranks.count > count {
      throw RNNError(
        .range, "shards", expected: "at least one for each of \(ranks.count) processes",
        found: "\(count)")
    }
    (self.model, tree, self.ranks) = (model, ShardTree(count: count), ranks)
    sum = try ShardSum(
      tree, among: ranks, sum: gradients, team: model.team, plan: plan)
  }

  /// Makes the gradient of the batch in the store that the sum goes to.
  ///
  /// Throws what the model throws for a shard, on this process the same as on others `.ranks`.
  ///
  /// - Parameters:
  ///   - batch: the whole one.
  ///   - pass: the workspace, which holds the records of the first of this process's shards
  ///     afterwards.
  ///   - dropout: the generator of the whole batch, of which each shard has one of its own.
  ///   - willMakeLast: told before that shard, the last that is made.
  /// - Returns: the loss of the whole batch.
  func make(
    _ batch: Model.Batch, pass: Model.Workspace, dropout: inout RandomGenerator?,
    willMakeLast: () -> Void
  ) throws(RNNError) -> LossValue {
    seed = dropout?.next()
    var losses: [LossValue?] = []
    var failure: RNNError?
    do throws(RNNError) {
      try sum.make { index, gradients throws(RNNError) in
        guard index == sum.own.lowerBound else {
          return losses.append(try add(batch, index, pass: pass, to: gradients))
        }
        willMakeLast()
        let layers = model.hasOneWayBack ? model.layers(of: pass) : nil
        layers?.follower = sum.follower
        defer { layers?.follower = nil }
        losses.append(try add(batch, index, pass: pass, to: gradients))
        try sum.requireUnchanged()
      }
    } catch {
      failure = error
    }
    do throws(RNNError) {
      let isInBackground = sum.usesBackground
      if isInBackground { try sum.finishExchange(hasFailed: failure != nil) }
      let loss = try total(losses.reversed(), failure)
      if !isInBackground { try sum.exchange() }
      return loss
    } catch {
      // Where messages fail as well, what went wrong first says more.
      throw failure ?? error
    }
  }

  /// Adds the gradient of one shard; returns nil where there is none.
  private func add(
    _ batch: Model.Batch, _ index: Int, pass: Model.Workspace, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue? {
    guard let shard = try batch.shard(index, of: count) else { return nil }
    var dropout = seed.map { RandomGenerator(seed: $0, for: .shard(index)) }
    return try model.addGradient(for: shard, pass: pass, dropout: &dropout, to: gradients)
  }

  /// The loss of all shards of all processes, added up in their order. Throws where one failed.
  private func total(_ own: [LossValue?], _ failure: RNNError?) throws(RNNError) -> LossValue {
    var losses = own
    if let ranks, ranks.count > 1 {
      let most = (tree.count + ranks.count - 1) / ranks.count
      var said = own.map { ShardOutcome(loss: $0) }
      said += Array(repeating: ShardOutcome(), count: most - said.count)
      said[0].hasFailed = failure != nil
      said[0].wantsBackground = sum.wantsBackground
      let all = try ranks.gather(said)
      if all.allSatisfy(\.[0].wantsBackground) { sum.usesBackground = true }
      if failure == nil, let rank = all.firstIndex(where: { $0[0].hasFailed }) {
        throw RNNError(
          .ranks, "rank \(rank)", expected: "its part of the batch", found: "an error there")
      }
      losses = all.joined().map(\.loss)
    }
    if let failure { throw failure }
    let values = losses.compactMap { $0 }
    return values.dropFirst().reduce(values.first ?? LossValue(value: 0, elements: 0), +)
  }

  /// Where the last gradient stopped being finite, looked for by making this process's shards
  /// again, before anything of the model has changed.
  func nonFiniteOrigin(_ batch: Model.Batch, pass: Model.Workspace) -> NonFiniteOrigin? {
    let scratch = ParameterStore(layout: model.parameters.layout)
    for index in sum.own {
      do throws(RNNError) {
        let isThere = try add(batch, index, pass: pass, to: scratch) != nil
        if isThere, let origin = model.nonFiniteOrigin(pass) { return origin }
      } catch {
        return nil
      }
    }
    return nil
  }
}

extension RandomStream {
  /// The masks of one shard of a batch.
  static func shard(_ index: Int) -> RandomStream { RandomStream("dropout of shard \(index)") }
}

/// What one process says of a shard to all others.
private struct ShardOutcome: BitwiseCopyable {
  /// Nil for no shard.
  var loss: LossValue?
  var hasFailed = false
  var wantsBackground = false
}
