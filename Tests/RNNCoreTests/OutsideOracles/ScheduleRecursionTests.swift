import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// Every schedule against the recursion by which PyTorch documents the scheduler of the same kind
/// (`torch.optim.lr_scheduler`: StepLR, MultiStepLR, CosineAnnealingLR, LinearLR), computed in
/// `Double` from one update to the next, and against the rule of Zaremba's language models as their
/// published code writes it. A plain optimiser that follows a schedule along a constant gradient
/// goes as far as the series' closed sum says.
@Suite("Schedules against PyTorch's recursions")
struct ScheduleRecursionTests {
  private static let closeness = Closeness(
    absolute: 2e-7, relative: 4e-6,
    reason: "the recursions round in Double; a power or a cosine in Float errs by 1e-7 of 1, and "
      + "what is multiplied by the rounded factor 100 times by 100 · 3e-8")

  /// - Parameter next: the factor of an update from that before it.
  private static func expect(
    _ schedule: RateSchedule, from first: Double, updates: Int = 200,
    next: (_ update: Int, _ before: Double) -> Double
  ) {
    var expected = [first]
    for update in 1..<updates { expected.append(next(update, expected[update - 1])) }
    expectClose(
      (0..<updates).map { Double(schedule.factor(update: $0)) }, expected, closeness, "\(schedule)")
  }

  @Test("step", arguments: [(1, 0.96875), (3, 0.5), (7, 0.9), (250, 0.1)] as [(Int, Float)])
  func step(_ every: Int, _ gamma: Float) {
    Self.expect(.step(every: every, factor: gamma), from: 1) { update, before in
      update.isMultiple(of: every) ? before * Double(gamma) : before
    }
  }

  @Test("decay", arguments: [(1, 1, 0.96875), (4, 3, 0.5), (90, 20, 0.9)] as [(Int, Int, Float)])
  func decay(_ after: Int, _ every: Int, _ gamma: Float) {
    let milestones = Set(stride(from: after, to: 200, by: every))
    Self.expect(.decay(after: after, every: every, factor: gamma), from: 1) { update, before in
      milestones.contains(update) ? before * Double(gamma) : before
    }
  }

  /// `lr_decay ** max(i + 1 - max_epoch, 0.0)`, i the epoch.
  @Test("decay by epochs is that of Zaremba's code", arguments: [0, 1, 4, 14])
  func zaremba(_ maxEpoch: Int) {
    let schedule = RateSchedule.decay(after: maxEpoch, every: 1, factor: 0.8)
    let expected = (0..<40).map { pow(Double(Float(0.8)), max(Double($0 + 1 - maxEpoch), 0)) }
    expectClose(
      (0..<40).map { Double(schedule.factor(update: $0)) }, expected, Self.closeness, "factor")
  }

  @Test("cosine", arguments: [(1, 0), (5, 0.25), (150, 0), (199, 0.01)] as [(Int, Float)])
  func cosine(_ updates: Int, _ floor: Float) {
    let (bottom, period) = (Double(floor), Double(updates))
    Self.expect(.cosine(updates: updates, floor: floor), from: 1) { update, before in
      // PyTorch's curve rises again after its end; here it stays.
      guard update < updates else { return bottom }
      let (above, below) = (Double(update) / period, Double(update - 1) / period)
      return bottom + (before - bottom) * (1 + cos(.pi * above)) / (1 + cos(.pi * below))
    }
  }

  /// LinearLR with start_factor 1/n and total_iters n − 1.
  @Test("warm-up", arguments: [2, 5, 130])
  func warmup(_ updates: Int) {
    let (start, total) = (1 / Double(updates), Double(updates - 1))
    Self.expect(.warmup(updates: updates), from: start) { update, before in
      guard update < updates else { return before }
      return before * (1 + (1 - start) / (total * start + Double(update - 1) * (1 - start)))
    }
  }

  @Test("An optimiser goes as far as the sum of the factors")
  func sums() throws {
    let sums: [(RateSchedule, Double)] = [
      (.constant, 60),
      // Twelve of each of 1, 1/2, …, 1/16.
      (.step(every: 12, factor: 0.5), 12 * (2 - 0x1p-4)),
      // Sixteen times 1, then 11 times each of 1/4, …, 1/256.
      (.decay(after: 16, every: 11, factor: 0.25), 16 + 11 * (1 - 0x1p-8) / 3),
      // The cosines of half a turn without its end add up to 1.
      (.cosine(updates: 40, floor: 0.125), 0.125 * 60 + 0.875 * 41 / 2),
      (.warmup(updates: 20), 10.5 + 40),
    ]
    for (schedule, sum) in sums {
      var layout = ParameterLayout()
      _ = layout.add("w", layer: "l", rows: 1, role: .peephole)
      let (parameter, gradient) = (ParameterStore(layout: layout), ParameterStore(layout: layout))
      try gradient.set("w", to: [1])
      let optimizer = try Optimizer(.sgd(), rate: 0.0625, schedule: schedule, for: layout)
      let team = try ThreadTeam(count: 1)
      for _ in 0..<60 { try optimizer.update(parameter, gradients: gradient, team: team) }
      expectClose(
        try parameter.values(of: "w").map(Double.init), [-0.0625 * sum],
        Closeness(absolute: 8e-6, relative: 0, reason: "60 roundings of a Float below 4, 1.2e-7"),
        "\(schedule)")
    }
  }
}
