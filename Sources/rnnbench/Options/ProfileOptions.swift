import ArgumentParser
import RNNCore

extension ProfiledLoss: ExpressibleByArgument {
  public init?(argument: String) { try? self.init(argument) }
}

/// What `profile` looks at beside task and model.
struct ProfileOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Whose gradient: that of each sequence's last answer, which shows how far back it reaches, of all, or of the answer at a step, counted from 0.",
      valueName: "last|all|step"))
  var probe: ProfiledLoss = .lastAnswer

  @Option(parsing: .unconditional, help: "none, value, norm, layer-norm or norm-over-batch.")
  var clipMode: Clipping.Mode = .globalNorm

  @Option(parsing: .unconditional, help: "Clipping threshold.") var clip: Float = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Save the model of the one cell as it is at the end, in the safetensors format.",
      valueName: "file"))
  var save: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Look at a saved model instead, without training, on its own task or on --task; one that knows its data (from train, or saved with its encoding) on --data.",
      valueName: "file"))
  var model: String?
}
