import FoundationEssentials
import RNNCore
import RNNReport
import RNNTasks

/// The shape of a model with a cell and a task still to be named.
package struct ModelSettings: Codable, Hashable, Sendable {
  package var embedding: Int
  package var hidden: Int
  package var layers: Int
  package var directions: Directions
  package var window: Int
  /// Where the other steps of the window are; nil for where the task allows them. (What
  /// ``SavedRun`` reads of a model that was saved before models of the next symbol were kept from
  /// looking ahead.)
  package var windowSide: ContextSide?
  package var dropout: Float
  package var recurrentDropout: Float
  /// Of the recurrent weights; nil for what the cell asks for.
  package var initialization: Initialization?
  /// Nil, or what all parameters of the model, biases too, start within, uniformly on both sides of
  /// 0.
  package var uniformStart: Float?
  /// Whether a conditional random field scores the outputs.
  package var usesChain: Bool
  /// Whether the readout's weight is the table of embeddings.
  package var tiesEmbedding: Bool
  /// Of the sentence's class beside its tags, where the task has one; 0 for none.
  package var intentWeight: Float
  /// Of a decoder to its source.
  package var attention: AttentionChoice
  /// What of attention a decoder reads.
  package var feeding: AttentionFeeding
  /// How often training feeds a decoder its own tokens, as ``SamplingSchedule`` writes it.
  package var sampling: String
  /// Whether an encoder reads its source from the end.
  package var reversesSource: Bool
  /// Whether a question's image is looked at.
  package var usesImage: Bool

  package init(
    embedding: Int = 32, hidden: Int = 64, layers: Int = 1, directions: Directions = .forward,
    window: Int = 1, dropout: Float = 0, recurrentDropout: Float = 0,
    initialization: Initialization? = nil, uniformStart: Float? = nil, usesChain: Bool = false,
    tiesEmbedding: Bool = false, intentWeight: Float = 0, attention: AttentionChoice = .none,
    feeding: AttentionFeeding = .none, sampling: SamplingSchedule = .never,
    reversesSource: Bool = false, usesImage: Bool = true
  ) {
    self.embedding = embedding
    self.hidden = hidden
    self.layers = layers
    self.directions = directions
    self.window = window
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.initialization = initialization
    self.uniformStart = uniformStart
    self.usesChain = usesChain
    self.tiesEmbedding = tiesEmbedding
    self.intentWeight = intentWeight
    self.attention = attention
    self.feeding = feeding
    self.sampling = sampling.description
    self.reversesSource = reversesSource
    self.usesImage = usesImage
  }

  /// A model of that cell for a task of that shape, checked.
  ///
  /// - Parameter task: its name, for complaints.
  package func configuration(
    _ choice: CellChoice, for shape: TaskShape, task: String
  ) throws -> ModelConfiguration {
    guard !usesChain || shape.objective == .classes else {
      throw RNNError(
        .unsupported, "--crf", expected: "a task whose outputs are classes", found: task)
    }
    let input: ModelConfiguration.Input =
      switch shape.input {
      case .tokens(let vocabulary): .tokens(vocabulary: vocabulary, embedding: embedding)
      case .features(let width): .features(width: width)
      }
    let loss: Loss =
      switch shape.objective {
      case .classes: usesChain ? .conditionalRandomField : .softmaxCrossEntropy
      case .values: .meanSquaredError
      case .bernoulli: .bernoulliCrossEntropy
      case .labelling: .connectionistTemporalClassification
      }
    let configuration = ModelConfiguration(
      input: input, contextWindow: window,
      contextSide: window > 1 ? windowSide ?? shape.contextSide : .both,
      body: choice.body(layers: layers, directions: directions),
      hiddenSize: hidden, outputs: shape.outputs, loss: loss,
      answer: shape.answer == .everyStep ? .everyStep : .atEnd, dropout: dropout,
      recurrentDropout: recurrentDropout, tiesEmbedding: tiesEmbedding,
      sentenceHead: try sentenceHead(for: shape))
    if !mayLookAhead { try shape.checkSight(of: configuration, task: task) }
    try Self.named { () throws(RNNError) in try configuration.validate() }
    return configuration
  }

  /// Whether the model is one that was saved before looking ahead was refused.
  var mayLookAhead: Bool { windowSide == .both }

  /// Runs a check of the library's, whose complaints then name the options.
  static func named<Result>(
    _ check: () throws(RNNError) -> Result
  ) throws(RNNError) -> Result {
    do throws(RNNError) { return try check() } catch {
      let options = [
        "hidden size": "--hidden", "embedding size": "--embedding", "layers": "--layers",
        "context window": "--window", "target embedding": "--embedding",
        "source width": "--embedding", "dropout": "--dropout",
        "recurrent dropout": "--recurrent-dropout", "tied embedding": "--tied",
        "dot attention": "--attention", "input width": "--embedding",
      ]
      throw error.naming(options[error.argument] ?? error.argument)
    }
  }

  private func sentenceHead(for shape: TaskShape) throws(RNNError) -> SentenceHead? {
    guard intentWeight > 0, let classes = shape.labels else { return nil }
    return SentenceHead(classes: classes, weight: intentWeight)
  }

  /// A model whose weights start as its shape and ``initialization(_:of:)`` ask.
  func makeModel(
    _ configuration: ModelConfiguration, seed: UInt64, team: ThreadTeam
  ) throws(RNNError) -> SequenceModel {
    try SequenceModel(
      configuration,
      initialization: initialization(configuration.standardInitialization, of: configuration.cell),
      seed: seed, team: team)
  }

  /// How a model of that cell starts: as `standard` says, but the recurrent weights with
  /// ``initialization`` and everything within ``uniformStart`` where they are given. An IRNN is one
  /// by how it starts, and keeps to that.
  package func initialization(
    _ standard: InitializationPlan, of cell: CellKind?
  ) -> InitializationPlan {
    guard cell != .irnn else { return standard }
    var plan = standard
    if let initialization { plan.recurrent = initialization }
    plan.everywhere = uniformStart
    return plan
  }
}
