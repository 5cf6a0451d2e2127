import Testing

@testable import RNNCore

/// Trains the same model twice, with a profiler and without, and expects the same bits of both and
/// a profile of every second step of three.
///
/// - Returns: the profiles.
func watchedTraining<Model: TrainableModel>(
  on batch: Model.Batch, probing: ProfiledLoss = .allAnswers, _ make: () throws -> Model
) throws -> [GradientProfile] {
  let profiler = try GradientProfiler(every: 2, probing: probing)
  let (watched, plain) = (try make(), try make())
  for (model, profiler) in [(watched, profiler), (plain, nil)] {
    let trainer = try Trainer(
      model, rate: 0.01, clipping: .globalNorm(0.1), profiler: profiler, seed: 5)
    for _ in 0..<3 { try trainer.step(batch) }
    #expect(model.layers(of: trainer.pass)?.watcher == nil)
  }
  #expect(watched.parameters.bits == plain.parameters.bits)
  #expect(profiler.history.map(\.step) == [0, 2])
  for profile in profiler.history {
    #expect(profile.clip.map { abs($0.norm / profile.globalNorm - 1) < 1e-6 } == true)
    #expect(profile.parameters.contains { ($0.updateRatio ?? 0) > 0 })
  }
  return profiler.history
}

/// A profile without what only a training step has.
func withoutUpdate(_ profile: GradientProfile) -> GradientProfile {
  var rest = profile
  rest.clip = nil
  for index in rest.parameters.indices { rest.parameters[index].updateRatio = nil }
  return rest
}
