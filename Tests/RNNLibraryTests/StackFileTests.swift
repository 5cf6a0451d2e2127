import CRNN
import Foundation
import RNNLibrary
import Testing

@testable import RNNCore

@Suite("Files of stacks behind the C functions")
struct StackFileTests {
  private static func path(_ name: String) -> String {
    FileManager.default.temporaryDirectory.path + "/\(name)-\(getpid()).safetensors"
  }

  private func loaded(_ path: String) throws -> StackCalls {
    var stack: OpaquePointer?
    try check(rnncore_stack_load(path, &stack))
    return StackCalls(owning: try #require(stack))
  }

  @Test(
    "A stack is what it was, bit for bit",
    arguments: ["lstm:peephole", "gru", "jordan", "elman:relu", "lru"])
  func roundTrip(_ cell: String) throws {
    let stack = try StackCalls(
      cell, layers: 2, directions: cell == "jordan" ? RNNCORE_FORWARD : RNNCORE_BIDIRECTIONAL,
      output: cell == "jordan" ? 4 : 0)
    defer { withExtendedLifetime(stack) {} }
    let path = Self.path("stack-\(cell.prefix(3))")
    defer { unlink(path) }
    try check(rnncore_stack_save(stack.handle, path, #"{"task": "names"}"#))
    let other = try loaded(path)
    #expect(try other.own() == stack.own())
    #expect(try other.own(gradients: true).allSatisfy { $0 == 0 })
    let x = (0..<4 * 2 * 5).map { Float($0) / 40 }
    func forward(_ stack: StackCalls) throws -> StackCalls.Result {
      try x.withUnsafeBufferPointer {
        try stack.forward(
          try #require($0.baseAddress), steps: 4, sequences: 2, states: cell == "jordan" ? 2 : 4)
      }
    }
    #expect(try forward(other) == forward(stack))
    var text: UnsafeMutablePointer<CChar>?
    defer { withExtendedLifetime(other) {} }
    try check(rnncore_stack_describe(other.handle, &text))
    defer { rnncore_free(text) }
    let told = String(cString: try #require(text))
    #expect(told.contains(#""hiddenSize":13"#) || told.contains(#""hiddenSize": 13"#))
    #expect(told.contains("names"))
  }

  @Test("Parameters in the caller's memory are saved as they are now")
  func bound() throws {
    let stack = try StackCalls("gru")
    let values = try stack.own()
    let bound = try StackCalls("gru", seed: nil)
    defer { withExtendedLifetime(bound) {} }
    let path = Self.path("bound")
    defer { unlink(path) }
    #expect(rnncore_stack_save(bound.handle, path, nil) == RNNCORE_EMPTY)
    try values.withUnsafeBufferPointer { values in
      var (place, places): (Int, [UnsafePointer<Float>?]) = (0, [])
      for index in 0..<bound.parameterCount {
        let shape = try bound.parameter(index)
        places.append(values.baseAddress.map { $0 + place })
        place += shape.rows * shape.columns
      }
      try check(rnncore_stack_bind(bound.handle, places, true))
      try check(rnncore_stack_save(bound.handle, path, nil))
    }
    #expect(try loaded(path).own() == values)
  }

  @Test("Other files are refused in a sentence")
  func others() throws {
    var stack: OpaquePointer? = OpaquePointer(bitPattern: 8)
    #expect(rnncore_stack_load("/nowhere/stack.safetensors", &stack) == RNNCORE_FILE)
    #expect(stack == nil)
    // A whole model is no stack, and a stack no whole model.
    let path = Self.path("other")
    defer { unlink(path) }
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 3), body: .recurrent(.gru()), hiddenSize: 4, outputs: 2),
      seed: 1)
    try model.save(to: path)
    #expect(rnncore_stack_load(path, &stack) == RNNCORE_UNSUPPORTED)
    #expect(String(cString: rnncore_last_error()).contains("a stack of recurrent layers"))
    let gru = try StackCalls("gru")
    defer { withExtendedLifetime(gru) {} }
    try check(rnncore_stack_save(gru.handle, path, nil))
    var other: OpaquePointer?
    #expect(rnncore_model_load(path, 1, &other) == RNNCORE_UNSUPPORTED)
    #expect(rnncore_stack_save(gru.handle, path, "[1]") == RNNCORE_FORMAT)
  }
}
