import RNNReport
import RNNTasks

extension TaskScore {
  /// More classes than this are not shown one by one.
  private static let mostClasses = 20
  /// More classes than this have no map.
  private static let mostMapped = 60
  private static let mostConfusions = 12
  /// The rows of a table by class.
  private static let mostListed = 40
  /// More classes than this are written as the pairs that occur, not as a matrix.
  private static let mostSquared = 100

  /// The scores, and what lies behind the first of them.
  ///
  /// - Parameters:
  ///   - part: of the data, such as "test".
  ///   - loss: the mean loss in nats.
  package func tables(part: String, loss: Double) -> [Table] {
    var scores = Table(
      title: "On \(part)",
      columns: [.text("score"), .number("value")])
    scores.append(["loss (nats)", .init(NumberFormat.significant(loss, digits: 4))])
    for metric in metrics { scores.append([.init(metric.name), .init(metric.text)]) }
    return [scores]
      + [
        chunks.map { Self.table($0.table, total: $0.total, title: "Chunks by type") },
        brackets.map {
          Self.table(
            $0.table.map { ($0.label, $0.counts) }, total: $0.total, title: "Brackets by label")
        },
        Self.table(byLength),
      ].compactMap { $0 } + (confusion.map(Self.tables) ?? [])
  }

  private static func table(
    _ counts: [(type: String, counts: ChunkCounts)], total: ChunkCounts?, title: String
  ) -> Table {
    var table = Table(
      title: title,
      columns: [
        .text("type"), .number("precision"), .number("recall"), .number("F1"),
        .number("reference", .useful), .number("predicted", .detail),
      ])
    let rows = counts.sorted { ($1.counts.gold, $0.type) < ($0.counts.gold, $1.type) }
    func append(_ name: String, _ counts: ChunkCounts, isTotal: Bool) {
      let shares = [counts.precision, counts.recall, counts.f1].map {
        Table.Cell(NumberFormat.percent($0, decimals: 2))
      }
      table.append(
        [.init(name)] + shares + [.init("\(counts.gold)"), .init("\(counts.predicted)")],
        isTotal: isTotal)
    }
    for row in rows { append(row.type, row.counts, isTotal: false) }
    if let total { append("all", total, isTotal: true) }
    return table
  }

  private static func table(_ rows: [LengthScore]) -> Table? {
    guard let name = rows.first?.metric.name, rows.count > 1 else { return nil }
    let isShort = rows.contains(where: \.metric.value.isNaN)
    var table = Table(
      title: "By length of the source" + (isShort ? " (-: no reference of four words)" : ""),
      columns: [.text("tokens"), .number("sources"), .number(name)])
    for row in rows {
      table.append([.init(row.text), .init("\(row.sentences)"), .init(row.metric.text)])
    }
    return table
  }

  private static func tables(_ confusion: ConfusionMatrix) -> [Table] {
    confusion.names.count <= mostClasses
      ? [matrix(confusion)] : [byClass(confusion), mostFrequent(confusion)]
  }

  /// All counts, references down and predictions across.
  private static func matrix(_ confusion: ConfusionMatrix) -> Table {
    var table = Table(
      title: "Reference (rows) and predicted (columns)",
      columns: [.text("")] + confusion.names.map { .number($0) } + [.number("F1")])
    let (counts, byClass) = (confusion.counts, confusion.byClass)
    for (id, name) in confusion.names.enumerated() {
      table.append(
        [.init(name)] + counts[id].map { .init($0 == 0 ? "·" : "\($0)") }
          + [.init(NumberFormat.percent(byClass[id].f1, decimals: 1))])
    }
    return table
  }

  /// The classes that are in the reference most often.
  private static func byClass(_ confusion: ConfusionMatrix) -> Table {
    let byClass = confusion.byClass
    let rows = zip(confusion.names, byClass).filter { $1.gold > 0 }
      .sorted { ($1.1.gold, $0.0) < ($0.1.gold, $1.0) }
    let isCut = rows.count > mostListed
    return table(
      rows.prefix(mostListed).map { (type: $0, counts: $1) },
      total: nil,
      title: isCut ? "The \(mostListed) most frequent of \(rows.count) classes" : "By class")
  }

  /// What was taken for something else most often.
  private static func mostFrequent(_ confusion: ConfusionMatrix) -> Table {
    var table = Table(
      title: "Most frequent confusions",
      columns: [.text("reference"), .text("predicted"), .number("times")])
    let wrong = confusion.entries.lazy.filter { $0.gold != $0.predicted }
    for entry in wrong.prefix(mostConfusions) {
      table.append([
        .init(confusion.names[entry.gold]), .init(confusion.names[entry.predicted]),
        .init("\(entry.count)"),
      ])
    }
    return table
  }

