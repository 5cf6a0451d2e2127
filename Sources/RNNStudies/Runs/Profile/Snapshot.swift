import RNNCore

/// What one model does to gradients, as its parameters stand: the profile of a batch, and Jacobians
/// along its longest sequence.
struct Snapshot {
  let profile: GradientProfile
  let verdicts: [GradientVerdict]
  /// One a layer and direction, like the profile's layers.
  let spectra: [LayerSpectrum.Outcome]

  /// - Parameter context: what the verdicts are to know; the exponents are added.
  init(
    _ model: SequenceModel, _ batch: SequenceBatch, probing: ProfiledLoss,
    _ context: VerdictContext
  ) throws {
    let pass = model.makePass()
    // Before BPTT writes over the tape.
    spectra = try model.spectra(for: batch, pass: pass)
    profile = try model.profile(for: batch, probing: probing, pass: pass)
    var context = context
    context.add(spectra, of: profile)
    verdicts = profile.verdicts(context)
  }
}
