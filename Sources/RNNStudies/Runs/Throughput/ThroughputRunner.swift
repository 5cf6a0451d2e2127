import CLibrary
import RNNCore

/// Times passes of one engine after the other; those that differ by what multiplies alone in turn.
package struct ThroughputRunner {
  /// Time to measure for, a row.
  package let seconds: Double
  package let seed: UInt64
  /// Seconds of rest before each pass, as data and other work may need between two.
  private let gap: Double
  private var teams: [Crew: ThreadTeam] = [:]
  /// GFLOP/s of sgemm by the number of threads: given, or measured when first needed.
  package private(set) var peaks: [Int: Double]

  /// - Parameters:
  ///   - gap: seconds of rest before each pass.
  ///   - peaks: those that need no measurement.
  package init(seconds: Double, seed: UInt64, gap: Double = 0, peaks: [Int: Double]) {
    (self.seconds, self.seed, self.gap, self.peaks) = (seconds, seed, gap, peaks)
  }

  /// The key by which teams are kept: threads and the implementation of products.
  private struct Crew: Hashable {
    var threads: Int
    var products: ProductBackend
  }

  /// The first is one call, in which an engine is made.
  private static let warmUps = 2
  private static let fewestPasses = 5
  /// Of passes that take longer than `longPass` seconds.
  private static let fewestLongPasses = 2
  private static let longPass = 2.0

  package mutating func team(
    _ threads: Int, _ products: ProductBackend = .standard
  ) throws -> ThreadTeam {
    let crew = Crew(threads: threads, products: products)
    if let team = teams[crew] { return team }
    let team = try ThreadTeam(count: threads, products: products)
    teams[crew] = team
    return team
  }

  package mutating func peak(_ threads: Int) throws -> Double {
    if let peak = peaks[threads] { return peak }
    let peak = MachineProfile.measurePeak(team: try team(threads))
    peaks[threads] = peak
    return peak
  }

  /// One result for each of what multiplies, whose passes take turns.
  ///
  /// - Parameter tick: called after each pass.
  mutating func measure(_ item: ThroughputItem, tick: () -> Void) throws -> [ThroughputResult] {
    let peak = try peak(item.threads)
    let engines = try item.products.map { products in
      try TimedEngine(item, seed: seed, team: team(item.threads, products))
    }
    for _ in 1..<Self.warmUps {
      for engine in engines {
        tick()
        _ = try engine.time()
      }
    }
    let times = try times(engines, tick: tick)
    return zip(item.products, zip(engines, times)).map { products, measured in
      let (engine, times) = measured
      return ThroughputResult(
        shape: item.shape, cell: item.cell, pass: item.pass, threads: item.threads,
        products: products, tokens: engine.tokens, times: times, peak: peak,
        bytesAllocated: engine.bytesAllocated)
    }
  }

  private func times(_ engines: [TimedEngine], tick: () -> Void) throws -> [PassTimes] {
    var times = engines.map { _ in [Double]() }
    while true {
      for (index, engine) in engines.enumerated() {
        tick()
        if gap > 0 { usleep(UInt32(1e6 * gap)) }
        times[index].append(try engine.time())
      }
      let (total, count) = (times[0].reduce(0, +), times[0].count)
      let fewest =
        total > Self.longPass * Double(count) ? Self.fewestLongPasses : Self.fewestPasses
      if count >= fewest, total >= seconds { return times.map(PassTimes.init) }
    }
  }
}

/// An engine that has seen its batch once.
private struct TimedEngine {
  let tokens: Int
  /// By the engine and its first pass.
  let bytesAllocated: Int
  private let pass: ThroughputPass
  private let engine: RecurrentEngine
  private let sequences: Int
  /// How often a pass calls the engine.
  private let calls: Int

  init(_ item: ThroughputItem, seed: UInt64, team: ThreadTeam) throws {
    let before = EngineMemory.allocatedBytes
    let shape = item.shape
    pass = item.pass
    engine = try RecurrentEngine(shape.configuration(item.cell), seed: seed, team: team)
    var layout = try shape.makeLayout(seed: seed)
    (tokens, sequences) = (layout.rowCount, layout.sequenceCount)
    calls = pass == .stream ? layout.stepCount : 1
    if pass == .stream {
      layout = try SequenceLayout(lengths: Array(repeating: 1, count: sequences))
    }
    if pass == .trainProfiled { engine.profiler = try GradientProfiler(every: 1) }
    engine.prepare(layout)
    var generator = RandomGenerator(seed: seed, for: "values of a throughput run")
    Self.fill(engine.input, using: &generator)
    Self.fill(engine.outputGradient, using: &generator)
    _ = try Self.time(pass, engine, sequences: sequences, calls: 1)
    bytesAllocated = EngineMemory.allocatedBytes - before
  }

  private static func fill(_ rows: PackedRows, using generator: inout RandomGenerator) {
    for row in 0..<rows.rows {
      rows.withRow(row) { values in
        for index in values.indices { values[index] = generator.uniform(-1, 1) }
      }
    }
  }

  /// The seconds of one pass from a state of zeros.
  func time() throws -> Double {
    try Self.time(pass, engine, sequences: sequences, calls: calls)
  }

  private static func time(
    _ pass: ThroughputPass, _ engine: RecurrentEngine, sequences: Int, calls: Int
  ) throws -> Double {
    // A state of its own, so that nothing is copied on writing while the clock runs.
    var state = engine.zeroState(sequences: sequences)
    engine.profiler?.clear()
    let time = try ContinuousClock().measure {
      if pass.isTraining {
        engine.gradients.setToZero()
        // What an optimiser would do: the engine packs the weights anew.
        engine.parameters.withUnsafeMutableValues { _ in }
      }
      for _ in 0..<calls {
        _ = try engine.forward(&state, recording: pass == .forward || pass.isTraining)
      }
      if pass.isTraining { try engine.backward(inputGradient: pass == .trainDX) }
    }
    return time / .seconds(1)
  }
}
