import RNNCore
import RNNTasks

extension DataExperiment {
  /// The collections of piano rolls with published numbers.
  package enum Tunes: String, CaseIterable {
    case nottingham, jsb

    /// The one that a file's name speaks of.
    package init?(fileName: String) {
      let name = fileName.lowercased()
      guard let tunes = Self.allCases.first(where: { name.contains($0.rawValue) }) else {
        return nil
      }
      self = tunes
    }

    package var name: String { self == .nottingham ? "Nottingham" : "JSB chorales" }
  }

  /// Piano rolls: the next notes, each as a yes or no.
  package static func music(_ tunes: Tunes) -> DataExperiment {
    let isNottingham = tunes == .nottingham
    let cells: [(name: String, cell: String, nottingham: Double, jsb: Double)] = [
      ("LSTM", "lstm", 3.29, 8.45), ("GRU", "gru", 3.46, 8.43), ("Elman", "elman", 4.05, 8.91),
    ]
    return DataExperiment(
      name: "music", title: "Music: \(tunes.name)",
      rows: cells.map { row in
        var settings = TrainSettings.standard(for: .music, unit: nil, threads: 1)
        settings.cell = row.cell
        let bai = Published(isNottingham ? row.nottingham : row.jsb, "Bai", isVerified: false)
        return Row(
          name: row.name, settings: settings,
          comparisons: [Comparison(measure: .test("NLL/step"), published: bai)]
            + (isNottingham && row.cell == "elman" ? pascanu : [])
            + [Comparison(measure: .bestValidation)])
      },
      isShare: false, score: "NLL/step", curve: .score,
      notes: [
        "Negative log-likelihood of a step in nats, summed over its notes, the mean over all "
          + "steps. Bai: Bai, Kolter and Koltun 2018."
          + (isNottingham
            ? " Pascanu: Pascanu, Mikolov and Bengio 2013, table 1, an Elman network with SGD "
              + "alone, with clipping, and with clipping and their regulariser."
            : ""),
        "The settings here are those of rnnbench train music, with the cell changed.",
      ])
  }

  private static let pascanu = [
    (3.80, "Pascanu, SGD"), (3.48, "Pascanu, clipped"), (3.36, "Pascanu, clipped, Ω"),
  ].map { Comparison(measure: .test("NLL/step"), published: Published($0.0, $0.1)) }
}
