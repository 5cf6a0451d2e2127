import RNNCore
import RNNReport

extension GradientHistory {
  /// One line on norms and clipping, then what the last profile says of each layer.
  ///
  /// - Parameters:
  ///   - cell: of the model; nil for one without recurrence.
  ///   - memoryNeeded: the steps over which the task asks to remember; nil for those of the longest
  ///     sequence.
  ///   - clips: what clipping did so far; nil where nothing is clipped.
  func sentences(
    cell: CellKind?, memoryNeeded: Int?, clips: ClipStatistics? = nil
  ) -> [String] {
    guard !profiles.isEmpty else {
      return [
        "No update was profiled: none of this part of the run was one of every \(profiler.every)."
      ]
    }
    let norms = profiles.map(\.globalNorm).filter(\.isFinite).sorted()
    let number = { (value: Double) in NumberFormat.significant(value, digits: 2) }
    var sentence = "Gradients of \(profiles.count == 1 ? "1 update" : "\(profiles.count) updates")"
    if let low = norms.first, let high = norms.last {
      sentence +=
        ": norm \(number(norms.sortedQuantile(0.5))) in the median, \(number(low)) to "
        + "\(number(high))"
    }
    if norms.count < profiles.count {
      sentence += "; \(profiles.count - norms.count) not finite"
    }
    guard let cell else { return [sentence + "."] }
    guard let last = profiles.last(where: { !$0.layers.isEmpty }) else {
      return [
        sentence + ". None of their batches has the answer that is probed (\(profiler.probing))."
      ]
    }
    let verdicts = last.verdicts(
      VerdictContext(cell: cell, memoryNeeded: memoryNeeded, clips: clips))
    guard verdicts.contains(where: { $0.kind != .masked }) else {
      return [
        sentence
          + ". Those of several answers come together and hide how far back that of one reaches: "
          + "--probe last shows it."
      ]
    }
    return [sentence + "."]
      + verdicts.map { "After \(last.step) updates, \(probeWords): \($0.sentence)" }
  }

  private var probeWords: String { "gradient of \(profiler.probing.words)" }

  // MARK: - Figures

  /// - Parameter threshold: the greatest norm of the whole gradient; nil for other ways of
  ///   clipping, or none.
  func section(_ sentences: [String], threshold: Double?) -> ReportSection {
    let heading = "Where its gradients went"
    guard !profiles.isEmpty else {
      return ReportSection(heading, sentences.map { .paragraph($0) })
    }
    return ReportSection(
      heading, answer: sentences,
      layerNames.map { .figure(mapFigure($0)) } + [.figure(normFigure(threshold))]
        + (isClipped ? [.figure(clipFigure)] : [])
        + layerNames.compactMap { gateFigure($0).map { .figure($0) } })
  }

  /// ‖δ‖ of a layer by step and update.
  package func heatMap(ofLayer name: String) -> HeatMap {
    let (values, stepsInRow) = map(ofLayer: name)
    let firsts = columns.map(firstUpdate)
    let finite = values.joined().filter { $0.isFinite && $0 > 0 }
    // Eight powers of ten: what is weaker is as good as gone.
    let range = finite.max().flatMap { high in
      finite.min().map { max($0, high * 1e-8) }.flatMap { $0 < high ? $0...high : nil }
    }
    var map = HeatMap(
      title: "Gradient in \(name)",
      description:
        "Norm of the gradient with respect to \(name)'s cell state (LSTM) or hidden state, by time "
        + "step and update, \(probeWords).",
      x: firsts.count == 1
        ? .labels("updates", ["\(Int(firsts[0]))"])
        : .numbers("updates", firsts[0]...firsts[firsts.count - 1], areWhole: true),
      y: .numbers(
        followsOneAnswer ? "steps back" : "time step",
        0...Double(max(1, (values.count - 1) * stepsInRow)), areWhole: true),
      values: values.isEmpty ? [[.nan]] : values,
      colors: HeatMap.ColorScale(title: "norm", scale: .log10, range: range))
    map.gapName = "no such step, or not finite"
    return map
  }

  private func mapFigure(_ name: String) -> ReportFigure {
    let map = heatMap(ofLayer: name)
    return ReportFigure(
      chart: map, caption: map.description,
      howToRead: followsOneAnswer
        ? "A column is an update, its lowest row the step at which the gradient comes in: read "
          + "upward, into the past. Where it darkens the gradient is lost; as a network learns to "
          + "remember, the bright part grows upward."
        : "A column is an update. Losses of several steps come together: the map says where the "
          + "gradient of training is large, not how far back that of one answer reaches (--probe "
          + "last).")
  }

  /// Of all parameters, and of each layer's.
  private func normFigure(_ threshold: Double?) -> ReportFigure {
    let names = profiles[0].parameters.reduce(into: [String]()) { names, parameter in
      if !names.contains(parameter.layer) { names.append(parameter.layer) }
    }
    return ReportFigure(
      chart: LineChart(
        title: "Gradient norms", description: "Norm of the gradient of the parameters by update.",
        xAxis: ChartAxis(title: "updates", isWhole: true),
        yAxis: ChartAxis(title: "‖gradient‖ before clipping", scale: .log10),
        series: [LineChart.Series(name: "all", points: points(\.globalNorm))]
          + names.map { name in
            LineChart.Series(
              name: name, points: points { $0.norm(ofLayer: name) }, isDashed: true)
          },
        references: threshold.map {
          [.init(direction: .horizontal, value: $0, label: "threshold")]
        } ?? []),
      caption: "Norm of the gradient before clipping: of all parameters, and of each layer's.",
      howToRead:
        "Peaks are steps near a cliff of the error surface. A layer far below the others learns "
        + "little."
    )
  }

