import CLibrary
import Foundation
import Testing

@testable import RNNCore

@Suite("A team of threads does all of its work once")
struct ThreadTeamTests {
  @Test("A split covers every index exactly once", arguments: 1...5, [1, 16, 48])
  func split(threads: Int, grain: Int) throws {
    let team = try ThreadTeam(count: threads, cores: threads)
    for total in [0, 1, 2, 3, 5, 15, 16, 17, 47, 48, 49, 95, 96, 97, 240, 1000] {
      let ranges = Locked<[Range<Int>]>([])
      team.split(total, grain: grain) { range in ranges.withLock { $0.append(range) } }
      let sorted = ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
      #expect(sorted.flatMap { Array($0) } == Array(0..<total))
      #expect(sorted.count <= threads)
      #expect(sorted.dropFirst().allSatisfy { $0.lowerBound % grain == 0 })
    }
  }

  @Test("Each share is done once a run, run after run", arguments: 1...5)
  func runs(threads: Int) throws {
    let team = try ThreadTeam(count: threads, cores: threads)
    let calls = Locked([Int](repeating: 0, count: threads))
    for round in 1...500 {
      team.run { member in calls.withLock { $0[member.index] += 1 } }
      if calls.withLock({ $0.contains { $0 != round } }) {
        Issue.record("round \(round): \(calls.withLock { $0 })")
        return
      }
    }
  }

  @Test("Workers that have gone to sleep are woken")
  func sleepingWorkers() throws {
    let team = try ThreadTeam(count: 3, cores: 3)
    let calls = Locked(0)
    for _ in 0..<20 {
      Thread.sleep(forTimeInterval: 0.002)
      team.run { member in
        if member.index > 0 { Thread.sleep(forTimeInterval: 0.001) }
        calls.withLock { $0 += 1 }
      }
    }
    #expect(calls.withLock { $0 } == 60)
  }

  @Test("A run inside a run is done by its caller alone", arguments: 1...4)
  func nested(threads: Int) throws {
    let team = try ThreadTeam(count: threads, cores: threads)
    let calls = Locked([Int](repeating: 0, count: threads))
    for _ in 0..<100 {
      team.run { outer in
        team.run { inner in
          if inner.index == 0, inner.count == 1 { calls.withLock { $0[outer.index] += 1 } }
        }
      }
    }
    #expect(calls.withLock { $0 } == [Int](repeating: 100, count: threads))
  }

  @Test("Nobody passes a barrier before all have reached it", arguments: 1...5)
  func barrier(threads: Int) throws {
    let team = try ThreadTeam(count: threads, cores: threads)
    let early = Locked(0)
    let rounds = Locked(0)
    for region in 0..<40 {
      let reached = Locked(0)
      team.runTogether(UnrollGrid(rows: 1, units: team.shares), gain: 1_000_000, pace: 0) {
        member in
        for round in 1...20 {
          // One of them is late now and then, late enough to let the others fall asleep.
          if region % 10 == 0, round == 1 + member.index { Thread.sleep(forTimeInterval: 1e-3) }
          reached.withLock { $0 += 1 }
          member.barrier.wait()
          if reached.withLock({ $0 < round * member.count }) { early.withLock { $0 += 1 } }
        }
        if member.index == 0 { rounds.withLock { $0 += 20 } }
      }
      #expect(reached.withLock { $0 } % 20 == 0)
    }
    #expect(early.withLock { $0 } == 0)
    #expect(rounds.withLock { $0 } == 40 * 20)
  }

  @Test("Those of one row of a grid wait for each other, and for nobody else")
  func groups() throws {
    let team = try ThreadTeam(count: 6, cores: 6)
    let grid = UnrollGrid(rows: 3, units: 2)
    for _ in 0..<20 {
      // Every row waits until the rows after it have passed all of their barriers: with one barrier
      // for the team nobody would ever come through.
      let passed = Locked([Int](repeating: 0, count: 3))
      team.runTogether(grid, gain: nil, pace: 0) { member in
        #expect(member.count == 6)
        let row = member.index / grid.units
        while passed.withLock({ $0[(row + 1)...].contains { $0 < 2 } }) { sched_yield() }
        for _ in 0..<10 { member.barrier.wait() }
        passed.withLock { $0[row] += 1 }
      }
      #expect(passed.withLock { $0 } == [2, 2, 2])
    }
  }

