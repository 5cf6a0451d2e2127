import Foundation
import RNNCore

extension PairProfileStudy {
  var cell: String { saved.settings.cell }

  /// The encoder's layers, then the decoder's.
  var looks: [ProfileLook] {
    profile.layers.enumerated().map { index, layer in
      ProfileLook(
        cell: cell, when: "saved", name: layer.name, layer: layer,
        verdict: verdicts.isEmpty ? nil : verdicts[index], loss: profile.loss,
        memoryNeeded: layer.memory.byDistance.count - 1)
    }
  }

  private func looks(of network: String) -> [ProfileLook] {
    looks.filter { $0.name.hasPrefix(network + ".") }
  }

  private var summary: String {
    "\(saved.settings.kind.rawValue): H \(saved.settings.model.hidden), \(saved.file.path.printable), "
      + "\(pairCount) pair\(pairCount == 1 ? "" : "s"), "
      + (probing == .lastAnswer ? "gradient of the targets' ends" : "gradient of all answers")
  }

  var sentences: [String] {
    (looks.compactMap(\.verdict?.sentence) + [pathSentence]).map { "\(cell), saved: \($0)" }
  }

  private var pathSentence: String {
    let number = ProfileLook.number
    guard let attention else {
      return
        "the gradient reaches the encoder through its final states alone (norm \(number(bridge)))."
    }
    let all = number(exp(attention.uniformEntropy))
    return
      "the gradient reaches the encoder through attention (norm \(number(attention.norm))) and through its "
      + "final states (norm \(number(bridge))); attention looks at \(number(attention.stepsLookedAt)) of "
      + "\(all) source steps."
  }

  // MARK: - Table

  var table: Table {
    var table = Table(
      title: summary,
      columns: [
        .text("gradient in"), .text("verdict"), .number("1 % within"), .number("steps"),
        .number("at the farthest"), .number("a step", .useful), .number("norm"),
        .number("memory gate", .useful), .number("saturated", .detail), .number("dead", .detail),
      ])
    for look in looks {
      table.append([
        .init(look.name), .init(look.verdict?.kind.rawValue ?? "-"), look.horizonCell,
        .init("\(look.memoryNeeded)"), look.shareCell, look.rateCell,
        .init(ProfileLook.number(look.layer.hidden.norm)), look.gateCell, look.saturatedCell,
        look.deadCell,
      ])
    }
    if let attention {
      let farthest = attention.gradient.byDistance.count - 1
      append(
        "attention", steps: "\(farthest)",
        share: ProfileLook.number(attention.gradient.share(at: farthest)), attention.norm, &table)
    }
    append("final states", steps: "-", share: "-", bridge, &table)
    return table
  }

  private func append(
    _ name: String, steps: String, share: String, _ norm: Double, _ table: inout Table
  ) {
    table.append(
      [name, "-", "-", steps, share, "-", ProfileLook.number(norm), "-", "-", "-"].map {
        Table.Cell($0)
      })
  }

  private static let guide =
    "A verdict compares what arrives of the gradient at the step that is farthest from the target's end (decoder) or "
    + "from the source step read last (encoder) with what it was there: under 1 % is vanishing, over 10 times is "
    + "exploding. \"norm\" is that of dE/dh of all steps, of dE/de through attention, and of the decoder's initial "
    + "states, which are the encoder's final ones. Shares of attention are of all its steps together."

  // MARK: - Figures

  var maps: [HeatMap] {
    [
      GradientFigures.map(
        "Gradient that arrives in the encoder, saved",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each source step, over "
          + "that at the step read last"
          + (attention == nil ? "." : "; for attention over that of all steps."),
        steps: "source steps before the last", rows: encoderRows),
      GradientFigures.map(
        "Gradient that arrives in the decoder, saved",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each target step, over "
          + "that at the target's end.",
        steps: "target steps before the end", rows: rows(looks(of: "decoder"))),
    ]
  }

  private func rows(_ looks: [ProfileLook]) -> [GradientFigures.Row] {
    looks.map { ($0.name, $0.layer.memory) }
  }

  private var encoderRows: [GradientFigures.Row] {
    rows(looks(of: "encoder")) + (attention.map { [("attention", $0.gradient)] } ?? [])
  }

  var sections: [ReportSection] {
    [
      ReportSection(
        "What happens to the gradient",
        [.paragraph(problem.asSentence)] + sentences.map { .paragraph($0) }
          + [.table(table), .paragraph(Self.guide)]),
      ReportSection(
        "How far back it reaches",
        maps.map {
          .figure(
            ReportFigure(
              chart: $0, caption: $0.description, howToRead: GradientFigures.mapGuide))
        } + [
          decay("encoder", encoderRows, steps: "source steps before the last"),
          decay("decoder", rows(looks(of: "decoder")), steps: "target steps before the end"),
        ]),
      ReportSection(
        "How it comes to the encoder",
        [.figure(pathFigure)] + (attention == nil ? [] : [.table(attentionParameters)])),
      GradientFigures.gates(looks),
    ]
  }

  private func decay(
    _ network: String, _ rows: [GradientFigures.Row], steps: String
  ) -> ReportSection.Block {
    .figure(
      GradientFigures.decay(
        "Decay, \(network)",
        description: "Share of the gradient by distance for each layer of the \(network).",
        caption: "Decay of the gradient in the \(network), as it was saved.", steps: steps,
        memoryNeeded: nil, rows: rows))
  }

  /// Absolute norms, so that the ways can be compared.
  private var pathFigure: ReportFigure {
    let rows =
      (attention.map { [("through attention", $0.gradient)] } ?? [])
      + looks(of: "encoder").map { ($0.name, $0.layer.hidden) }
    return ReportFigure(
      chart: LineChart(
        title: "What reaches each source step",
        description: "Norm of the gradient by source step: through attention, and in each layer.",
        xAxis: ChartAxis(title: "source steps before the last", isWhole: true),
        yAxis: ChartAxis(title: "norm of the gradient", scale: .log10),
        series: rows.enumerated().map { index, row in
          LineChart.Series(
            name: row.0,
            points: row.1.byDistance.enumerated().filter { $0.element > 0 }.map {
              LineChart.Point(x: Double($0.offset), y: $0.element)
            }, color: index)
        },
        references: bridge > 0
          ? [.init(direction: .horizontal, value: bridge, label: "final states")] : []),
      caption: "The gradient that comes to the encoder, by source step.",
      howToRead:
        "What comes through the final states enters at the left and has to go back step by step; attention "
        + "reaches each step at once.")
  }

  private var attentionParameters: Table {
    var table = Table(
      title: "Attention's parameters",
      columns: [.text("parameter"), .number("‖gradient‖"), .number("‖w‖")])
    for parameter in profile.parameters where parameter.name.hasPrefix("attention.") {
      table.append([
        .init(parameter.name), .init(ProfileLook.number(parameter.gradientNorm)),
        .init(ProfileLook.number(parameter.weightNorm)),
      ])
    }
    return table
  }
}

extension GradientProfile.Series {
  /// ‖δ‖ of all steps.
  fileprivate var norm: Double { byStep.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
