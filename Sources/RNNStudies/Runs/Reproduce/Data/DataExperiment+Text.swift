import RNNCore
import RNNTasks

extension DataExperiment {
  /// Characters of Shakespeare's plays, beside PyTorch.
  package static func characters() -> DataExperiment {
    let lstm: [(Int, Double)] = [(1, 1.926), (2, 1.739), (3, 1.654), (5, 1.565), (10, 1.495)]
    return DataExperiment(
      name: "chars", title: "A language model of characters",
      rows: [
        Row(
          name: "LSTM 2x128", settings: characters(cell: "lstm"),
          comparisons: losses(lstm) + [
            Comparison(
              measure: .lowestValidationLoss, published: Published(1.469, "PyTorch, epoch 23"))
          ]),
        Row(
          name: "GRU 2x128", settings: characters(cell: "gru"),
          comparisons: losses([(3, 1.558)]) + [Comparison(measure: .lowestValidationLoss)]),
        Row(
          name: "Elman 2x128", settings: characters(cell: "elman"),
          comparisons: losses([(3, 1.663)]) + [Comparison(measure: .lowestValidationLoss)]),
        Row(
          name: "LSTM 2x256, dropout", settings: largerCharacters,
          comparisons: [Comparison(measure: .lowestValidationLoss)]),
      ],
      isShare: false, score: "bits/char", curve: .loss,
      notes: [
        "PyTorch: measured with PyTorch 2.13 on tinyshakespeare (1,115,394 characters, split "
          + "90/5/5 %); other texts give other numbers. 2x128, embedding 64, 50 streams of 50 "
          + "steps, Adam 0.002, times 0.97 an epoch from epoch 11 on, clip 5.",
        "Losses are in nats a character on validation data. The test part is a play that is not in "
          + "training, which makes its numbers differ in kind.",
      ])
  }

  private static func losses(_ points: [(epoch: Int, loss: Double)]) -> [Comparison] {
    points.map {
      Comparison(
        measure: .validationLoss(epoch: $0.epoch), published: Published($0.loss, "PyTorch"))
    }
  }

  private static func characters(cell: String) -> TrainSettings {
    var settings = TrainSettings.standard(for: .lm, unit: .character, threads: 1)
    settings.cell = cell
    settings.data.steps = 50
    settings.model = ModelSettings(embedding: 64, hidden: 128, layers: 2)
    settings.rate = 2e-3
    settings.schedule = .decay(factor: 0.97, epochs: 10)
    (settings.batch, settings.epochs, settings.patience) = (50, 30, 5)
    return settings
  }

  private static var largerCharacters: TrainSettings {
    var settings = characters(cell: "lstm")
    settings.model.hidden = 256
    settings.model.dropout = 0.3
    return settings
  }

  /// Words, as in the small model of Zaremba, Sutskever and Vinyals (2014).
  ///
  /// Their loss is a sum over the steps of a mean over the batch, and their threshold is compared
  /// with the norm of that loss's gradient: the reduction `perSequence` with clipping by the global
  /// norm. (The mean over all words would be 20 times smaller, and 5 and the rate 1 would mean
  /// something else.)
  ///
  /// - Parameters:
  ///   - isTied: whether the readout is the table of embeddings, which their model does not do.
  ///   - minimumCount: words seen less often in training are unknown.
  package static func zarembaSmall(isTied: Bool, minimumCount: Int) -> DataExperiment {
    var settings = TrainSettings.standard(for: .lm, unit: .word, threads: 1)
    settings.cell = "lstm"
    settings.data.unit = .word
    (settings.data.steps, settings.data.minimumCount) = (20, minimumCount)
    settings.model = ModelSettings(
      embedding: 200, hidden: 200, layers: 2, uniformStart: 0.1, tiesEmbedding: isTied)
    settings.optimizer = .sgd
    (settings.rate, settings.schedule) = (1, .decay(factor: 0.5, epochs: 4))
    (settings.clipMode, settings.clip, settings.reduction) = (.globalNorm, 5, .perSequence)
    (settings.batch, settings.epochs, settings.patience) = (20, 13, 0)
    let source = "Zaremba, PTB"
    return DataExperiment(
      name: "zaremba-small", title: "A language model of words, 2x200",
      rows: [
        Row(
          name: isTied ? "LSTM 2x200, tied" : "LSTM 2x200", settings: settings,
          comparisons: [
            Comparison(measure: .bestValidation, published: Published(120.7, source)),
            Comparison(measure: .test("perplexity"), published: Published(114.5, source)),
          ])
      ],
      isShare: false, score: "perplexity", curve: .score,
      notes: [
        "Zaremba: Zaremba, Sutskever and Vinyals 2014, the model without dropout on the words of "
          + "the Penn Treebank, which does not come with this program: other texts give other "
          + "perplexities.",
        "2x200, 20 streams of 20 steps, all parameters uniform within 0.1 at first, SGD 1, halved "
          + "after each epoch from the fourth on, 13 epochs; losses summed over the steps and "
          + "divided by the batch, their gradient clipped to norm 5.",
        "A word that training shows fewer than \(minimumCount) times counts as <unk>.",
      ])
  }
}
