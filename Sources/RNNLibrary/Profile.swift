// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CRNN
import RNNCore
import RNNReport

/// `rnncore_profile`.
final class ProfileHandle: Handle {
  static let name = "profile"
  let profile: RecurrentStack.Profile
  let configuration: RecurrentConfiguration
  /// Nil for all steps.
  let memoryNeeded: Int?
  /// One for each layer of ``RecurrentStack/Profile/judged``.
  let verdicts: [GradientVerdict]

  /// - Parameter steps: that have to be remembered; below 0 for all.
  fileprivate init(_ profile: RecurrentStack.Profile, of stack: RecurrentStack, _ steps: Int64) {
    (self.profile, configuration) = (profile, stack.network.configuration)
    memoryNeeded = steps < 0 ? nil : Int(steps)
    var context = VerdictContext(cell: configuration.cell, memoryNeeded: memoryNeeded)
    context.add(profile.spectra, of: profile.judged)
    verdicts = profile.judged.verdicts(context)
  }
}

@c @implementation
public func rnncore_profile_create(
  _ stack: OpaquePointer?, _ batch: UnsafePointer<rnncore_batch>?, _ x: UnsafePointer<Float>?,
  _ h0: UnsafePointer<Float>?, _ c0: UnsafePointer<Float>?, _ dy: UnsafePointer<Float>?,
  _ dhn: UnsafePointer<Float>?, _ dcn: UnsafePointer<Float>?,
  _ options: UnsafePointer<rnncore_options>?, _ memoryNeeded: Int64, _ jacobians: Bool,
  _ profile: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  profile?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(profile, "profile")
    let stack = try StackHandle.object(stack).stack
    let call = try stack.look(batch, x, h0, c0, options)
    let found = try stack.profile(
      call,
      RecurrentStack.Gradients(
        input: nil, output: dy, final: stack.states(dhn, dcn, call.layout), inputGradient: nil,
        initial: stack.states(nil, nil, call.layout), parameters: nil, team: call.team),
      jacobians: jacobians)
    target.pointee = ProfileHandle(found, of: stack, memoryNeeded).handedOut()
  }
}

@c @implementation
public func rnncore_backward_profiled(
  _ pass: OpaquePointer?, _ x: UnsafePointer<Float>?, _ h0: UnsafePointer<Float>?,
  _ c0: UnsafePointer<Float>?, _ dy: UnsafePointer<Float>?, _ dhn: UnsafePointer<Float>?,
  _ dcn: UnsafePointer<Float>?, _ dx: UnsafeMutablePointer<Float>?,
  _ dh0: UnsafeMutablePointer<Float>?, _ dc0: UnsafeMutablePointer<Float>?,
  _ gradients: UnsafePointer<UnsafeMutablePointer<Float>?>?,
  _ options: UnsafePointer<rnncore_options>?, _ memoryNeeded: Int64, _ jacobians: Bool,
  _ profile: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  profile?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(profile, "profile")
    let pass = try StackPass.object(pass)
    let (stack, layout) = (pass.stack, pass.layout)
    if let gradients {
      for place in 0..<stack.layout.slices.count {
        _ = try present(gradients[place], "gradient \(place)")
      }
    }
    let call = try stack.look(layout, x ?? pass.input, h0, c0, options)
    let found = try stack.profiledBackward(
      pass, call,
      RecurrentStack.Gradients(
        input: x, output: dy, final: stack.states(dhn, dcn, layout), inputGradient: dx,
        initial: stack.states(dh0, dc0, layout), parameters: gradients, team: call.team),
      jacobians: jacobians)
    target.pointee = ProfileHandle(found, of: stack, memoryNeeded).handedOut()
  }
}

@c @implementation
public func rnncore_profile_describe(
  _ profile: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> rnncore_status {
  json?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(json, "json")
    target.pointee = copy(try ProfileHandle.object(profile).json.text)
  }
}

@c @implementation
public func rnncore_profile_destroy(_ profile: OpaquePointer?) { ProfileHandle.destroy(profile) }

