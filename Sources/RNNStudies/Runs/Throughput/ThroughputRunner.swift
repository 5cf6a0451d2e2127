import RNNCore

/// Times passes of one engine after the other.
package struct ThroughputRunner {
  /// Time to measure for, a row.
  package let seconds: Double
  package let seed: UInt64
  private var teams: [Int: ThreadTeam] = [:]
  /// GFLOP/s of sgemm by the number of threads: given, or measured when first needed.
  package private(set) var peaks: [Int: Double]

  /// - Parameter peaks: those that need no measurement.
  package init(seconds: Double, seed: UInt64, peaks: [Int: Double]) {
    self.seconds = seconds
    self.seed = seed
    self.peaks = peaks
  }

  private static let warmUps = 2
  private static let fewestPasses = 5
  /// Of passes that take longer than `longPass` seconds.
  private static let fewestLongPasses = 2
  private static let longPass = 2.0

  package mutating func team(_ threads: Int) throws -> ThreadTeam {
    if let team = teams[threads] { return team }
    let team = try ThreadTeam(count: threads)
    teams[threads] = team
    return team
  }

  package mutating func peak(_ threads: Int) throws -> Double {
    if let peak = peaks[threads] { return peak }
    let peak = MachineProfile.measurePeak(team: try team(threads))
    peaks[threads] = peak
    return peak
  }

  /// - Parameter tick: called after each pass.
  package mutating func measure(
    _ shape: BenchmarkShape, cell: CellKind, pass: ThroughputPass, threads: Int, tick: () -> Void
  ) throws -> ThroughputResult {
    let peak = try peak(threads)
    let bytesBefore = EngineMemory.allocatedBytes
    let engine = try RecurrentEngine(
      shape.configuration(cell), seed: seed, team: team(threads))
    let layout = try shape.makeLayout(seed: seed)
    if pass == .trainProfiled { engine.profiler = try GradientProfiler(every: 1) }
    engine.prepare(layout)
    var generator = RandomGenerator(seed: seed, for: "values of a throughput run")
    fill(engine.input, using: &generator)
    fill(engine.outputGradient, using: &generator)
    _ = try time(pass, engine, layout)
    let bytes = EngineMemory.allocatedBytes - bytesBefore
    for _ in 1..<Self.warmUps {
      tick()
      _ = try time(pass, engine, layout)
    }
    return ThroughputResult(
      shape: shape, cell: cell, pass: pass, threads: threads, tokens: layout.rowCount,
      times: try times(pass, engine, layout, tick: tick), peak: peak, bytesAllocated: bytes)
  }

  private func fill(_ rows: PackedRows, using generator: inout RandomGenerator) {
    for row in 0..<rows.rows {
      rows.withRow(row) { values in
        for index in values.indices { values[index] = generator.uniform(-1, 1) }
      }
    }
  }

  private func times(
    _ pass: ThroughputPass, _ engine: RecurrentEngine, _ layout: SequenceLayout, tick: () -> Void
  ) throws -> PassTimes {
    var (times, total) = ([Double](), 0.0)
    while true {
      tick()
      let time = try time(pass, engine, layout)
      times.append(time)
      total += time
      let fewest =
        total > Self.longPass * Double(times.count) ? Self.fewestLongPasses : Self.fewestPasses
      if times.count >= fewest, total >= seconds { return PassTimes(times) }
    }
  }

  /// The seconds of one pass from a state of zeros.
  private func time(
    _ pass: ThroughputPass, _ engine: RecurrentEngine, _ layout: SequenceLayout
  ) throws -> Double {
    // A state of its own, so that nothing is copied on writing while the clock runs.
    var state = engine.zeroState(sequences: layout.sequenceCount)
    engine.profiler?.clear()
    let time = try ContinuousClock().measure {
      if pass.isTraining {
        engine.gradients.setToZero()
        // What an optimiser would do: the engine packs the weights anew.
        engine.parameters.withUnsafeMutableValues { _ in }
      }
      _ = try engine.forward(&state, recording: pass != .inference)
      if pass.isTraining { try engine.backward(inputGradient: pass == .trainDX) }
    }
    return time / .seconds(1)
  }
}
