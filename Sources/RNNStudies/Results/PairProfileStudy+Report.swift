import CLibrary
import RNNCore
import RNNReport

extension PairProfileStudy {
  private var summary: String {
    base.summary(
      base.probing == .lastAnswer
        ? "gradient of the targets' ends" : "gradient of \(base.probing.words)")
  }

  package var sentences: [String] { base.sentences(pathSentence) }

  private var pathSentence: String {
    let number = ProfileLook.number
    guard let attention else {
      return
        "the gradient reaches the encoder through its final states alone (norm \(number(bridge)))."
    }
    let all = number(exp(attention.focus.uniformEntropy))
    return
      "the gradient reaches the encoder through attention (norm \(number(attention.norm))) and "
      + "through its final states (norm \(number(bridge))); attention looks at "
      + "\(number(attention.focus.keysLookedAt)) of \(all) source steps."
  }

  package var table: Table {
    let way = attention.map { attention in
      let farthest = attention.gradient.byDistance.count - 1
      return SavedProfile.Path(
        name: "attention", norm: attention.norm,
        farthest: (farthest, attention.gradient.share(at: farthest)))
    }
    return base.table(
      summary,
      paths: [way, SavedProfile.Path(name: "final states", norm: bridge)].compactMap { $0 })
  }

  private static let guide =
    "A verdict compares what arrives of the gradient at the step that is farthest from the "
    + "target's end (decoder) or from the source step read last (encoder) with what it was there: "
    + "under 1 % is vanishing, over 10 times is exploding. \"norm\" is that of dE/dh of all steps, "
    + "of dE/de through attention, and of the decoder's initial states, which are the encoder's "
    + "final ones. Shares of attention are of all its steps together."

  // MARK: - Figures

  package var maps: [HeatMap] {
    [
      GradientFigures.map(
        "Gradient that arrives in the encoder, saved",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each "
          + "source step, over that at the step read last"
          + (attention == nil ? "." : "; for attention over that of all steps."),
        steps: "source steps before the last", rows: encoderRows),
      GradientFigures.map(
        "Gradient that arrives in the decoder, saved",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each "
          + "target step, over that at the target's end.",
        steps: "target steps before the end", rows: base.rows(of: "decoder")),
    ]
  }

  private var encoderRows: [GradientFigures.Row] {
    base.rows(of: "encoder") + (attention.map { [("attention", $0.gradient)] } ?? [])
  }

  package var sections: [ReportSection] {
    [
      base.overview(sentences, table, guide: Self.guide),
      ReportSection(
        "How far back it reaches",
        maps.map(GradientFigures.figure) + [
          base.decay("encoder", encoderRows, steps: "source steps before the last"),
          base.decay("decoder", base.rows(of: "decoder"), steps: "target steps before the end"),
        ]),
      ReportSection(
        "How it comes to the encoder",
        [.figure(pathFigure)]
          + (attention == nil
            ? []
            : [
              .table(base.parameterTable("Attention's parameters", prefix: "attention."))
            ])),
      GradientFigures.gates(base.looks),
    ]
  }

  /// Absolute norms, so that the ways can be compared.
  private var pathFigure: ReportFigure {
    let rows =
      (attention.map { [("through attention", "attention", $0.gradient)] } ?? [])
      + base.looks(of: "encoder").map { ($0.name, $0.name, $0.layer.hidden) }
    return ReportFigure(
      chart: LineChart(
        title: "What reaches each source step",
        description: "Norm of the gradient by source step: through attention, and in each layer.",
        xAxis: ChartAxis(title: "source steps before the last", isWhole: true),
        yAxis: ChartAxis(title: "norm of the gradient", scale: .log10),
        series: rows.map { row in
          LineChart.Series(
            name: row.0,
            points: row.2.byDistance.enumerated().filter { $0.element > 0 }.map {
              LineChart.Point(x: Double($0.offset), y: $0.element)
            }, of: row.1)
        },
        references: bridge > 0
          ? [.init(direction: .horizontal, value: bridge, label: "final states")] : []),
      caption: "The gradient that comes to the encoder, by source step.",
      howToRead:
        "What comes through the final states enters at the left and has to go back step by step; "
        + "attention reaches each step at once.")
  }
}