@c @implementation
public func rnncore_stack_jacobians(
  _ stack: OpaquePointer?, _ batch: UnsafePointer<rnncore_batch>?, _ x: UnsafePointer<Float>?,
  _ h0: UnsafePointer<Float>?, _ c0: UnsafePointer<Float>?,
  _ options: UnsafePointer<rnncore_options>?, _ sequence: Int64,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> rnncore_status {
  json?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(json, "json")
    let stack = try StackHandle.object(stack).stack
    let found = try stack.spectra(
      stack.look(batch, x, h0, c0, options), sequence: try size(sequence, "sequence"))
    target.pointee = copy(JSONValue.array(found.map(\.json)).text)
  }
}

extension RecurrentStack {
  /// A batch that is looked at: nobody wants its outputs.
  fileprivate func look(
    _ batch: UnsafePointer<rnncore_batch>?, _ x: UnsafePointer<Float>?,
    _ h0: UnsafePointer<Float>?, _ c0: UnsafePointer<Float>?,
    _ options: UnsafePointer<rnncore_options>?
  ) throws(RNNError) -> Call {
    try look(layout(of: try present(batch, "batch").pointee), x, h0, c0, options)
  }

  fileprivate func look(
    _ layout: SequenceLayout, _ x: UnsafePointer<Float>?, _ h0: UnsafePointer<Float>?,
    _ c0: UnsafePointer<Float>?, _ options: UnsafePointer<rnncore_options>?
  ) throws(RNNError) -> Call {
    let options = options?.pointee ?? rnncore_options()
    return Call(
      layout: layout, input: try present(x, "x"), initial: states(h0, c0, layout), output: nil,
      final: states(nil, nil, layout),
      dropout: options.dropout == 0 ? nil : (options.dropout, options.dropout_seed),
      team: try Teams.team(options.threads))
  }
}

// MARK: - As JSON

extension ProfileHandle {
  fileprivate var json: JSONValue {
    [
      "layers": .array(profile.all.layers.map(\.json)),
      "lastAnswer": profile.last.map { .array($0.layers.map(\.json)) } ?? .null,
      "parameters": .array(
        profile.all.parameters.map {
          .object([("name", JSONValue($0.name)), ("layer", JSONValue($0.layer))] + $0.jsonFields)
        }),
      "verdicts": .array(verdicts.map(\.json)),
      "jacobians": profile.spectra.isEmpty ? .null : .array(profile.spectra.map(\.json)),
    ]
  }
}

extension LayerSpectrum.Outcome {
  fileprivate var json: JSONValue {
    switch self {
    case .measured(let spectrum): spectrum.json
    case .missing(let reason): ["missing": JSONValue(reason)]
    }
  }
}

extension GradientVerdict {
  fileprivate var json: JSONValue {
    [
      "layer": JSONValue(layer), "kind": JSONValue(kind.rawValue),
      "evidence": JSONValue(evidence), "advice": JSONValue(advice),
      "sentence": JSONValue(sentence),
    ]
  }
}

extension GradientProfile.Layer {
  fileprivate var json: JSONValue {
    [
      "name": JSONValue(name), "hidden": hidden.withShares, "cell": cell?.withShares ?? .null,
      "horizon": memory.horizon().map { JSONValue($0) } ?? .null,
      "decayRate": JSONValue(memory.decayRate()),
      "flushed": memory.flushed.map { JSONValue($0) } ?? .null,
      "states": states.json, "units": JSONValue(units), "deadUnits": JSONValue(deadUnits),
      "kept": JSONValue(kept),
      "gates": .array(
        gates.map {
          [
            "gate": JSONValue($0.gate.rawValue), "values": $0.values.json,
            "memoryTime": JSONValue($0.memoryTime),
          ]
        }),
    ]
  }
}

extension GradientProfile.Series {
  fileprivate var withShares: JSONValue {
    [
      "byStep": JSONValue(byStep), "byDistance": JSONValue(byDistance),
      "shares": .array(byDistance.indices.map { JSONValue(share(at: $0)) }),
    ]
  }
}