  package func json(loss: Double) -> JSONValue {
    var members: [(String, JSONValue)] = [("loss", JSONValue(loss))]
    members.append(("metrics", .object(metrics.map { ($0.name, JSONValue($0.value)) })))
    if let chunks {
      members.append(("chunks", .object(chunks.table.map { ($0.type, Self.json($0.counts)) })))
    }
    if let brackets {
      let labels = brackets.table.map { ($0.label, Self.json($0.counts)) }
      members.append(("brackets", .object(labels)))
    }
    if !byLength.isEmpty {
      members.append(("byLength", byLength.json))
    }
    if let confusion {
      members.append(("classes", .array(confusion.names.map { JSONValue($0) })))
      members.append(Self.json(confusion))
    }
    return .object(members)
  }

  /// The matrix; of many classes the pairs that occur, by id.
  private static func json(_ confusion: ConfusionMatrix) -> (String, JSONValue) {
    guard confusion.names.count > mostSquared else {
      return ("confusion", .array(confusion.counts.map { .array($0.map { JSONValue($0) }) }))
    }
    let pairs = confusion.entries.map { entry -> JSONValue in
      [
        "reference": JSONValue(entry.gold), "predicted": JSONValue(entry.predicted),
        "count": JSONValue(entry.count),
      ]
    }
    return ("confusions", .array(pairs))
  }

  private static func json(_ counts: ChunkCounts) -> JSONValue {
    [
      "precision": JSONValue(counts.precision), "recall": JSONValue(counts.recall),
      "f1": JSONValue(counts.f1), "reference": JSONValue(counts.gold),
    ]
  }

  /// Rows of score and value.
  package func csv(loss: Double) -> String {
    var writer = CSVWriter(columns: ["score", "value"])
    writer.append(["loss", CSVWriter.field(loss)])
    for metric in metrics { writer.append([metric.name, CSVWriter.field(metric.value)]) }
    for row in chunks?.table ?? [] {
      writer.append(["F1 of \(row.type)", CSVWriter.field(row.counts.f1)])
    }
    for row in brackets?.table ?? [] {
      writer.append(["F1 of \(row.label)", CSVWriter.field(row.counts.f1)])
    }
    for row in byLength {
      writer.append(["\(row.metric.name), \(row.text) tokens", CSVWriter.field(row.metric.value)])
    }
    return writer.text
  }

  /// Tables, and the confusions as a map.
  package func section(part: String, loss: Double) -> ReportSection {
    var blocks = tables(part: part, loss: loss).map { ReportSection.Block.table($0) }
    if let confusion, confusion.names.count <= Self.mostMapped {
      blocks.append(
        .figure(
          ReportFigure(
            chart: Self.map(confusion), caption: "Share of each reference class by prediction.",
            howToRead:
              "Numbers are per cent of a row, which adds up to 100. What lies off the diagonal was "
              + "taken for another class."
          )))
    }
    return ReportSection("What it can do", answer: [sentence(part: part, loss: loss)], blocks)
  }

  /// All scores in a line.
  private func sentence(part: String, loss: Double) -> String {
    let scores = metrics.filter { !$0.value.isNaN }.map { "\($0.name) \($0.text)" }
    return "On \(part) data: "
      + (scores + ["loss \(NumberFormat.significant(loss, digits: 4)) nats"])
      .joined(separator: ", ") + "."
  }

  private static func map(_ confusion: ConfusionMatrix) -> HeatMap {
    let shares = confusion.counts.map { row in
      let total = Double(row.reduce(0, +))
      return row.map { total > 0 ? Double($0) / total : .nan }
    }
    var map = HeatMap(
      title: "Confusion", description: "Predictions by reference class.",
      x: .labels("predicted", confusion.names), y: .labels("reference", confusion.names),
      values: shares, colors: HeatMap.ColorScale(title: "share", range: 0...1))
    map.texts = shares.map { row in
      row.map { share in
        guard share > 0 else { return "" }
        return share < 0.005 ? "<1" : NumberFormat.fixed(100 * share, decimals: 0)
      }
    }
    map.gapName = "not in these data"
    return map
  }
}

extension LengthScore {
  package var text: String {
    lengths.count == 1 ? "\(lengths.lowerBound)" : "\(lengths.lowerBound)-\(lengths.upperBound)"
  }
}

extension [LengthScore] {
  package var json: JSONValue {
    .array(
      map {
        [
          "from": JSONValue($0.lengths.lowerBound), "to": JSONValue($0.lengths.upperBound),
          "sources": JSONValue($0.sentences), "value": JSONValue($0.metric.value),
        ]
      })
  }
}