  private var clipFigure: ReportFigure {
    ReportFigure(
      chart: LineChart(
        title: "Clipped updates",
        description: "Share of the updates from a profile to the next that were clipped.",
        xAxis: ChartAxis(title: "updates", isWhole: true),
        yAxis: ChartAxis(title: "updates clipped", range: 0...1),
        series: [
          LineChart.Series(
            name: "clipped",
            points: columns.map { column in
              let sum = stretches[column.clamped(to: stretches.indices)]
                .reduce(GradientHistory.Stretch(), +)
              return LineChart.Point(x: firstUpdate(column), y: sum.clippedShare)
            })
        ]),
      caption:
        "Share of the updates with a finite gradient that clipping shortened, from one profile to "
        + "the next.",
      howToRead:
        "A threshold at work clips some updates. At 1 it has become part of the learning rate, at "
        + "0 it is not there."
    )
  }

  /// Nil for a layer without gates.
  private func gateFigure(_ name: String) -> ReportFigure? {
    let gates =
      profiles.first { !$0.layers.isEmpty }?.layers.first { $0.name == name }?.gates
      .filter { $0.values.range == 0...1 }.map(\.gate) ?? []
    guard !gates.isEmpty else { return nil }
    return ReportFigure(
      chart: LineChart(
        title: "Gates of \(name)", description: "Mean of each gate by update.",
        xAxis: ChartAxis(title: "updates", isWhole: true),
        yAxis: ChartAxis(title: "mean", range: 0...1),
        series: gates.map { gate in
          LineChart.Series(
            name: gate.rawValue,
            points: points { $0.mean(of: gate, inLayer: name) }.filter { !$0.y.isNaN })
        }),
      caption: "Means of \(name)'s gates, over up to 256 tokens of the batch.",
      howToRead:
        "A forget gate near 1 keeps the state, and the gradient with it; one that falls makes the "
        + "network forget."
    )
  }

  /// The mean over each column's profiles that have a finite value; not a number where none has.
  private func points(_ value: (GradientProfile) -> Double) -> [LineChart.Point] {
    columns.map { column in
      let values = profiles[column].map(value).filter(\.isFinite)
      return LineChart.Point(
        x: firstUpdate(column), y: values.reduce(0, +) / Double(values.count))
    }
  }

  private func firstUpdate(_ column: Range<Int>) -> Double {
    Double(profiles[column.lowerBound].step)
  }

  /// Whether clipping had anything to do.
  private var isClipped: Bool { stretches.contains { $0.clipped > 0 } }

  // MARK: - Files

  var json: JSONValue {
    [
      "every": JSONValue(profiler.every), "probe": JSONValue(profiler.probing.description),
      "profiles": .array(zip(profiles, stretches).map { $0.json($1) }),
    ]
  }
}

extension GradientProfile {
  /// ‖dE/dw‖ of all parameters of a layer.
  fileprivate func norm(ofLayer name: String) -> Double {
    parameters.reduce(0) {
      $1.layer == name ? $0 + $1.gradientNorm * $1.gradientNorm : $0
    }.squareRoot()
  }

  /// Not a number in a profile without that layer.
  fileprivate func mean(of gate: Gate, inLayer name: String) -> Double {
    layers.first { $0.name == name }?.gates.first { $0.gate == gate }?.values.mean ?? .nan
  }

  fileprivate func json(_ stretch: GradientHistory.Stretch) -> JSONValue {
    [
      "updates": JSONValue(step), "loss": JSONValue(loss), "globalNorm": JSONValue(globalNorm),
      "clipScale": JSONValue(clip?.scale),
      "until": [
        "updates": JSONValue(stretch.updates), "clipped": JSONValue(stretch.clipped),
        "nonFinite": JSONValue(stretch.nonFinite),
      ],
      "layers": .object(layers.map { ($0.name, json($0)) }),
      "paths": .object(paths.map { ($0.name, JSONValue($0.norm)) }),
      "parameters": .object(parameters.map { ($0.name, $0.json) }),
    ]
  }

  private func json(_ layer: Layer) -> JSONValue {
    [
      "hiddenNorms": norms(layer.hidden), "cellNorms": layer.cell.map(norms) ?? .null,
      "horizon": hasSeveralLosses
        ? .null : layer.memory.horizon().map { JSONValue($0) } ?? .null,
      "gates": .object(layer.gates.map { ($0.gate.rawValue, JSONValue($0.values.mean)) }),
      "kept": JSONValue(layer.kept), "saturated": JSONValue(layer.states.saturated),
      "deadUnits": JSONValue(layer.deadUnits),
    ]
  }

  /// By step; where one answer is followed, also by the distance from it.
  private func norms(_ series: Series) -> JSONValue {
    hasSeveralLosses
      ? ["byStep": .array(series.byStep.map { JSONValue($0) })] : series.json
  }
}
