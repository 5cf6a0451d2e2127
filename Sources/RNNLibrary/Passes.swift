// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CRNN
import RNNCore

extension StackPass: Handle {
  static var name: String { "pass" }
}

@c @implementation
public func rnncore_forward(
  _ stack: OpaquePointer?, _ batch: UnsafePointer<rnncore_batch>?, _ x: UnsafePointer<Float>?,
  _ h0: UnsafePointer<Float>?, _ c0: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>?,
  _ hn: UnsafeMutablePointer<Float>?, _ cn: UnsafeMutablePointer<Float>?,
  _ options: UnsafePointer<rnncore_options>?, _ pass: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  pass?.pointee = nil
  return guarded { () throws(RNNError) in
    let stack = try StackHandle.object(stack).stack
    let batch = try present(batch, "batch").pointee
    let options = options?.pointee ?? rnncore_options()
    let layout = try stack.layout(of: batch)
    func states(_ hidden: UnsafePointer<Float>?, _ cell: UnsafePointer<Float>?) -> StateMemory {
      stack.states(hidden, cell, layout)
    }
    let call = RecurrentStack.Call(
      layout: layout, input: try present(x, "x"), initial: states(h0, c0), output: y,
      final: states(hn, cn),
      dropout: options.dropout == 0 ? nil : (options.dropout, options.dropout_seed),
      team: try Teams.team(options.threads))
    if let pass {
      pass.pointee = try stack.recordedForward(call).handedOut()
    } else {
      try stack.forward(call)
    }
  }
}

@c @implementation
public func rnncore_backward(
  _ pass: OpaquePointer?, _ x: UnsafePointer<Float>?, _ dy: UnsafePointer<Float>?,
  _ dhn: UnsafePointer<Float>?, _ dcn: UnsafePointer<Float>?, _ dx: UnsafeMutablePointer<Float>?,
  _ dh0: UnsafeMutablePointer<Float>?, _ dc0: UnsafeMutablePointer<Float>?,
  _ gradients: UnsafePointer<UnsafeMutablePointer<Float>?>?, _ threads: Int32
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let pass = try StackPass.object(pass)
    let (stack, layout) = (pass.stack, pass.layout)
    try pass.backward(
      RecurrentStack.Gradients(
        input: x, output: dy, final: stack.states(dhn, dcn, layout), inputGradient: dx,
        initial: stack.states(dh0, dc0, layout), parameters: gradients,
        team: try Teams.team(threads)))
  }
}

@c @implementation
public func rnncore_pass_destroy(_ pass: OpaquePointer?) { StackPass.destroy(pass) }

extension RecurrentStack {
  func layout(of batch: rnncore_batch) throws(RNNError) -> SequenceLayout {
    let (steps, sequences) = (
      try size(batch.steps, "steps"), try size(batch.sequences, "sequences")
    )
    return try self.batch(
      steps: steps, sequences: sequences,
      sizes: batch.sizes.map { UnsafeBufferPointer(start: $0, count: steps) })
  }

  func states(
    _ hidden: UnsafePointer<Float>?, _ cell: UnsafePointer<Float>?, _ layout: SequenceLayout
  ) -> StateMemory {
    StateMemory(
      hidden: hidden.map { UnsafeMutablePointer(mutating: $0) },
      cell: cell.map { UnsafeMutablePointer(mutating: $0) }, of: network,
      sequences: layout.sequenceCount)
  }
}
