extension CoreRates {
  /// Measures this machine: about a second and a half, best of several, so that what else runs is
  /// felt little. A process with one core measures no exchange and keeps the built-in rates of it.
  package static func measure() -> CoreRates {
    var rates = CoreRates.builtIn(CPUInfo.current.family, .current)
    rates.name = CPUInfo.current.name
    guard let alone = try? ThreadTeam(count: 1, products: .packed) else { return rates }
    let near = WeightBench(hidden: 128, team: alone)
    // One tile each: more rows are tiles again.
    rates.gflops = (1...min(WeightBench.mostRows, rates.tileRows[3])).map {
      near.flops * Double($0) / near.nanoseconds(rows: $0)
    }
    let narrow = WeightBench(hidden: 1024, gates: 1, width: StepShare.unitGrain, team: alone)
    rates.busySums = max(
      1, rates.gflops[rates.gflops.count - 1] * narrow.nanoseconds(rows: 1) / narrow.flops)
    // Four times what a second-level cache holds, and more than any keeps.
    let far = WeightBench(hidden: 1024, team: alone)
    rates.outerRate = far.bytes / far.nanoseconds(rows: 1)
    rates.exposed = exposed(far, rates)
    if let pair = try? ThreadTeam(count: 2, products: .packed), pair.shares == 2 {
      let bench = ExchangeBench(team: pair)
      rates.meeting = bench.nanoseconds(of: .meeting)
      let (own, others) = (bench.nanoseconds(of: .own), bench.nanoseconds(of: .others))
      // Where a rate is beyond what caches do, somebody else had a core meanwhile.
      let rate = ExchangeBench.bytes / (others - own)
      if (1...60).contains(rate) { rates.exchangeRate = rate }
    }
    return rates
  }

  /// The share that does not overlap of multiplying and reading, measured with as many rows as take
  /// about as long for the one as for the other.
  private static func exposed(_ bench: WeightBench, _ rates: CoreRates) -> Double {
    let rows = (1...WeightBench.mostRows).min { one, other in
      func difference(_ rows: Int) -> Double {
        abs(
          bench.flops * Double(rows) / rates.gflops(rows: rows, vectors: 4) - bench.bytes
            / rates.outerRate)
      }
      return difference(one) < difference(other)
    }
    guard let rows, rows > 1 else { return rates.exposed }
    let multiplying = bench.flops * Double(rows) / rates.gflops(rows: rows, vectors: 4)
    let reading = bench.bytes / rates.outerRate
    let together = bench.nanoseconds(rows: rows) - max(multiplying, reading)
    return min(1, max(0.02, together / min(multiplying, reading)))
  }
}

/// h Uᵀ on one thread.
private struct WeightBench {
  /// Rows of the states.
  static let mostRows = 6
  private let buffers = (0..<3).map { _ in FloatBuffer() }
  private let pack = PackedWeights()
  private let weights: ProductWeights
  private let (states, sums): (Matrix, Matrix)
  /// Operations of one row.
  let flops: Double
  /// Bytes of the weights.
  let bytes: Double

  /// Weights of as many gates, each of `width` columns, H where that is nil: an LSTM's unless told.
  init(hidden: Int, gates: Int = 4, width: Int? = nil, team: ThreadTeam) {
    let columns = gates * (width ?? hidden)
    let matrix = buffers[0].matrix(columns, hidden)
    matrix.fill(0.01)
    weights = pack.pack(matrix, isTransposed: true, gates: gates, team: team)
    states = buffers[1].matrix(Self.mostRows, hidden)
    sums = buffers[2].matrix(Self.mostRows, columns)
    states.fill(0.5)
    sums.fill(0)
    flops = Double(2 * hidden * columns)
    bytes = 2 * flops
  }

  /// The best of 12 rounds of about 5 ms.
  func nanoseconds(rows: Int) -> Double {
    let calls = max(1, Int(5e6 / (flops * Double(rows) / 50)))
    return best(of: 12, calls: calls) {
      for _ in 0..<calls {
        weights.multiply(states.rows(0..<rows), add: false, into: sums.rows(0..<rows))
      }
    }
  }
}

/// Two threads that write and read each other's lines.
private struct ExchangeBench {
  enum Work { case meeting, own, others }

  /// Bytes that a thread reads in a round: as many as the gradients of gates of 16 sequences of 256
  /// units have.
  static let bytes = 65536.0
  private static let floats = 16384
  private static let rounds = 200
  private let buffer = FloatBuffer()
  private let halves: [Matrix]
  private let sums: Matrix
  private let team: ThreadTeam

  init(team: ThreadTeam) {
    self.team = team
    let floats = ExchangeBench.floats
    let all = buffer.matrix(4, floats)
    all.fill(0)
    (halves, sums) = ([all.rows(0..<1), all.rows(1..<2)], all.rows(2..<4))
  }

  func nanoseconds(of work: Work) -> Double {
    best(of: 12, calls: ExchangeBench.rounds) {
      team.runTogether(UnrollGrid(rows: 1, units: 2), gain: nil, pace: 0) { member in
        let (own, other) = (member.index, 1 - member.index)
        for _ in 0..<ExchangeBench.rounds {
          if work != .meeting {
            halves[own].fill(1)
            member.barrier.wait()
            sums.rows(own..<own + 1).combine(keep: 0.5, halves[work == .own ? own : other])
          }
          member.barrier.wait()
        }
      }
    }
  }
}

/// Nanoseconds of one of the calls that `body` makes, in its best round.
private func best(of rounds: Int, calls: Int, _ body: () -> Void) -> Double {
  body()
  var best = Double.infinity
  for _ in 0..<rounds { best = min(best, ContinuousClock().measure(body) / .nanoseconds(1)) }
  return best / Double(calls)
}
