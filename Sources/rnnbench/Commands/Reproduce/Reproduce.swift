import ArgumentParser

/// Published experiments, made again. One file an experiment.
struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Repeat a published experiment and set its result beside the published one.",
    discussion: """
      Every experiment prints the published numbers with their sources beside those measured here, \
      as means over seeds with their spread, and how its settings differ from the published ones. \
      Small networks are trained side by side, one a thread.
      """,
    subcommands: [
      ReproducePascanu.self, ReproduceATIS.self, ReproduceCharacters.self,
      ReproduceZarembaSmall.self, ReproduceHS97.self, ReproduceIRNN.self, ReproduceMusic.self,
      ReproduceAttention.self, ReproducePretraining.self,
    ])
}
