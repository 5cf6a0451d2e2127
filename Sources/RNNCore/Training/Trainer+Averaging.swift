extension Trainer {
  /// The moving average of the parameters over all updates,
  ///
  ///     ā_t = Σ_{s ≤ t} β^{t−s} θ_s / Σ_{s ≤ t} β^{t−s},
  ///
  /// θ_s the parameters after update s (Polyak and Juditsky 1992; the correction for its start is that of
  /// Kingma and Ba 2015, section 7.2). It has the model's layout and follows every update; nil without
  /// averaging and before the first.
  public var averaged: ParameterStore? { updater.averaged }

  /// Runs `body` with the averaged parameters in the model's place, and puts the model's own back after it, to
  /// the bit, whether or not `body` throws.
  ///
  /// ```swift
  /// let loss = try trainer.withAveragedParameters {
  ///   try model.loss(of: batch, state: &state, pass: pass).value
  /// }
  /// ```
  ///
  /// Where ``averaged`` is nil, `body` sees the model's own parameters. What it writes to them is lost; a
  /// training step in it throws `.unsupported`. The model must not be used elsewhere meanwhile. Costs three
  /// copies of the parameters, and P floats from the first call on.
  public func withAveragedParameters<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try updater.withAveragedParameters(body)
  }
}
