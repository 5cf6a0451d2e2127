import RNNCore
import RNNTasks

extension DataExperiment {
  /// What looking back at the source is worth, by its length: one model with attention, one
  /// without, and one without that reads its source from the end.
  ///
  /// - Parameters:
  ///   - problem: what is generated; nil for data of `languages`.
  ///   - languages: see ``DataOptions/languages``.
  package static func attention(
    problem: TransductionKind?, languages: String? = nil
  ) -> DataExperiment {
    var base = TrainSettings.standard(
      for: problem == nil ? .translate : .transduce, unit: nil, threads: 1)
    (base.data.problem, base.data.languages) = (problem, languages)
    let score = problem == nil ? "BLEU" : "exact match"
    func row(_ name: String, _ attention: AttentionChoice, reverses: Bool = false) -> Row {
      var settings = base
      (settings.model.attention, settings.model.reversesSource) = (attention, reverses)
      // Reading in both directions is reading from both ends.
      settings.cell = "lstm"
      return Row(
        name: name, settings: settings, comparisons: [Comparison(measure: .test(score))])
    }
    return DataExperiment(
      name: "attention",
      title: "Attention and the length of the source: \(problem?.rawValue ?? "translation")",
      rows: [
        row("attention", .general), row("no attention", .none),
        row("no attention, source reversed", .none, reverses: true),
      ],
      isShare: problem != nil, score: score, curve: .score,
      notes: [
        "Bahdanau, Cho and Bengio 2015 found that without attention translations get worse with "
          + "the length of the sentence, and with it they do not; Sutskever, Vinyals and Le 2014 "
          + "that a plain encoder-decoder gains from reading the source from its end, which brings "
          + "its beginning near to that of the target. Their data are larger ones: what can be "
          + "compared is the order of the rows.",
        "LSTM in one direction, attention by Luong's general score.",
      ])
  }

  /// A classifier of texts that begins with random weights, and one that begins with the encoder of
  /// a sequence auto-encoder, trained before on the same texts without their classes (Dai and Le
  /// 2015).
  package static func pretraining() -> DataExperiment {
    var pretraining = TrainSettings.standard(for: .autoencode, unit: nil, threads: 1)
    // Words seen once or twice teach little, and a smaller vocabulary is the cheaper readout.
    (pretraining.data.lowercase, pretraining.data.minimumCount) = (true, 3)
    // A state that forgets slowly is of all words, not of the last ones.
    pretraining.cell = "bi-lstm:forget-bias=1"
    (pretraining.data.wordDropout, pretraining.batch, pretraining.epochs) = (0.1, 32, 3)
    var classifier = TrainSettings.standard(for: .classify, unit: nil, threads: 1)
    // The same words, so that vectors keep their places.
    (classifier.data.lowercase, classifier.data.minimumCount) = (true, 3)
    classifier.cell = pretraining.cell
    classifier.model.embedding = pretraining.model.embedding
    // Two directions side by side are as wide as the decoder.
    classifier.model.hidden = pretraining.model.hidden / 2
    (classifier.batch, classifier.epochs, classifier.patience) = (32, 10, 0)
    (classifier.rate, classifier.schedule) = (3e-3, .cosine(floor: 0))
    classifier.data.wordDropout = 0.3
    (pretraining.model.uniformStart, classifier.model.uniformStart) = (0.1, 0.1)
    let comparisons = [
      Comparison(measure: .test("accuracy")), Comparison(measure: .bestValidation),
    ]
    return DataExperiment(
      name: "pretraining", title: "A classifier that begins with an auto-encoder",
      rows: [
        Row(name: "random weights", settings: classifier, comparisons: comparisons),
        Row(
          name: "auto-encoder", settings: classifier, pretraining: pretraining,
          comparisons: comparisons),
      ],
      isShare: true, score: "accuracy", curve: .score, splitsBySeed: true,
      notes: [
        "Dai and Le 2015 found that an LSTM which begins with the weights of a sequence "
          + "auto-encoder learns to classify texts more reliably and better. Times are those of "
          + "the classifier alone.",
        "Both rows have the same model, settings and texts; the auto-encoder sees the training "
          + "texts alone. Data without validation and test parts are split anew for each seed.",
      ])
  }
}
