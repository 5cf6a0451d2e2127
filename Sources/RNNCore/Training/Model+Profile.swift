extension Model {
  /// The gradient profile of one batch, without training on it: all recurrent networks (`l0`,
  /// `l0_reverse`, …, each behind the prefix of its network), all parameters, and the ways between
  /// the parts, see ``GradientProfile/paths``.
  ///
  /// ```swift
  /// let profile = try model.profile(for: batch)
  /// for layer in profile.layers { print(layer.name, layer.memory.horizon() ?? .max) }
  /// ```
  ///
  /// The gradient is that of the loss, without dropout. A network that reads twice has a `#2`
  /// behind its second names. Throws what ``loss(for:in:)`` throws. Costs a forward and a backward
  /// pass.
  ///
  /// - Parameters:
  ///   - batch: examples with their answers.
  ///   - pass: the workspace; nil for one of its own.
  public func profile(for batch: Batch, pass: Pass? = nil) throws(RNNError) -> GradientProfile {
    let pass = pass ?? makePass()
    let gradients = ParameterStore(layout: parameters.layout)
    let probe = PassProbe()
    let loss = try probe.watching(pass) { () throws(RNNError) in
      try addGradient(for: batch, pass: pass, to: gradients)
    }
    return probe.profile(loss: loss.value)
  }

  /// The profile of a last answer is that of the loss where examples have one answer; other
  /// choices, and models with losses at several steps, throw `.unsupported`.
  public func profile(
    for batch: Batch, probing: ProfiledLoss, beside pass: Pass
  ) throws(RNNError) -> GradientProfile {
    if case .step = probing { throw ProfiledLoss.unsupported(probing) }
    var profile = try profile(for: batch)
    guard probing == .allAnswers || !profile.hasSeveralLosses else {
      throw ProfiledLoss.unsupported(probing)
    }
    profile.probe = probing
    return profile
  }
}
