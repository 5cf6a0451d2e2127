import RNNCore
import RNNReport

extension QuestionProfileStudy: ProfileResults {
  package var sentences: [String] { base.sentences(pathSentence) }

  private var pathSentence: String {
    let number = ProfileLook.number
    guard let image else {
      return "the gradient reaches the question alone: this model does not look at images."
    }
    return
      "the gradient reaches the question's state through the layer before the answer (norm "
      + "\(number(state))), through its product with what was seen (\(number(product))) and "
      + "through attention (\(number(scores))), and the image through attention "
      + "(\(number(image.norm))); attention looks at \(number(image.focus.keysLookedAt)) of "
      + "\(image.gradient.byStep.count) regions."
  }

  package var table: Table {
    base.table(
      base.summary("gradient of the answers"),
      paths: ways.map { SavedProfile.Path(name: $0.name, norm: $0.norm) })
  }

  /// The ways to question and image with their norms.
  private var ways: [(name: String, norm: Double)] {
    [
      ("state, to the answer", state), ("state, in the product", product),
      ("state, through attention", scores), ("regions of the image", image?.norm),
    ].compactMap { name, norm in norm.map { (name, $0) } }
  }

  private static let guide =
    "A verdict compares what arrives of the gradient at the first word read with what it was at "
    + "the last: under 1 % is vanishing, over 10 times is exploding. \"norm\" is that of dE/dh of "
    + "all steps; below, that of dE/dq by each of the ways in which the question's state is read, "
    + "and of dE/dr of all regions."

  package var maps: [HeatMap] {
    [
      GradientFigures.map(
        "Gradient that arrives in the question, saved",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each "
          + "word, over that at the word read last.",
        steps: "words before the last", rows: base.rows(of: "question"))
    ] + [regionMap].compactMap { $0 }
  }

  private var regionMap: HeatMap? {
    guard let grid, let image else { return nil }
    var map = HeatMap(
      title: "Gradient that reaches the image, saved",
      description: "Norm of the gradient with respect to each region, over all images.",
      x: .labels("column", (1...grid.columns).map { "\($0)" }),
      y: .labels("row", (1...grid.rows).map { "\($0)" }),
      values: (0..<grid.rows).map { row in
        Array(image.gradient.byStep[row * grid.columns..<(row + 1) * grid.columns])
      },
      colors: HeatMap.ColorScale(title: "norm"))
    map.texts = map.values.map { $0.map { NumberFormat.significant($0, digits: 2) } }
    return map
  }

  package var sections: [ReportSection] {
    [
      base.overview(sentences, table, guide: Self.guide),
      ReportSection(
        "How far back it reaches",
        [
          GradientFigures.figure(of: maps[0]),
          base.decay("question", base.rows(of: "question"), steps: "words before the last"),
        ]),
    ]
      + (regionMap.map { map in
        [
          ReportSection(
            "Where it reaches the image",
            [
              .figure(
                ReportFigure(
                  chart: map, caption: map.description,
                  howToRead:
                    "A region that stays dark teaches the patch features nothing: attention hardly "
                    + "looks there."
                )),
              .table(base.parameterTable("Parameters of image and attention", prefix: "image.")),
              .table(base.parameterTable("Attention's parameters", prefix: "attention.")),
            ].filter { block in
              if case .table(let table) = block { !table.rows.isEmpty } else { true }
            })
        ]
      } ?? [])
      + [GradientFigures.gates(base.looks)]
  }

  // MARK: - Files

  package var configuration: JSONValue { base.configuration }

  package func json(_ machine: MachineRecord) -> JSONValue {
    base.json(
      machine,
      paths: (
        "questionPaths",
        [
          "state": JSONValue(state), "product": JSONValue(product),
          "scores": JSONValue(scores),
          "image": image.map { image in
            .object(
              [
                ("norm", JSONValue(image.norm)),
                ("regions", .array(image.gradient.byStep.map { JSONValue($0) })),
              ] + image.focus.jsonFields)
          } ?? .null,
        ]
      ))
  }

  /// One line a layer and distance, and one a region.
  package var csv: String {
    ResultRows.csv(
      base.looks.flatMap(\.fields)
        + (image?.gradient.byStep.enumerated().map { region, norm in
          ProfileLook.fields(
            cell: base.cell, when: "saved", layer: "region", distance: region, hidden: norm,
            cellNorm: nil, share: nil)
        } ?? []))
  }
}
