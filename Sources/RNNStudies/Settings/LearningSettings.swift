import RNNCore
import RNNTasks

/// What all trained models have in common: their shape and how gradients become updates.
package protocol LearningSettings {
  /// The task that is learned.
  var kind: TaskName { get }
  /// The cells that are trained; none while their text cannot be read.
  var choices: [CellChoice] { get }
  var model: ModelSettings { get set }
  var optimizer: OptimizerName { get set }
  var momentum: Float { get set }
  var rate: Float { get set }
  var weightDecay: Float { get set }
  var batch: Int { get set }
}

private let pairs = TaskName.learned.filter { $0.pairs != nil }
/// The tasks whose model is a ``SequenceModel``.
private let sequences = TaskName.compared + [.classify, .music]
private let ofTokens = sequences.filter { $0 != .adding && $0 != .music } + pairs + [.vqa]

extension Setting where Root: LearningSettings {
  /// The shape of the model.
  static var ofModel: [Setting] {
    Array(
      in: .model,
      [
        .number("hidden", at: \.model.hidden, .width, "Hidden units"),
        .number(
          "embedding", at: \.model.embedding, .width,
          "Width of token embeddings"
        ).only(ofTokens),
        .number("layers", at: \.model.layers, .from(1, to: 1024), "Recurrent layers")
          .unless { $0.withoutRecurrence },
        .choice("directions", at: \.model.directions, "Ways to read")
          .rare.only(TaskName.allCases.filter { $0 != .lm && $0 != .music }).unless {
            $0.withoutRecurrence
          }
          .unless {
            let isSaid = $0.choices.allSatisfy(\.isBidirectional)
            guard isSaid, $0.model.directions != .concatenated else { return nil }
            return .init("bidirectional, which the name of the cell says already", $0)
          },
        .number(
          "window", at: \.model.window, .from(1, to: 1024),
          "Steps side by side as input, odd unless the next symbol is predicted"
        ).only(sequences).rare,
        .number(
          "dropout", at: \.model.dropout, .belowOne, placeholder: "p",
          "Dropout of inputs and outputs of layers"),
        .number(
          "recurrent-dropout", at: \.model.recurrentDropout, .belowOne, placeholder: "p",
          "Dropout of the state, one mask a sequence"
        ).only(sequences).rare.unless { $0.withoutRecurrentWeights },
        .text(
          "init", placeholder: "start",
          "Start of recurrent weights: uniform[=N], normal=N, xavier, orthogonal[=N], identity[=N] "
            + "or sparse[=RADIUS]",
          read: { $0.model.initialization?.description },
          write: { text, root throws(RNNError) in
            root.model.initialization = try Initialization(text)
          }
        ).otherwise("the cell's").unless { $0.withoutRecurrentWeights }.unless { $0.isIRNN },
        .number(
          "uniform-start", at: \.model.uniformStart, .positive, placeholder: "x",
          "Start of every parameter instead, within ±x (forget-bias=N stays)"
        ).otherwise("none").rare.unless { $0.isIRNN }.unless {
          $0.model.initialization.map {
            UnusedSetting("no --init beside it", found: "--init \($0)")
          }
        },
        .toggle(
          "crf", at: \.model.usesChain, "Score whole tag sequences, by a linear-chain CRF"
        ).off("Score each tag alone, without a CRF").only(.tag, .slots, .copy),
        .toggle(
          "tied", at: \.model.tiesEmbedding,
          "Read out with the embeddings, as wide as the state"
        ).only(.lm),
        .choice(
          "attention", at: \.model.attention, "How the source or image is looked at"
        ).only(pairs + [.vqa]).unless {
          $0.kind == .vqa && !$0.model.usesImage
            ? .init("a model with images", found: "--no-image") : nil
        },
        .choice(
          "feeding", at: \.model.feeding, "What of attention a step reads"
        ).only(pairs).unless {
          $0.model.attention == .none ? .init("--attention", found: "none") : nil
        },
        .text(
          "sampling", placeholder: "plan",
          "Own tokens fed in training: never, constant=P, linear=UPDATES[@MOST] or sigmoid=K",
          read: \.model.sampling,
          write: { text, root throws(RNNError) in
            root.model.sampling = try SamplingSchedule(text).description
          }
        ).only(pairs),
        .toggle("reverse-source", at: \.model.reversesSource, "Read the source from its end")
          .only(pairs),
        .toggle("image", at: \.model.usesImage, "Look at the image")
          .off("Answer from the question alone").only(.vqa),
      ])
  }

  /// How gradients become updates.
  static var ofSteps: [Setting] {
    Array(
      in: .training,
      [
        .choice("optimizer", at: \.optimizer, placeholder: "rule", "Rule"),
        .number(
          "momentum", at: \.momentum, .belowOne, placeholder: "x",
          "Momentum of momentum and nesterov"
        ).rare.unless {
          [.momentum, .nesterov].contains($0.optimizer)
            ? nil : .init("--optimizer momentum or nesterov", found: $0.optimizer.rawValue)
        },
        .number("rate", at: \.rate, .positive, placeholder: "x", "Learning rate"),
        .number("batch", at: \.batch, .count(from: 1), "Sequences a batch"),
        .number(
          "weight-decay", at: \.weightDecay, .notNegative, placeholder: "x",
          "Weight decay; with adamw 0.01"),
      ])
  }
}

extension UnusedSetting {
  /// Found in the cells of `root`.
  fileprivate init(_ expected: String, _ root: some LearningSettings) {
    let names = root.choices.map(\.name).joined(separator: ",")
    self.init(expected, found: (root.choices.count > 1 ? "--cells " : "--cell ") + names)
  }
}

extension LearningSettings {
  fileprivate var withoutRecurrence: UnusedSetting? {
    choices.contains { $0.cell != nil } ? nil : .init("a recurrent cell", self)
  }

  fileprivate var withoutRecurrentWeights: UnusedSetting? {
    let has = choices.contains { $0.cell?.hasRecurrentProduct == true }
    return has ? nil : .init("a cell with recurrent weights", self)
  }

  fileprivate var isIRNN: UnusedSetting? {
    let others = choices.contains { $0.cell != .irnn }
    return others ? nil : .init("another cell: an IRNN is one by how it starts", self)
  }

  /// Gives what was not set the value that suits what was.
  ///
  /// - Parameters:
  ///   - given: the names of what was set.
  ///   - before: as it was before anything was set.
  mutating func settleLearning(given: Set<String>, from before: Self) {
    if optimizer != before.optimizer, !given.contains("weight-decay") {
      weightDecay = optimizer.rule(momentum: momentum).standardWeightDecay
    }
    // A start of everything that is standard means nothing to who asks for one of the recurrent
    // weights.
    if given.contains("init"), !given.contains("uniform-start") { model.uniformStart = nil }
    if given.contains("uniform-start"), !given.contains("init") { model.initialization = nil }
    // A feeding that is standard means nothing to who wants no attention.
    if !given.contains("feeding"), model.attention == .none { model.feeding = .none }
    // A recurrent dropout that is standard means nothing to cells without recurrent weights.
    if !given.contains("recurrent-dropout"), withoutRecurrentWeights != nil {
      model.recurrentDropout = 0
    }
  }
}
