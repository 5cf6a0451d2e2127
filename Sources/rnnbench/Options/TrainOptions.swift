import ArgumentParser
import RNNCore

/// The model of a training run and how it is trained. What is not given comes from the kind of data, or from the
/// run that goes on.
struct TrainOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "\(CellKind.usage.joined(separator: ", ")), bi-CELL, feedforward.")
  var cell: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var step: OptimizerOptions

  @Option(
    parsing: .unconditional,
    help:
      "How the rate changes: constant, cosine[=FLOOR], decay=FACTOR[@EPOCH] (times FACTOR after that epoch, 1 unless given, and after each further one), warmup=UPDATES."
  )
  var schedule: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The epochs that cosine is planned for, where a run is made in parts (--epochs).",
      valueName: "epochs"))
  var scheduleEpochs: Int?
  @Option(parsing: .unconditional, help: "none, value, norm, layer-norm or norm-over-batch.")
  var clipMode: Clipping.Mode?
  @Option(parsing: .unconditional, help: "Clipping threshold.") var clip: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Measure and save a moving average of the parameters, such as 0.99; 0 for none.",
      valueName: "decay"))
  var averaging: Float?
  @Option(parsing: .unconditional, help: "Passes over the training data.") var epochs: Int?
  @Option(
    parsing: .unconditional,
    help: "End after that many epochs without a better validation score; 0 for never.")
  var patience: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End once training has taken that long, earlier parts of the run included.",
      valueName: "seconds"))
  var timeLimit: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Profile the gradients of every n-th update: norms by layer and time step, gates and clipping, in --report and --json.",
      valueName: "updates"))
  var profileEvery: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Whose gradient --profile-every follows: that of all answers, which training has, of each sequence's last one, or of that at a step, counted from 0. (default: all)",
      valueName: "all|last|step"))
  var probe: ProfiledLoss?
}
