import RNNCore
import RNNReport
import RNNTasks

extension TrainSession {
  /// Task, model and size on one line.
  package var summary: String {
    let model = settings.model
    let layers = model.layers > 1 ? "\(model.layers)x" : ""
    return
      "\(settings.cell) \(layers)\(model.hidden), \(run.model.parameters.layout.parameterCount) "
      + "parameters: \(task.summary)"
  }

  // MARK: - Lines

  /// Where the window is too narrow for all, columns with a lower rank are left out first.
  private static let columns: [(title: String, width: Int, rank: Int)] = [
    ("epoch", 5, 6), ("train loss", 10, 3), ("valid. loss", 11, 4), ("", 10, 5), ("tokens/s", 9, 1),
    ("clipped", 7, 0), ("time", 8, 2),
  ]

  package static func head(_ session: TrainSession, width: Int) -> String {
    var titles = columns.map(\.title)
    titles[3] = session.metricName
    return line(titles, width: width)
  }

  /// A look as a line under ``head(_:width:)``; a star marks the best so far.
  package func line(for look: Course.Look, width: Int) -> String {
    // By number of updates: looks with a loss that is not a number equal nothing.
    let best = look.updates == run.course.bestLook?.updates ? " *" : ""
    return Self.line(
      [
        "\(look.epochs)", NumberFormat.significant(look.trainLoss, digits: 4),
        NumberFormat.significant(look.validLoss, digits: 4),
        Metric.text(look.metric, isShare: metric.notation == .share),
        NumberFormat.si(look.tokensPerSecond),
        NumberFormat.percent(look.clippedShare, decimals: 0),
        NumberFormat.duration(look.seconds),
      ], width: width) + best
  }

  private static func line(_ texts: [String], width: Int) -> String {
    // Two columns are for the star; the epoch alone always fits.
    let lowest = (0..<columns.count).first { rank in
      columns.filter { $0.rank >= rank }.reduce(1) { $0 + $1.width + 1 } <= width
    }
    return zip(texts, columns).filter { $1.rank >= lowest ?? columns.count - 1 }
      .map { $0.padded(to: $1.width, alignment: .trailing) }.joined(separator: " ")
  }

  package func sentence(for ending: TrainEnding) -> String {
    let name = path.printable
    let best = run.course.bestLook.map {
      "the best model is that of epoch \($0.epochs) (\(metricName) "
        + "\(Metric.text($0.metric, isShare: metric.notation == .share)))"
    }
    let kept = "\(name) holds it" + (best.map { "; \($0)." } ?? ".")
    switch ending {
    case .epochs: return "All epochs are done: \(kept)"
    case .patience:
      return "No gain in \(settings.patience) epochs: \(kept)"
    case .timeLimit: return "The time is up: \(kept) --resume goes on."
    case .signal: return "Interrupted: \(kept) --resume goes on."
    case .diverged(let divergence):
      let start = "Diverged in epoch \(divergence.epoch): "
      if !isSaved { return start + "nothing was saved, \(name) is as it was." }
      return start + (best.map { "\(name) holds \($0)." } ?? "\(name) holds no trained model.")
    }
  }

  /// The last line of a run that diverged: where, and what to try.
  package func advice(on divergence: Divergence) -> String {
    let lower = NumberFormat.significant(Double(settings.rate) / 10, digits: 1)
    var ways = ["--rate \(lower)"]
    if settings.clipMode == .none {
      ways.append("--clip 1 --clip-mode \(Clipping.Mode.globalNorm.rawValue)")
    } else if settings.clip > 1 {
      ways.append("--clip 1")
    }
    return "\(divergence); try \(ways.joined(separator: " or "))"
  }

  /// Skipped steps are worth a sentence.
  package var warning: String? {
    let count = run.course.nonFiniteSteps
    guard count > 0 else { return nil }
    return
      "\(count) of \(run.course.updates) updates were skipped: their gradients were not finite."
  }

  /// What was seen of the gradients; none unless it was asked for.
  package var gradientSentences: [String] {
    gradients?.sentences(
      cell: (try? CellChoice(settings.cell))?.cell,
      memoryNeeded: (task as? any SequenceDataTask)?.memoryNeeded,
      clips: settings.clipMode == .none ? nil : run.learner.statistics) ?? []
  }

  // MARK: - Files

  package func json(_ machine: MachineRecord, score: (loss: Double, score: TaskScore)?) -> JSONValue
  {
    let course = run.course
    return [
      "schema": "rnnbench/train/1", "machine": machine.json,
      "configuration": settings.configuration(
        without: Set(unused.map(\.name)),
        [
          ("parameters", JSONValue(run.model.parameters.layout.parameterCount)),
          ("task", JSONValue(task.summary)),
        ]),
      "updates": JSONValue(course.updates), "epochs": JSONValue(course.epochs),
      "seconds": JSONValue(course.seconds), "tokens": JSONValue(course.tokens),
      "tokensPerSecond": JSONValue(course.tokensPerSecond),
      "clippedSteps": JSONValue(course.clippedSteps),
      "nonFiniteSteps": JSONValue(course.nonFiniteSteps),
      "divergence": run.divergence?.json ?? .null,
      "best": course.best.map { JSONValue($0) } ?? .null, "metric": JSONValue(metricName),
      "looks": course.looks.json, "stoppedAt": glance?.json ?? .null,
      "test": score.map { $0.score.json(loss: $0.loss) } ?? .null,
      "gradients": gradients?.json ?? .null,
    ]
  }

