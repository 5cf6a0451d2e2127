import RNNCore
import RNNTasks

extension TrainSettings {
  /// What suits a kind of data when nothing else is asked for.
  ///
  /// - Precondition: `kind` is one of ``TaskName/learned``.
  package static func standard(for kind: TaskName, unit: TextUnit?, threads: Int)
    -> TrainSettings
  {
    var data = DataOptions()
    switch kind {
    case .tag:
      data.minimumCount = 2
      return TrainSettings(
        kind: kind, data: data, cell: "bi-lstm",
        model: ModelSettings(
          embedding: 100, hidden: 128, dropout: 0.5, usesChain: true, intentWeight: 1),
        rate: 2e-3, schedule: .cosine(floor: 0), averaging: 0.998, batch: 16, epochs: 40,
        threads: threads)
    case .lm where unit == .word:
      (data.steps, data.minimumCount) = (35, 2)
      return TrainSettings(
        kind: kind, data: data, cell: "lstm",
        model: ModelSettings(embedding: 200, hidden: 200, layers: 2, dropout: 0.3), rate: 2e-3,
        schedule: .decay(factor: 0.8, epochs: 6), batch: 20, epochs: 20, patience: 4,
        threads: threads)
    case .lm:
      return TrainSettings(
        kind: kind, data: data, cell: "lstm",
        model: ModelSettings(embedding: 64, hidden: 128, layers: 2), rate: 2e-3,
        schedule: .decay(factor: 0.97, epochs: 10), batch: 50, epochs: 30, patience: 5,
        threads: threads)
    case .classify:
      return TrainSettings(
        kind: kind, data: data, cell: "bi-lstm",
        model: ModelSettings(embedding: 100, hidden: 100, dropout: 0.5), rate: 2e-3, batch: 27,
        epochs: 60, patience: 20, threads: threads)
    case .music:
      data.chunk = 200
      return TrainSettings(
        kind: kind, data: data, cell: "lstm",
        model: ModelSettings(hidden: 256, layers: 2, recurrentDropout: 0.1), rate: 5e-3,
        schedule: .cosine(floor: 0), batch: 8, epochs: 35, threads: threads)
    case .translate:
      return pairs(
        kind, beam: 5,
        ModelSettings(
          embedding: 256, hidden: 256, dropout: 0.4, uniformStart: 0.1, attention: .general),
        epochs: 12,
        threads: threads)
    case .autoencode:
      var settings = pairs(
        kind, beam: 1, ModelSettings(embedding: 128, hidden: 256, dropout: 0.2), epochs: 30,
        threads: threads)
      settings.batch = 16
      return settings
    case .parse:
      var settings = pairs(
        kind, beam: 5,
        ModelSettings(embedding: 128, hidden: 256, dropout: 0.3, attention: .general), epochs: 20,
        threads: threads)
      (settings.data.digits, settings.data.writesTags) = (true, true)
      (settings.data.parserSource, settings.data.minimumCount) = (.rareTags, 20)
      settings.batch = 16
      return settings
    case .transduce:
      return pairs(
        kind, beam: 1, ModelSettings(embedding: 32, hidden: 128, attention: .general), epochs: 8,
        threads: threads)
    case .vqa:
      return TrainSettings(
        kind: kind, data: data, cell: "lstm",
        model: ModelSettings(embedding: 32, hidden: 64, attention: .concat), rate: 3e-3,
        schedule: .cosine(floor: 0), batch: 64, epochs: 10, threads: threads)
    case .slots, .adding, .temporalOrder, .copy, .spelledDigits:
      preconditionFailure("its models are of no use for other data")
    }
  }

  /// An LSTM that reads in both directions and writes in one.
  private static func pairs(
    _ kind: TaskName, beam: Int, _ model: ModelSettings, epochs: Int, threads: Int
  ) -> TrainSettings {
    var data = DataOptions()
    data.beam = beam
    return TrainSettings(
      kind: kind, data: data, cell: "bi-lstm", model: model, rate: 3e-3,
      schedule: .cosine(floor: 0), clip: 1, batch: 64, epochs: epochs, threads: threads)
  }
}
