import Testing

@testable import RNNCore

@Suite("Which grid takes a time loop")
struct UnrollScheduleTests {
  /// Microseconds of an LSTM's step on two cores of an Intel Xeon (Emerald Rapids, 2 MB of L2, an
  /// L3 that gives a core 30 GB/s), sequences divided and units divided, forward and backward.
  static let measured:
    [(sequences: Int, hidden: Int, forward: (Double, Double), backward: (Double, Double))] = [
      (1, 128, (2.3, 1.5), (2.1, 2.0)), (1, 256, (9.2, 5.3), (11.2, 5.7)),
      (2, 256, (9.4, 6.6), (10.9, 7.9)), (4, 256, (11.6, 9.1), (12.9, 11.5)),
      (8, 256, (16.7, 18.2), (17.6, 23.5)), (16, 256, (33.5, 34.7), (32.7, 39.5)),
      (32, 256, (63.8, 67.8), (58, 72.6)), (8, 128, (4.6, 5.5), (4.0, 8.1)),
      (16, 128, (9.5, 10.5), (8.0, 14.6)), (1, 512, (134.5, 28), (126, 27)),
      (2, 512, (103, 30), (101, 31)), (4, 512, (112, 41), (111, 43)),
      (8, 512, (117, 66), (127, 80)), (16, 512, (153, 116), (178, 121)),
      (10, 640, (194, 125), (212, 138)), (20, 640, (265, 222), (319, 230)),
      (4, 1024, (475, 241), (487, 249)), (16, 1024, (677, 527), (704, 522)),
      (32, 1024, (1056, 935), (1160, 921)),
    ]

  private static func work(
    _ sequences: Int, _ hidden: Int, _ side: PassSide, steps: Int = 100
  ) throws -> UnrollWork {
    UnrollWork(
      try #require(TimeLoop(.lstm(), hidden: hidden)), side, steps: steps, sequences: sequences)
  }

  /// By vectors of 16 numbers, which the machine of the test may not have.
  private static let xeon: CoreRates = {
    var rates = CoreRates.builtIn(.intelMesh, .avx512, cache: 2e6)
    rates.tileRows = [12, 10, 7, 6]
    return rates
  }()

  @Test("On a Xeon the grid that was measured faster is taken, and its cost is near what it took")
  func xeon() throws {
    for (sequences, hidden, forward, backward) in Self.measured {
      for (side, times) in [(PassSide.forward, forward), (.backward, backward)] {
        let work = try Self.work(sequences, hidden, side)
        let schedule = UnrollSchedule(work, threads: 2, rates: Self.xeon)
        let dividesUnits = times.1 < times.0
        #expect(
          schedule.best.grid.units == (dividesUnits ? 2 : 1), "B \(sequences) H \(hidden)")
        let predicted = schedule.best.cost.total / 1000 / min(times.0, times.1)
        #expect((0.74...1.26).contains(predicted), "B \(sequences) H \(hidden): \(predicted)")
      }
    }
  }

  @Test("Threads divide units where weights or few sequences ask for it, and groups stay small")
  func rules() throws {
    func grid(_ sequences: Int, _ hidden: Int, threads: Int) throws -> UnrollGrid {
      UnrollSchedule(
        try Self.work(sequences, hidden, .forward), threads: threads, rates: Self.xeon
      ).best.grid
    }
    #expect(try grid(64, 256, threads: 32) == UnrollGrid(rows: 16, units: 2))
    #expect(try grid(64, 1024, threads: 32).units >= 8)
    #expect(try grid(64, 128, threads: 8) == UnrollGrid(rows: 8, units: 1))
    #expect(try grid(1, 512, threads: 4) == UnrollGrid(rows: 1, units: 4))
    #expect(try grid(64, 256, threads: 1) == .alone)
  }

  @Test("A GRU's units are divided where its rows make tiles that leave the core idle")
  func tiles() throws {
    var rates = CoreRates.builtIn(.zen5, .avx2, cache: 1e6)
    rates.tileRows = [12, 6, 4, 3]
    func units(_ cell: CellKind) throws -> Int {
      let loop = try #require(TimeLoop(cell, hidden: 650))
      let work = UnrollWork(loop, .forward, steps: 80, sequences: 10)
      return UnrollSchedule(work, threads: 2, rates: rates).best.grid.units
    }
    // Five rows are a tile of three and one of two: of three gates, six sums of eight. Ten are
    // tiles of four and three. For an LSTM two rows make eight sums.
    #expect(try units(.gru()) == 2)
    #expect(try units(.lstm()) == 1)
  }

  @Test("What takes less time than threads need to come together is done by one")
  func short() throws {
    let work = try Self.work(1, 16, .forward, steps: 2)
    #expect(UnrollSchedule(work, threads: 8, rates: Self.xeon).best.grid == .alone)
    let team = try ThreadTeam(count: 8, cores: 8, products: .packed, grid: nil)
    #expect(UnrollRegion(work, team).grid == .alone)
  }

  @Test("The choice alone is that of the table, and saves what the table says")
  func choice() throws {
    for (sequences, hidden, _, _) in Self.measured {
      for threads in [1, 2, 3, 6, 16, 64] {
        let work = try Self.work(sequences, hidden, .backward)
        let schedule = UnrollSchedule(work, threads: threads, rates: Self.xeon)
        let (best, gain) = UnrollSchedule.choose(work, threads: threads, rates: Self.xeon)
        #expect(best == schedule.best)
        #expect(gain == schedule.candidates[0].total - best.total)
        #expect(schedule.candidates.allSatisfy { $0.grid.count <= threads })
        #expect(schedule.candidates[0].grid == .alone)
      }
    }
  }

  @Test("Shares take their own products only where all have about as much to do")
  func even() throws {
    let two = try ThreadTeam(count: 2, cores: 2, products: .packed, grid: nil)
    func region(_ sequences: Int, _ team: ThreadTeam) throws -> UnrollRegion {
      UnrollRegion(try Self.work(sequences, 256, .forward), team)
    }
    #expect(try region(32, two).takesProducts)
    let eight = try ThreadTeam(
      count: 8, cores: 8, products: .packed, grid: UnrollGrid(rows: 8, units: 1))
    #expect(try !region(10, eight).takesProducts)
    #expect(try region(16, eight).takesProducts)
    let blas = try ThreadTeam(count: 2, cores: 2, products: .openBLAS, grid: nil)
    #expect(try !region(32, blas).takesProducts)
  }
}