  @Test("A grid of fewer threads than a team has is taken by as many, one share for each place")
  func smallerGrid() throws {
    let team = try ThreadTeam(count: 8, cores: 8)
    for units in [2, 3, 4] {
      let done = Locked([Int](repeating: 0, count: units))
      for _ in 0..<50 {
        team.runTogether(UnrollGrid(rows: 1, units: units), gain: nil, pace: 0) { member in
          #expect(member.count == units)
          member.barrier.wait()
          done.withLock { $0[member.index] += 1 }
        }
      }
      #expect(done.withLock { $0 } == [Int](repeating: 50, count: units))
    }
  }

  @Test("What is worth no waiting is done by the caller where the others sleep")
  func noPatience() throws {
    let team = try ThreadTeam(count: 4, cores: 4)
    Thread.sleep(forTimeInterval: 0.02)
    let counts = Locked<[Int]>([])
    team.runTogether(UnrollGrid(rows: 1, units: 4), gain: 0, pace: 0) { member in
      counts.withLock { $0.append(member.count) }
    }
    // Either all came at once, or there is one share.
    #expect(counts.withLock { $0 == [1] || $0 == [4, 4, 4, 4] })
  }

  @Test("More threads than the system has cores end all regions, apart and together")
  func crowd() throws {
    let team = try ThreadTeam(count: 16, cores: 16)
    let done = Locked(0)
    for _ in 0..<200 {
      team.run { member in done.withLock { $0 += 16 / member.count } }
      team.runTogether(UnrollGrid(rows: 1, units: team.shares), gain: 1_000_000, pace: 0) {
        member in
        member.barrier.wait()
        done.withLock { $0 += 16 / member.count }
      }
    }
    #expect(done.withLock { $0 } == 2 * 200 * 16)
  }

  @Test("No more threads are started than there are cores", arguments: [1, 2, 3])
  func cores(_ cores: Int) throws {
    let before = try Self.threadsOfProcess()
    let team = try ThreadTeam(count: 40, cores: cores)
    // Other suites start and end threads meanwhile, but not 39 of them.
    #expect(try Self.threadsOfProcess() - before < 30)
    #expect(team.count == 40)
    let workers = Locked<Set<UInt>>([])
    for _ in 0..<50 {
      team.run { _ in workers.withLock { _ = $0.insert(UInt(pthread_self())) } }
      team.runTogether(UnrollGrid(rows: 1, units: team.shares), gain: 1_000_000, pace: 0) {
        member in
        #expect(member.count == 1 || member.count == cores)
        member.barrier.wait()
        workers.withLock { _ = $0.insert(UInt(pthread_self())) }
      }
    }
    #expect(workers.withLock { $0.count } <= cores)
  }

  @Test("A region has a share for each thread that there is, and one within another region")
  func shares() throws {
    for cores in [1, 3] {
      let team = try ThreadTeam(count: 40, cores: cores)
      let done = Locked([Int](repeating: 0, count: 40))
      for _ in 0..<100 {
        team.run { member in
          #expect(member.count == cores)
          done.withLock { $0[member.index] += 1 }
          team.run { #expect($0.count == 1) }
        }
      }
      #expect(done.withLock { $0 } == (0..<40).map { $0 < cores ? 100 : 0 })
    }
  }

  private static func threadsOfProcess() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
  }

  @Test("Runs from several threads at once finish and do everything", arguments: 1...4)
  func concurrent(threads: Int) async throws {
    let team = try ThreadTeam(count: threads, cores: threads)
    let total = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let calls = Locked(0)
          for _ in 0..<200 {
            team.split(100) { range in calls.withLock { $0 += range.count } }
          }
          return calls.withLock { $0 }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(total == 4 * 200 * 100)
  }

  @Test("Teams come and go")
  func lifetimes() throws {
    for count in (1...40).map({ 1 + $0 % 6 }) {
      let team = try ThreadTeam(count: count)
      #expect(team.count == count)
      if count % 2 == 0 { team.run { _ in } }
    }
  }

  @Test("A team of no or too many threads is an error", arguments: [-1, 0, 1025])
  func errors(_ count: Int) {
    let error = #expect(throws: RNNError.self) { _ = try ThreadTeam(count: count) }
    #expect(error?.kind == .range)
  }
}
