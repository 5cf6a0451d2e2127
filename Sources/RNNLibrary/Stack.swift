// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CLibrary
import CRNN
import RNNCore

/// `rnncore_stack`.
final class StackHandle: Handle {
  static let name = "stack"
  let stack: RecurrentStack
  /// The texts of the file that it was loaded from.
  let metadata: [String: String]
  /// Of each parameter.
  let names: [UnsafeMutablePointer<CChar>?]

  init(_ stack: RecurrentStack, metadata: [String: String] = [:]) {
    (self.stack, self.metadata) = (stack, metadata)
    names = stack.layout.slices.map { copy($0.name) }
  }

  deinit {
    for name in names { free(name) }
  }

  /// Where a parameter is among all.
  func index(_ place: Int64) throws(RNNError) -> Int {
    guard (0..<Int64(names.count)).contains(place) else {
      throw RNNError(.range, "place", expected: "0 to \(names.count - 1)", found: "\(place)")
    }
    return Int(place)
  }
}

@c @implementation
public func rnncore_stack_create(
  _ cell: UnsafePointer<CChar>?, _ input: Int64, _ hidden: Int64, _ layers: Int64,
  _ directions: rnncore_directions, _ output: Int64,
  _ stack: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  stack?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(stack, "stack")
    let outputSize = try size(output, "output")
    let configuration = RecurrentConfiguration(
      cell: try CellKind(text(cell, "cell")), inputSize: try size(input, "input"),
      hiddenSize: try size(hidden, "hidden"), layers: try size(layers, "layers"),
      directions: try Directions(directions), outputSize: outputSize == 0 ? nil : outputSize)
    target.pointee = StackHandle(try RecurrentStack(configuration)).handedOut()
  }
}

extension Directions {
  /// The value of a number in `rnncore.h`.
  fileprivate init(_ number: rnncore_directions) throws(RNNError) {
    switch Int(number) {
    case RNNCORE_FORWARD: self = .forward
    case RNNCORE_BIDIRECTIONAL: self = .concatenated
    case RNNCORE_BIDIRECTIONAL_SUM: self = .summed
    default: throw RNNError(.range, "directions", expected: "0 to 2", found: "\(number)")
    }
  }
}

@c @implementation
public func rnncore_stack_destroy(_ stack: OpaquePointer?) { StackHandle.destroy(stack) }

@c @implementation
public func rnncore_stack_output_size(_ stack: OpaquePointer?) -> Int64 {
  (try? StackHandle.object(stack)).map { Int64($0.stack.network.outputSize) } ?? 0
}

@c @implementation
public func rnncore_stack_state_size(_ stack: OpaquePointer?) -> Int64 {
  (try? StackHandle.object(stack)).map { Int64($0.stack.network.stateWidth) } ?? 0
}

@c @implementation
public func rnncore_stack_cell_state_size(_ stack: OpaquePointer?) -> Int64 {
  (try? StackHandle.object(stack)).map { Int64($0.stack.network.cellWidth) } ?? 0
}

// MARK: Parameters

@c @implementation
public func rnncore_stack_parameter_count(_ stack: OpaquePointer?) -> Int64 {
  (try? StackHandle.object(stack)).map { Int64($0.names.count) } ?? 0
}

@c @implementation
public func rnncore_stack_parameter(
  _ stack: OpaquePointer?, _ place: Int64,
  _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ rows: UnsafeMutablePointer<Int64>?,
  _ columns: UnsafeMutablePointer<Int64>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let handle = try StackHandle.object(stack)
    let index = try handle.index(place)
    let slice = handle.stack.layout.slices[index]
    name?.pointee = UnsafePointer(handle.names[index])
    rows?.pointee = Int64(slice.rows)
    columns?.pointee = Int64(slice.columns)
  }
}

@c @implementation
public func rnncore_stack_make_parameters(
  _ stack: OpaquePointer?, _ seed: UInt64
) -> rnncore_status {
  guarded { () throws(RNNError) in
    try StackHandle.object(stack).stack.makeParameters(seed: seed)
  }
}

@c @implementation
public func rnncore_stack_values(
  _ stack: OpaquePointer?, _ place: Int64,
  _ values: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>?,
  _ gradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let handle = try StackHandle.object(stack)
    let own = try handle.stack.ownParameter(at: try handle.index(place))
    values?.pointee = own.values
    gradients?.pointee = own.gradients
  }
}

@c @implementation
public func rnncore_stack_bind(
  _ stack: OpaquePointer?, _ values: UnsafePointer<UnsafePointer<Float>?>?, _ changed: Bool
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let handle = try StackHandle.object(stack)
    let places = UnsafeRawPointer(try present(values, "values"))
    handle.stack.bind(
      places.assumingMemoryBound(to: UnsafeMutablePointer<Float>?.self), changed: changed)
  }
}

@c @implementation
public func rnncore_stack_changed(_ stack: OpaquePointer?) -> rnncore_status {
  guarded { () throws(RNNError) in try StackHandle.object(stack).stack.markChanged() }
}

// MARK: Files

@c @implementation
public func rnncore_stack_save(
  _ stack: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ metadata: UnsafePointer<CChar>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    try StackHandle.object(stack).stack.save(
      to: text(path, "path"), metadata: texts(metadata))
  }
}

@c @implementation
public func rnncore_stack_load(
  _ path: UnsafePointer<CChar>?, _ stack: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  stack?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(stack, "stack")
    let file = try ModelFile(reading: text(path, "path"))
    target.pointee = StackHandle(try RecurrentStack(file), metadata: file.metadata).handedOut()
  }
}

@c @implementation
public func rnncore_stack_describe(
  _ stack: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> rnncore_status {
  json?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(json, "json")
    let handle = try StackHandle.object(stack)
    target.pointee = copy(
      description(
        handle.stack.network.configuration, handle.stack.layout, metadata: handle.metadata))
  }
}
