import RNNCore
import RNNTasks

extension DataExperiment {
  /// Slot filling on ATIS: the networks of Mesnil et al. (2013) with their settings, and today's
  /// recipes.
  package static func atis() -> DataExperiment {
    DataExperiment(
      name: "atis", title: "Slot filling on ATIS", rows: mesnilRows + recipeRows, isShare: true,
      score: "F1", curve: .score,
      notes: [
        "Mesnil: Mesnil et al. 2013 with their released code (is13), on that paper's own folds: "
          + "their numbers are no target for other splits. Of the same paper, both unverified: CRF "
          + "92.94 %, bidirectional Jordan 93.98 %.",
        "Goo: the BLSTM in the slot-gated paper (Goo et al. 2018) on 4478/500/893 sentences. "
          + "PyTorch: measured with PyTorch 2.13 on that split.",
        "Mesnil's rows here: sigmoid units, all parameters uniform within 0.2 at first, window 7, "
          + "embeddings of length 1, SGD 0.0627 for 50 epochs. The released code makes an update a "
          + "word over at most 9 steps; here a sentence is one update with the sum of its words' "
          + "losses and full BPTT. Its halving of the rate is off there, and left out here.",
        "Scores are those of the epoch with the best validation F1.",
      ])
  }

  private static let mesnilRate: Float = 0.0627

  private static var mesnilRows: [Row] {
    let valid = Published(0.973, "Mesnil, own folds")
    let rows: [(name: String, cell: String, test: Published?, valid: Published?)] = [
      ("Elman, Mesnil", "elman:sigmoid", Published(0.942...0.945, "Mesnil, own folds"), valid),
      ("Jordan, Mesnil", "jordan:sigmoid", nil, nil),
      ("Elman-Jordan, Mesnil", "elman-jordan:sigmoid", Published(0.9506, "Mesnil, own folds"), nil),
    ]
    return rows.map { row in
      Row(
        name: row.name, settings: mesnil(cell: row.cell),
        comparisons: [
          Comparison(measure: .test("F1"), published: row.test),
          Comparison(measure: .bestValidation, published: row.valid),
        ])
    }
  }

  private static func mesnil(cell: String) -> TrainSettings {
    var settings = TrainSettings.standard(for: .tag, unit: nil, threads: 1)
    settings.data.digits = true
    settings.cell = cell
    settings.model = ModelSettings(embedding: 100, hidden: 100, window: 7, uniformStart: 0.2)
    settings.optimizer = .sgd
    (settings.rate, settings.schedule, settings.averaging) = (mesnilRate, .constant, 0)
    settings.clipMode = .none
    settings.reduction = .perSequence
    settings.normalizesEmbedding = true
    (settings.batch, settings.epochs, settings.patience) = (1, 50, 0)
    return settings
  }

  private static var recipeRows: [Row] {
    [
      Row(
        name: "Elman, Adam", settings: window(cell: "elman"),
        comparisons: [
          Comparison(measure: .test("F1"), published: Published(0.9293, "PyTorch")),
          Comparison(measure: .bestValidation),
        ]),
      Row(
        name: "Jordan, Adam", settings: window(cell: "jordan"),
        comparisons: [
          Comparison(measure: .test("F1")), Comparison(measure: .bestValidation),
        ]),
      Row(
        name: "Elman-Jordan, Adam", settings: window(cell: "elman-jordan"),
        comparisons: [
          Comparison(measure: .test("F1")), Comparison(measure: .bestValidation),
        ]),
      Row(
        name: "bi-LSTM, Adam", settings: bidirectional(full: false),
        comparisons: [
          Comparison(measure: .test("F1"), published: Published(0.9480, "PyTorch")),
          Comparison(measure: .bestValidation, published: Published(0.9687, "PyTorch")),
        ]),
      Row(
        name: "bi-LSTM + CRF + intent, Adam", settings: bidirectional(full: true),
        comparisons: [
          Comparison(measure: .test("F1"), published: Published(0.952, "Goo, BLSTM")),
          Comparison(measure: .test("intent accuracy"), published: Published(0.941, "Goo, BLSTM")),
          Comparison(measure: .bestValidation),
        ]),
    ]
  }

  /// One direction that sees three words ahead.
  private static func window(cell: String) -> TrainSettings {
    var settings = TrainSettings.standard(for: .tag, unit: nil, threads: 1)
    settings.cell = cell
    settings.model = ModelSettings(embedding: 100, hidden: 100, window: 7, dropout: 0.5)
    return settings
  }

  private static func bidirectional(full: Bool) -> TrainSettings {
    var settings = TrainSettings.standard(for: .tag, unit: nil, threads: 1)
    settings.cell = "bi-lstm"
    settings.model.usesChain = full
    settings.model.intentWeight = full ? 1 : 0
    return settings
  }
}
