// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CRNN
import RNNCore

@c @implementation
public func rnncore_profile(
  _ stack: OpaquePointer?, _ batch: UnsafePointer<rnncore_batch>?, _ x: UnsafePointer<Float>?,
  _ h0: UnsafePointer<Float>?, _ c0: UnsafePointer<Float>?, _ dy: UnsafePointer<Float>?,
  _ dhn: UnsafePointer<Float>?, _ dcn: UnsafePointer<Float>?,
  _ options: UnsafePointer<rnncore_options>?, _ memoryNeeded: Int64,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> rnncore_status {
  json?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(json, "json")
    let stack = try StackHandle.object(stack).stack
    let options = options?.pointee ?? rnncore_options()
    let layout = try stack.layout(of: try present(batch, "batch").pointee)
    let nowhere = stack.states(nil, nil, layout)
    let team = try Teams.team(options.threads)
    let profile = try stack.profile(
      RecurrentStack.Call(
        layout: layout, input: try present(x, "x"), initial: stack.states(h0, c0, layout),
        output: nil, final: nowhere,
        dropout: options.dropout == 0 ? nil : (options.dropout, options.dropout_seed), team: team),
      RecurrentStack.Gradients(
        input: nil, output: dy, final: stack.states(dhn, dcn, layout), inputGradient: nil,
        initial: nowhere, parameters: nil, team: team))
    let context = VerdictContext(
      cell: stack.network.configuration.cell,
      memoryNeeded: memoryNeeded < 0 ? nil : Int(memoryNeeded))
    target.pointee = copy(profile.json(context).text)
  }
}

extension RecurrentStack.Profile {
  fileprivate func json(_ context: VerdictContext) -> JSONText {
    .object([
      .init("layers", .array(all.layers.map(\.json))),
      .init("lastAnswer", last.map { .array($0.layers.map(\.json)) } ?? .null),
      .init("parameters", .array(all.parameters.map(\.json))),
      .init(
        "verdicts",
        .array(
          judged.verdicts(context).map {
            .object([
              .init("layer", .string($0.layer)), .init("kind", .string($0.kind.rawValue)),
              .init("evidence", .string($0.evidence)), .init("advice", .string($0.advice)),
              .init("sentence", .string($0.sentence)),
            ])
          })),
    ])
  }
}

extension GradientProfile.Layer {
  fileprivate var json: JSONText {
    .object([
      .init("name", .string(name)), .init("hidden", hidden.json),
      .init("cell", cell?.json ?? .null),
      .init("horizon", memory.horizon().map { JSONText($0) } ?? .null),
      .init("decayRate", JSONText(memory.decayRate() ?? .nan)),
      .init("flushed", memory.flushed.map { JSONText($0) } ?? .null),
      .init("states", states.json), .init("units", JSONText(units)),
      .init("deadUnits", JSONText(deadUnits)), .init("kept", JSONText(kept ?? .nan)),
      .init(
        "gates",
        .array(
          gates.map {
            .object([
              .init("gate", .string($0.gate.rawValue)), .init("values", $0.values.json),
              .init("memoryTime", JSONText($0.memoryTime)),
            ])
          })),
    ])
  }
}

extension GradientProfile.Series {
  fileprivate var json: JSONText {
    .object([
      .init("byStep", .array(byStep.map { JSONText($0) })),
      .init("byDistance", .array(byDistance.map { JSONText($0) })),
      .init("shares", .array(byDistance.indices.map { JSONText(share(at: $0) ?? .nan) })),
    ])
  }
}

extension GradientProfile.Parameter {
  fileprivate var json: JSONText {
    .object([
      .init("name", .string(name)), .init("layer", .string(layer)),
      .init("gradientNorm", JSONText(gradientNorm)), .init("weightNorm", JSONText(weightNorm)),
      .init(
        "gates",
        .object(gates.map { JSONText.Member($0.gate.rawValue, JSONText($0.norm)) })),
    ])
  }
}

extension ValueStatistics {
  fileprivate var json: JSONText {
    .object([
      .init("mean", JSONText(mean)), .init("deviation", JSONText(deviation)),
      .init("low", JSONText(low)), .init("high", JSONText(high)),
      .init("range", .array([JSONText(range.lowerBound), JSONText(range.upperBound)])),
      .init("histogram", .array(histogram.map { JSONText($0) })),
    ])
  }
}

extension JSONText {
  /// The shortest text that reads back as the same number; null for what is none, or infinite.
  fileprivate init(_ value: Double) { self = value.isFinite ? .number("\(value)") : .null }
}
