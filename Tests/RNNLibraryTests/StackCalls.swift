import CRNN
import RNNLibrary
import Testing

@testable import RNNCore

/// A stack of the C library, called as C calls it, with arrays in the place of addresses.
final class StackCalls: @unchecked Sendable {
  let handle: OpaquePointer

  init(
    _ cell: String, input: Int = 5, hidden: Int = 13, layers: Int = 1,
    directions: Int = RNNCORE_FORWARD, output: Int = 0, seed: UInt64? = 3
  ) throws {
    var made: OpaquePointer?
    try check(
      rnncore_stack_create(
        cell, Int64(input), Int64(hidden), Int64(layers), rnncore_directions(directions),
        Int64(output), &made))
    handle = try #require(made)
    if let seed { try check(rnncore_stack_make_parameters(handle, seed)) }
  }

  /// - Parameter handle: destroyed with this object.
  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { rnncore_stack_destroy(handle) }

  var outputSize: Int { Int(rnncore_stack_output_size(handle)) }
  var stateSize: Int { Int(rnncore_stack_state_size(handle)) }
  var cellSize: Int { Int(rnncore_stack_cell_state_size(handle)) }
  var parameterCount: Int { Int(rnncore_stack_parameter_count(handle)) }

  func parameter(_ place: Int) throws -> (name: String, rows: Int, columns: Int) {
    var (name, rows, columns): (UnsafePointer<CChar>?, Int64, Int64) = (nil, 0, 0)
    try check(rnncore_stack_parameter(handle, Int64(place), &name, &rows, &columns))
    return (String(cString: try #require(name)), Int(rows), Int(columns))
  }

  /// All own values, or their gradients, one parameter after the other.
  func own(gradients: Bool = false) throws -> [Float] {
    try (0..<parameterCount).flatMap { place in
      let shape = try parameter(place)
      var (values, slopes): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)
      try check(rnncore_stack_values(handle, Int64(place), &values, &slopes))
      let start = try #require(gradients ? slopes : values)
      return Array(UnsafeBufferPointer(start: start, count: shape.rows * shape.columns))
    }
  }

  struct Result: Equatable {
    var output: [Float]
    var hidden: [Float]
    var cell: [Float]
    var pass: Pass?

    static func == (one: Result, other: Result) -> Bool {
      one.output == other.output && one.hidden == other.hidden && one.cell == other.cell
    }
  }

  /// A record, destroyed with this object.
  final class Pass {
    let handle: OpaquePointer
    init(_ handle: OpaquePointer) { self.handle = handle }
    deinit { rnncore_pass_destroy(handle) }
  }

  /// - Parameter states: how many layers and directions have one.
  func forward(
    _ x: UnsafePointer<Float>, steps: Int, sizes: [Int64]? = nil, sequences: Int, states: Int,
    hidden: [Float]? = nil, cell: [Float]? = nil, options: rnncore_options = rnncore_options(),
    recording: Bool = false
  ) throws -> Result {
    let tokens = sizes.map { Int($0.reduce(0, +)) } ?? steps * sequences
    var output = [Float](repeating: .nan, count: tokens * outputSize)
    var hn = [Float](repeating: .nan, count: states * sequences * stateSize)
    var cn = [Float](repeating: .nan, count: states * sequences * cellSize)
    var (pass, options): (OpaquePointer?, rnncore_options) = (nil, options)
    func call(_ sizes: UnsafePointer<Int64>?) -> rnncore_status {
      var batch = rnncore_batch(
        steps: Int64(steps), sequences: Int64(sequences), sizes: sizes)
      guard recording else {
        return rnncore_forward(
          handle, &batch, x, hidden, cell, &output, &hn, &cn, &options, nil)
      }
      return rnncore_forward(
        handle, &batch, x, hidden, cell, &output, &hn, &cn, &options, &pass)
    }
    let status = sizes.map { $0.withUnsafeBufferPointer { call($0.baseAddress) } } ?? call(nil)
    try check(status)
    return Result(output: output, hidden: hn, cell: cn, pass: pass.map(Pass.init))
  }
}

/// Throws what the library says where a call failed.
func check(_ status: rnncore_status) throws {
  struct Failure: Error, CustomStringConvertible {
    let status: rnncore_status
    let description: String
  }
  guard status != RNNCORE_OK else { return }
  throw Failure(status: status, description: String(cString: rnncore_last_error()))
}
