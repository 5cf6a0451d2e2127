import RNNCore
import Testing

@testable import RNNTasks

@Suite("Memory while files are read")
struct ReadingRoomTests {
  /// Reads pieces of 64 KiB, of which `kept` times as much stays in memory; returns the bytes that
  /// were read before the room was too small, nil when all could be read.
  private static func read(_ total: Int, kept: Int, free: Int) -> Int? {
    let machine = Machine(free: free)
    var room = ReadingRoom(
      name: "train.txt", resident: { machine.resident },
      limit: { MemoryLimit(bytes: machine.free, source: .machine) })
    for count in stride(from: 0, to: total, by: 1 << 16) {
      do throws(RNNError) { try room.add(1 << 16) } catch {
        #expect(error.kind == .memory && error.argument == "train.txt")
        #expect(error.expected.contains("free on this machine") && error.found.contains("MiB"))
        return count
      }
      machine.resident += kept << 16
      machine.free -= kept << 16
    }
    return nil
  }

  private final class Machine {
    var resident = 3 << 30
    var free: Int
    init(free: Int) { self.free = free }
  }

  @Test("What is kept is compared with what is free, with room to double")
  func keeping() throws {
    // Five times the file is kept, and as much again twice over is to be free: the file may be a
    // fifteenth of what was free.
    let free = 3 << 30
    let most = free / 15
    #expect(Self.read(most, kept: 5, free: free) == nil)
    let stopped = try #require(Self.read(2 * most, kept: 5, free: free))
    #expect(abs(stopped - most) <= ReadingRoom.step)
  }

  @Test("A stream may be longer than memory, and a short file is not looked at")
  func streaming() {
    #expect(Self.read(1 << 30, kept: 0, free: 1 << 20) == nil)
    #expect(Self.read(ReadingRoom.step - 1 << 16, kept: 5, free: 0) == nil)
  }

  @Test("A process says what it has taken")
  func resident() {
    #expect(MemoryLimit.resident > 1 << 20)
  }
}
