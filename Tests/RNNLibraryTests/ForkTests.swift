import CLibrary
import CRNN
import Foundation
import RNNLibrary
import Testing

@testable import RNNCore

@Suite("fork beside the C functions", .serialized)
struct ForkTests {
  /// Not for Swift's eyes otherwise: a child may do little, and the calls below are that little.
  private typealias Fork = @convention(c) () -> Int32

  @Test("A child made while another thread is in a call computes with the same stack")
  func forkWithinCalls() throws {
    let address = try #require(dlsym(nil, "fork"))
    let fork = unsafeBitCast(address, to: Fork.self)
    let stack = try StackCalls("lstm", hidden: 64, layers: 2)
    var generator = RandomGenerator(seed: 1)
    let x = (0..<40 * 4 * 5).map { _ in generator.uniform(-1, 1) }
    @Sendable func forward() throws -> [Float] {
      try x.withUnsafeBufferPointer {
        try stack.forward(
          try #require($0.baseAddress), steps: 40, sequences: 4, states: 2, recording: true)
      }.output
    }
    let expected = try forward()

    // Another thread that is in a call nearly always.
    let isOver = Locked(false)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while !isOver.withLock({ $0 }) { _ = try? forward() }
      ended.signal()
    }
    defer {
      isOver.withLock { $0 = true }
      ended.wait()
    }
    for _ in 0..<8 {
      let child = fork()
      if child == 0 {
        alarm(60)
        let isSame = (try? forward()) == expected
        _exit(isSame ? 0 : 1)
      }
      try #require(child > 0)
      var status: Int32 = 0
      #expect(waitpid(child, &status, 0) == child)
      #expect(status == 0, "0 for a child that gave the same, 14 for one that hung")
    }
  }
}
