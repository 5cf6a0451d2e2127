import CRNN
import RNNLibrary
import Testing

@testable import RNNCore

@Suite("Wrong calls of the C functions")
struct WrongCallTests {
  private func message(_ status: rnncore_status, is expected: Int) -> String? {
    status == expected ? String(cString: rnncore_last_error()) : nil
  }

  @Test("A stack that cannot be is refused in a sentence, and its handle is NULL")
  func stacks() {
    typealias Wrong = (cell: String?, sizes: [Int64], directions: Int32, status: Int)
    let wrong: [Wrong] = [
      (nil, [5, 5, 1, 0], 0, RNNCORE_SHAPE), ("lsmt", [5, 5, 1, 0], 0, RNNCORE_FORMAT),
      ("lstm", [0, 5, 1, 0], 0, RNNCORE_RANGE), ("lstm", [5, -1, 1, 0], 0, RNNCORE_RANGE),
      ("lstm", [5, 5, 0, 0], 0, RNNCORE_RANGE), ("lstm", [5, 5, 1, 0], 3, RNNCORE_RANGE),
      ("lstm", [5, 5, 1, 0], -1, RNNCORE_RANGE), ("jordan", [5, 5, 1, 0], 0, RNNCORE_SHAPE),
      ("jordan:teacher", [5, 5, 1, 4], 0, RNNCORE_UNSUPPORTED),
      ("lstm", [.max, .max, 1, 0], 0, RNNCORE_RANGE),
      ("lstm", [1 << 24, 1 << 24, 1, 0], 0, RNNCORE_MEMORY),
      ("lstm", [5, 5, .max, 0], 0, RNNCORE_RANGE),
    ]
    for (cell, sizes, directions, status) in wrong {
      var stack: OpaquePointer? = OpaquePointer(bitPattern: 8)
      let found = rnncore_stack_create(
        cell, sizes[0], sizes[1], sizes[2], directions, sizes[3], &stack)
      #expect(
        message(found, is: status)?.contains("expected") == true, "\(cell ?? "NULL") \(sizes)")
      #expect(stack == nil)
    }
    #expect(rnncore_stack_create("lstm", 5, 5, 1, 0, 0, nil) == RNNCORE_SHAPE)
  }

  @Test("Batches, states and options that cannot be are refused")
  func passes() throws {
    let calls = try StackCalls("lstm")
    let stack = calls.handle
    defer { withExtendedLifetime(calls) {} }
    let x = [Float](repeating: 0, count: 100)
    func status(
      steps: Int64 = 2, sequences: Int64 = 2, sizes: [Int64]? = nil,
      _ change: (inout rnncore_options) -> Void = { _ in }
    ) -> rnncore_status {
      var options = rnncore_options()
      change(&options)
      var pass: OpaquePointer? = OpaquePointer(bitPattern: 8)
      func call(_ sizes: UnsafePointer<Int64>?) -> rnncore_status {
        var batch = rnncore_batch(steps: steps, sequences: sequences, sizes: sizes)
        return rnncore_forward(stack, &batch, x, nil, nil, nil, nil, nil, &options, &pass)
      }
      let status = sizes.map { $0.withUnsafeBufferPointer { call($0.baseAddress) } } ?? call(nil)
      #expect((pass == nil) == (status != RNNCORE_OK))
      rnncore_pass_destroy(status == RNNCORE_OK ? pass : nil)
      return status
    }
    #expect(status() == RNNCORE_OK)
    #expect(status(steps: 0) == RNNCORE_EMPTY)
    #expect(status(sequences: 0) == RNNCORE_EMPTY)
    #expect(status(steps: -1) == RNNCORE_RANGE)
    #expect(status(steps: .max, sequences: .max) == RNNCORE_MEMORY)
    #expect(status(steps: 1 << 31, sequences: 1 << 31) == RNNCORE_MEMORY)
    #expect(status(sizes: [2, 1]) == RNNCORE_OK)
    #expect(status(sizes: [1, 1]) == RNNCORE_SHAPE)
    #expect(status(sizes: [2, 3]) == RNNCORE_RANGE)
    #expect(status(sizes: [2, 0]) == RNNCORE_RANGE)
    #expect(status(sizes: [2, -1]) == RNNCORE_RANGE)
    #expect(status { $0.dropout = 1.5 } == RNNCORE_RANGE)
    #expect(status { $0.dropout = .nan } == RNNCORE_RANGE)
    #expect(status { $0.threads = -1 } == RNNCORE_RANGE)
    #expect(status { $0.threads = 2000 } == RNNCORE_RANGE)
    #expect(rnncore_forward(stack, nil, x, nil, nil, nil, nil, nil, nil, nil) == RNNCORE_SHAPE)
    var batch = rnncore_batch(steps: 2, sequences: 2, sizes: nil)
    #expect(rnncore_forward(nil, &batch, x, nil, nil, nil, nil, nil, nil, nil) == RNNCORE_SHAPE)
    #expect(
      rnncore_forward(stack, &batch, nil, nil, nil, nil, nil, nil, nil, nil) == RNNCORE_SHAPE)
    #expect(rnncore_backward(nil, x, x, nil, nil, nil, nil, nil, nil, 0) == RNNCORE_SHAPE)
  }

  @Test("Parameters that are not there are refused")
  func parameters() throws {
    let stack = try StackCalls("lstm", seed: nil)
    let x = [Float](repeating: 0, count: 100)
    var batch = rnncore_batch(steps: 2, sequences: 2, sizes: nil)
    #expect(
      rnncore_forward(stack.handle, &batch, x, nil, nil, nil, nil, nil, nil, nil) == RNNCORE_EMPTY)
    #expect(rnncore_stack_values(stack.handle, 0, nil, nil) == RNNCORE_EMPTY)
    #expect(rnncore_stack_parameter(stack.handle, 4, nil, nil, nil) == RNNCORE_RANGE)
    #expect(rnncore_stack_parameter(stack.handle, -1, nil, nil, nil) == RNNCORE_RANGE)
    #expect(rnncore_stack_bind(stack.handle, nil, true) == RNNCORE_SHAPE)
    // Bound parameters need a place for their gradients.
    let zeros = [Float](repeating: 0, count: 13 * 4 * 13)
    try zeros.withUnsafeBufferPointer { zeros in
      let places = [UnsafePointer<Float>?](repeating: zeros.baseAddress, count: 4)
      try check(rnncore_stack_bind(stack.handle, places, true))
      var pass: OpaquePointer?
      try check(rnncore_forward(stack.handle, &batch, x, nil, nil, nil, nil, nil, nil, &pass))
      #expect(rnncore_backward(pass, x, x, nil, nil, nil, nil, nil, nil, 0) == RNNCORE_EMPTY)
      rnncore_pass_destroy(pass)
    }
    rnncore_stack_destroy(nil)
    rnncore_pass_destroy(nil)
    rnncore_free(nil)
  }

  @Test("Optimisers that cannot be are refused")
  func optimizers() throws {
    let (stack, empty) = (try StackCalls("lstm"), try StackCalls("lstm", seed: nil))
    func status(
      _ stack: StackCalls, _ rule: String? = "adam", rate: Float = 0.1, clipping: Int = 0,
      threshold: Float = 0
    ) -> rnncore_status {
      var optimizer: OpaquePointer? = OpaquePointer(bitPattern: 8)
      let status = rnncore_optimizer_create(
        stack.handle, rule, rate, -1, rnncore_clipping(clipping), threshold, &optimizer)
      #expect((optimizer == nil) == (status != RNNCORE_OK))
      if status == RNNCORE_OK { rnncore_optimizer_destroy(optimizer) }
      return status
    }
    #expect(status(stack) == RNNCORE_OK)
    #expect(status(empty) == RNNCORE_EMPTY)
    #expect(status(stack, nil) == RNNCORE_SHAPE)
    #expect(status(stack, "adm") == RNNCORE_FORMAT)
    #expect(status(stack, rate: 0) == RNNCORE_RANGE)
    #expect(status(stack, rate: .nan) == RNNCORE_RANGE)
    #expect(status(stack, clipping: 4) == RNNCORE_RANGE)
    #expect(status(stack, clipping: RNNCORE_CLIP_NORM) == RNNCORE_RANGE)
    #expect(rnncore_optimizer_step(nil, nil) == RNNCORE_SHAPE)
  }

  @Test("The library says what it is")
  func description() throws {
    #expect(rnncore_abi_version() == RNNCORE_ABI_VERSION)
    #expect(String(cString: rnncore_version()) == Version.current)
    var text: UnsafeMutablePointer<CChar>?
    try check(rnncore_describe(&text))
    let json = String(cString: try #require(text))
    rnncore_free(text)
    #expect(json.contains("\"kernels\":\"\(InstructionSet.current.rawValue)\""))
    #expect(rnncore_describe(nil) == RNNCORE_SHAPE)
    // Without an OpenMP runtime in the process there are no threads to borrow.
    let hasHost = ThreadTeam.findHost()
    #expect(rnncore_use_openmp(true) == (hasHost ? RNNCORE_OK : RNNCORE_UNSUPPORTED))
    #expect(rnncore_use_openmp(false) == RNNCORE_OK)
  }
}
