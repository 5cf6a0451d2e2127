import RNNCore
import RNNReport
import RNNTasks

/// Trains a model for some updates and cuts a plane through its parameters.
package struct ModelSurface {
  package let plan: RunPlan
  let choice: CellChoice
  /// Of the training; 0 for a model as it starts.
  let updates: Int

  /// Throws for whatever a run would stumble over.
  package init(_ plan: RunPlan) throws {
    self.plan = plan
    (choice, updates) = (plan.choices[0], plan.updates ?? 0)
    _ = try plan.configuration(choice)
  }

  package var subject: String {
    let when = updates == 0 ? "as it starts" : "after \(updates) updates"
    return "\(choice.name), H \(plan.model.hidden), on \(plan.taskName.rawValue) \(when)"
  }

  /// The slice through the trained model, over the batch that would come next.
  package func slice(
    plane: String, team: ThreadTeam, progress: ProgressReporter
  ) throws -> (surface: ModelSlice, names: (x: String, y: String)) {
    let seed = plan.seed
    let model = try plan.makeModel(choice, seed: seed, team: team)
    let (axes, names) = try Self.directions(plane, of: model, seed: seed)
    let trainer = try Trainer(
      model, rule: plan.settings.rule, rate: plan.rate, weightDecay: plan.weightDecay,
      clipping: .globalNorm(1), seed: seed)
    var feed = TrainingFeed(plan.task, seed: seed, batch: plan.batch, for: model)
    if updates > 0 { progress.begin("\(choice.name), \(updates) updates", total: updates) }
    for update in 0..<updates {
      let batch = try feed.next().batch
      let report = try trainer.step(batch, state: &feed.state)
      progress.update(update + 1, note: "loss " + NumberFormat.significant(report.loss, digits: 3))
    }
    progress.finish()
    let batch = try feed.next().batch
    // Directions are scaled by the trained weights, so they are drawn again.
    let (first, second) = try axes(model)
    return (try ModelSlice(model, batch: batch, first: first, second: second), names)
  }

  private typealias Directions = (SequenceModel) throws -> (ParameterStore, ParameterStore)

  /// Reads `random` or `NAME[i],NAME[j]`; names and indices are checked at once.
  private static func directions(
    _ text: String, of model: SequenceModel, seed: UInt64
  ) throws -> (Directions, names: (x: String, y: String)) {
    if text == "random" {
      let draw: Directions = { model in
        var generator = RandomGenerator(seed: seed, for: "directions of a surface")
        return (
          model.randomDirection(using: &generator), model.randomDirection(using: &generator)
        )
      }
      return (draw, ("first random direction", "second random direction"))
    }
    let elements = try text.split(separator: ",", omittingEmptySubsequences: false).map(element)
    guard elements.count == 2 else {
      throw RNNError(
        .format, "--plane", expected: "random or NAME[i],NAME[j]", found: text.excerpt)
    }
    guard elements[0] != elements[1] else {
      throw RNNError(
        .range, "--plane", expected: "two different elements that span a plane", found: text.excerpt
      )
    }
    let take: Directions = { model in
      (
        try model.direction(of: elements[0].name, element: elements[0].index),
        try model.direction(of: elements[1].name, element: elements[1].index)
      )
    }
    _ = try take(model)
    let names = elements.map { "change of \($0.name)[\($0.index)]" }
    return (take, (names[0], names[1]))
  }

  private static func element(_ text: Substring) throws -> (name: String, index: Int) {
    guard let match = text.wholeMatch(of: /\s*([A-Za-z_0-9]+)\[([0-9]+)\]\s*/),
      let index = Int(match.2)
    else {
      throw RNNError(
        .format, "--plane", expected: "random or NAME[i],NAME[j]", found: text.excerpt)
    }
    return (String(match.1), index)
  }
}
