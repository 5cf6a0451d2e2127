import RNNReport
import RNNTasks

extension TaskScore {
  /// More classes than this are not shown one by one.
  private static let mostClasses = 20
  /// More classes than this have no map.
  private static let mostMapped = 60
  private static let mostConfusions = 12

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
        confusion.map(Self.table), Self.table(byLength),
      ].compactMap { $0 }
  }

  private static func table(
    _ counts: [(type: String, counts: ChunkCounts)], total: ChunkCounts, title: String
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
    append("all", total, isTotal: true)
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

  private static func table(_ confusion: ConfusionMatrix) -> Table {
    confusion.names.count <= mostClasses ? matrix(confusion) : mostFrequent(confusion)
  }

  /// All counts, references down and predictions across.
  private static func matrix(_ confusion: ConfusionMatrix) -> Table {
    var table = Table(
      title: "Reference (rows) and predicted (columns)",
      columns: [.text("")] + confusion.names.map { .number($0) } + [.number("F1")])
    for (id, name) in confusion.names.enumerated() {
      table.append(
        [.init(name)] + confusion.counts[id].map { .init($0 == 0 ? "·" : "\($0)") }
          + [.init(NumberFormat.percent(confusion.counts(of: id).f1, decimals: 1))])
    }
    return table
  }

  /// What was taken for something else most often.
  private static func mostFrequent(_ confusion: ConfusionMatrix) -> Table {
    var pairs: [(gold: String, predicted: String, count: Int)] = []
    for (gold, row) in confusion.counts.enumerated() {
      for (predicted, count) in row.enumerated() where gold != predicted && count > 0 {
        pairs.append((confusion.names[gold], confusion.names[predicted], count))
      }
    }
    pairs.sort { ($1.count, $0.gold, $0.predicted) < ($0.count, $1.gold, $1.predicted) }
    var table = Table(
      title: "Most frequent confusions",
      columns: [.text("reference"), .text("predicted"), .number("times")])
    for pair in pairs.prefix(mostConfusions) {
      table.append([.init(pair.gold), .init(pair.predicted), .init("\(pair.count)")])
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
      members.append(
        ("confusion", .array(confusion.counts.map { .array($0.map { JSONValue($0) }) })))
    }
    return .object(members)
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