  /// A row for each look.
  package var csv: String {
    var writer = CSVWriter(columns: [
      "epochs", "updates", "seconds", "train_loss", "valid_loss", metricName,
    ])
    for look in run.course.looks {
      writer.append([
        "\(look.epochs)", "\(look.updates)", CSVWriter.field(look.seconds),
        CSVWriter.field(look.trainLoss), CSVWriter.field(look.validLoss),
        CSVWriter.field(look.metric),
      ])
    }
    return writer.text
  }

  package func sections(score: (loss: Double, score: TaskScore)?) -> [ReportSection] {
    let course = run.course
    let looks = course.looks.filter { $0.epochs > 0 }
    let curve = LineChart(
      title: "Learning curve", description: "Training and validation loss by epoch.",
      xAxis: ChartAxis(title: "epochs", isWhole: true),
      yAxis: ChartAxis(title: "loss (nats)", scale: .log10),
      series: [
        .init(
          name: "validation",
          points: looks.map { .init(x: Double($0.epochs), y: $0.validLoss) }, hasMarkers: true),
        .init(
          name: "training", points: looks.map { .init(x: Double($0.epochs), y: $0.trainLoss) },
          isDashed: true),
      ],
      references: course.bestLook.map {
        [.init(direction: .vertical, value: Double($0.epochs), label: "kept")]
      } ?? [])
    let ofNoUse = Set(unused.map(\.name))
    var facts = settings.facts.filter { !ofNoUse.contains($0.name.replacing(" ", with: "-")) }
    facts.append(("training time", NumberFormat.duration(course.seconds)))
    if course.tokensPerSecond > 0 {
      facts.append(("speed", NumberFormat.si(course.tokensPerSecond) + " tokens/s"))
    }
    let training = ReportSection(
      "How it learned", answer: [bestSentence, warning].compactMap { $0 },
      [
        .paragraph(task.summary.asSentence),
        .figure(
          ReportFigure(
            chart: curve, caption: "Loss by epoch.",
            howToRead:
              "Training losses are means over an epoch, with dropout. Where validation turns "
              + "upward, what is learned no longer carries over.")),
        .facts(facts),
      ])
    let went = gradients.map {
      $0.section(
        gradientSentences,
        threshold: settings.clipMode == .globalNorm ? decimal(settings.clip) : nil)
    }
    return [score.map { $0.score.section(part: "test", loss: $0.loss) }, training, went]
      .compactMap { $0 }
  }

  private var bestSentence: String? {
    run.course.bestLook.map { look in
      "The best model is that of epoch \(look.epochs) of \(run.course.epochs): "
        + "validation \(metricName) "
        + "\(Metric.text(look.metric, isShare: metric.notation == .share)), loss "
        + "\(NumberFormat.significant(look.validLoss)) nats."
    }
  }
}

extension Course.Look {
  package var json: JSONValue {
    [
      "epochs": JSONValue(epochs), "updates": JSONValue(updates), "seconds": JSONValue(seconds),
      "trainLoss": JSONValue(trainLoss), "validLoss": JSONValue(validLoss),
      "metric": JSONValue(metric),
    ]
  }
}

extension [Course.Look] {
  package var json: JSONValue { .array(map(\.json)) }
}

extension TrainSettings {
  /// Name and value of each setting that changes something, for people.
  package var facts: [(name: String, value: String)] {
    [("kind", kind.rawValue)] + (start.map { [("start", "the encoder of \($0.printable)")] } ?? [])
      + TrainSettings.declared.facts(of: self) + undeclared.map { ($0.name, $0.text) }
  }

  /// The same as JSON.
  ///
  /// - Parameters:
  ///   - names: of settings that the data have no use for.
  ///   - more: what is known besides.
  package func configuration(
    without names: Set<String> = [], _ more: [(String, JSONValue)] = []
  ) -> JSONValue {
    let declared = TrainSettings.declared.filter { !names.contains($0.name) }
    return .object(
      [("kind", JSONValue(kind.rawValue)), ("start", JSONValue(start))] + declared.json(of: self)
        + undeclared.map { ($0.key, .string($0.text)) } + more)
  }

  /// What experiments set and no option does.
  private var undeclared: [(name: String, key: String, text: String)] {
    [
      normalizesEmbedding ? ("embedding length", "embeddingLength", "1") : nil,
      reduction == .mean ? nil : ("reduction", "reduction", reduction.rawValue),
    ].compactMap { $0 }
  }
}

extension Divergence {
  fileprivate var json: JSONValue {
    [
      "quantity": .string(quantity.rawValue), "epoch": JSONValue(epoch), "step": JSONValue(step),
      "place": JSONValue(place),
    ]
  }
}
