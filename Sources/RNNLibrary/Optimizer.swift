// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CRNN
import RNNCore

extension StackOptimizer: Handle {
  static var name: String { "optimizer" }
}

@c @implementation
public func rnncore_optimizer_create(
  _ stack: OpaquePointer?, _ rule: UnsafePointer<CChar>?, _ rate: Float, _ weightDecay: Float,
  _ clipping: rnncore_clipping, _ threshold: Float,
  _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> rnncore_status {
  optimizer?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(optimizer, "optimizer")
    target.pointee = try StackHandle.object(stack).stack.makeOptimizer(
      try OptimizerRule(named: text(rule, "rule")), rate: rate,
      weightDecay: weightDecay < 0 ? nil : weightDecay,
      clipping: Clipping(Clipping.Mode(clipping), threshold: threshold)
    ).handedOut()
  }
}

extension OptimizerRule {
  /// The rule of a name of the command line, with its usual settings.
  init(named name: String) throws(RNNError) {
    guard let rule = OptimizerName(rawValue: name) else {
      let known = OptimizerName.allCases.map(\.rawValue).joined(separator: ", ")
      throw RNNError(.format, "rule", expected: known, found: name)
    }
    self = rule.rule(momentum: OptimizerName.standardMomentum)
  }
}

extension Clipping.Mode {
  /// The value of a number in `rnncore.h`.
  init(_ number: rnncore_clipping) throws(RNNError) {
    switch Int(number) {
    case RNNCORE_CLIP_NONE: self = .none
    case RNNCORE_CLIP_VALUE: self = .value
    case RNNCORE_CLIP_NORM: self = .globalNorm
    case RNNCORE_CLIP_LAYER_NORM: self = .perLayer
    default: throw RNNError(.range, "clipping", expected: "0 to 3", found: "\(number)")
    }
  }
}

@c @implementation
public func rnncore_optimizer_step(
  _ optimizer: OpaquePointer?, _ norm: UnsafeMutablePointer<Double>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let length = try StackOptimizer.object(optimizer).step()
    norm?.pointee = length
  }
}

@c @implementation
public func rnncore_optimizer_destroy(_ optimizer: OpaquePointer?) {
  StackOptimizer.destroy(optimizer)
}
