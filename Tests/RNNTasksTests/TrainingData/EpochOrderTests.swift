import RNNCore
import Synchronization
import Testing

@testable import RNNTasks

@Suite("The order of an epoch")
struct EpochOrderTests {
  private static func length(_ index: Int) -> Int { 1 + index * 7919 % 23 }

  private static func order(
    _ count: Int, grouped: Bool, pool: Int = 64, stretch: Int = 4
  ) -> EpochOrder {
    let length: @Sendable (Int) -> Int = { Self.length($0) }
    return EpochOrder(
      count: count, length: grouped ? length : nil, seed: 5, pool: pool, stretch: stretch)
  }

  @Test(
    "Every example comes once an epoch, in batches that are whole but for the last",
    arguments: [1, 63, 64, 65, 500, 1021], [false, true])
  func everyExample(_ count: Int, _ grouped: Bool) {
    for size in [1, 3, 10, 200] {
      var order = Self.order(count, grouped: grouped)
      var epochs: [[Int]] = []
      for epoch in 0..<2 {
        var seen: [Int] = []
        while order.epochs == epoch {
          let batch = order.next(size)
          #expect(batch.count == min(size, count - seen.count))
          seen += batch
        }
        #expect(seen.sorted() == Array(0..<count))
        epochs.append(seen)
      }
      if count > 20 { #expect(epochs[0] != epochs[1]) }
    }
  }

  @Test("A position leads to the same batches", arguments: [false, true])
  func positions(_ grouped: Bool) throws {
    var order = Self.order(517, grouped: grouped)
    for _ in 0..<150 {
      _ = order.next(10)
      var copy = Self.order(517, grouped: grouped)
      try copy.seek(order.position, batch: 10)
      var ahead = order
      for _ in 0..<60 { #expect(copy.next(10) == ahead.next(10)) }
    }
  }

  @Test(
    "What lies on a disk is fetched before it is asked for, once an epoch", arguments: [60, 500])
  func fetches(_ count: Int) {
    let fetched = Mutex<[Int]>([])
    var order = EpochOrder(
      count: count, length: nil, willRead: { part in fetched.withLock { $0 += part } }, seed: 5,
      pool: 64, stretch: 4)
    while order.epochs == 0 {
      let batch = order.next(7)
      #expect(Set(batch).isSubset(of: fetched.withLock { $0 }))
    }
    #expect(fetched.withLock { $0.sorted() } == Array(0..<count))
  }

  @Test("In one pool the order is that of versions without pools", arguments: [false, true])
  func onePool(_ grouped: Bool) {
    var (whole, one) = (
      Self.order(500, grouped: grouped, pool: 500), Self.order(500, grouped: grouped).inOnePool()
    )
    for _ in 0..<70 { #expect(whole.next(10) == one.next(10)) }
  }

  @Test("Pools mix stretches of neighbours from everywhere, and read them one by one")
  func pools() {
    var order = Self.order(6400, grouped: false)
    let pool = (0..<4).flatMap { _ in order.next(16) }
    let stretches = Set(pool.map { $0 / 4 })
    // 16 stretches of 4, whole.
    #expect(stretches.count == 16)
    #expect(pool.sorted() == stretches.flatMap { $0 * 4..<$0 * 4 + 4 }.sorted())
    #expect((stretches.max() ?? 0) - (stretches.min() ?? 0) > 800)
  }

  @Test("Batches of similar length vary less, in many pools too")
  func grouping() {
    func spread(_ grouped: Bool) -> Int {
      var order = Self.order(5000, grouped: grouped, pool: 1024, stretch: 16)
      return (0..<500).reduce(0) { sum, _ in
        let lengths = order.next(10).map(Self.length)
        return sum + (lengths.max() ?? 0) - (lengths.min() ?? 0)
      }
    }
    #expect(spread(true) * 3 < spread(false))
  }
}
