import ArgumentParser
import RNNCore
import RNNStudies

extension Directions: ExpressibleByArgument {}
extension AttentionChoice: ExpressibleByArgument {}
extension AttentionFeeding: ExpressibleByArgument {}

/// The shape of a model. What is not given comes from the task.
struct ModelOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Hidden units.") var hidden: Int?
  @Option(parsing: .unconditional, help: "Width of token embeddings.") var embedding: Int?
  @Option(parsing: .unconditional, help: "Recurrent layers.") var layers: Int?
  @Option(parsing: .unconditional, help: "forward, bidirectional or bidirectional-sum.")
  var directions: Directions?
  @Option(
    parsing: .unconditional,
    help:
      "Steps side by side as input: an odd number around the step, or any up to it where the next symbol is predicted."
  )
  var window: Int?
  @Option(
    parsing: .unconditional, help: "Dropout of inputs, between layers and before the readout.")
  var dropout: Float?
  @Option(
    parsing: .unconditional, help: "Dropout of the recurrent connections, one mask a sequence.")
  var recurrentDropout: Float?
  @Option(
    name: .customLong("init"),
    parsing: .unconditional,
    help:
      "Start of the recurrent weights: uniform[=N], normal=N, xavier, orthogonal[=N], identity[=N], sparse[=RADIUS]."
  )
  var initialization: String?
  @Option(
    parsing: .unconditional,
    help:
      "Start of every parameter instead: uniform in plus and minus this, such as 0.1 (not irnn; forget-bias=N stays)."
  )
  var uniformStart: Float?

  @Flag(
    inversion: .prefixedNo,
    help: "Score whole tag sequences: a linear-chain CRF over the outputs (classes at every step).")
  var crf: Bool?
  @Flag(
    help: "Read out with the table of embeddings (next token; --embedding as wide as the state).")
  var tied = false
  @Option(
    parsing: .unconditional,
    help:
      "Weight of the sentence's class beside its tags, where the data have one; 0 for none (tag).")
  var intentWeight: Float?

  @Option(
    parsing: .unconditional,
    help:
      "How a decoder looks back at the source, or a question at an image (not none): none, dot, general or concat (pairs, vqa)."
  )
  var attention: AttentionChoice?
  @Option(
    parsing: .unconditional,
    help:
      "What of attention the decoder reads at each step: none, answer (input feeding) or context (pairs)."
  )
  var feeding: AttentionFeeding?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How often training feeds own tokens: never, constant=P, linear=UPDATES[@MOST], sigmoid=K (pairs).",
      valueName: "schedule"))
  var sampling: String?
  @Flag(help: "Read the source from its end (pairs).") var reverseSource = false
  @Flag(help: "Answer from the question alone (vqa).") var noImage = false

  /// The options that were given, by name.
  var given: [String] {
    let options: [(String, Bool)] = [
      ("--hidden", hidden != nil), ("--embedding", embedding != nil), ("--layers", layers != nil),
      ("--directions", directions != nil), ("--window", window != nil),
      ("--dropout", dropout != nil), ("--recurrent-dropout", recurrentDropout != nil),
      ("--init", initialization != nil), ("--uniform-start", uniformStart != nil),
      ("--crf", crf == true), ("--no-crf", crf == false),
      ("--tied", tied),
      ("--intent-weight", intentWeight != nil), ("--attention", attention != nil),
      ("--feeding", feeding != nil), ("--sampling", sampling != nil),
      ("--reverse-source", reverseSource), ("--no-image", noImage),
    ]
    return options.filter(\.1).map(\.0)
  }

  /// Throws for a bound that is none, and for two starts.
  func checkedUniformStart() throws -> Float? {
    guard let uniformStart else { return nil }
    try require(
      uniformStart > 0 && uniformStart.isFinite, "--uniform-start", "more than 0", "\(uniformStart)"
    )
    try require(
      initialization == nil, "--uniform-start", "no --init beside it",
      "--init \(initialization ?? "")")
    return uniformStart
  }
}
