import RNNCore
import RNNReport

extension ThroughputStudy {
  /// A column with what it says of a measurement.
  private typealias Field = (column: Table.Column, cell: (ThroughputResult) -> Table.Cell)

  /// For a terminal: a shape is named at its first line only, and columns that say the same of
  /// every row are left out.
  package var terminalTable: Table {
    var last: BenchmarkShape?
    return table(sizeFields + measurementFields) { result in
      defer { last = result.shape }
      return result.shape == last ? "" : result.shape.name
    }
  }

  /// For a report: every line complete, with the memory.
  var reportTable: Table { table(sizeFields + measurementFields + memoryFields) { $0.shape.name } }

  private func table(
    _ fields: [Field], name: (ThroughputResult) -> String
  ) -> Table {
    var table = Table(title: title, columns: [.text("shape")] + fields.map(\.column))
    for result in results {
      table.append([.init(name(result))] + fields.map { $0.cell(result) })
    }
    return table
  }

  /// The source, and what all rows have in common.
  package var title: String {
    guard !hasSeveralThreads, let first = results.first else { return source }
    return "\(source), \(first.threads) thread\(first.threads == 1 ? "" : "s"), sgemm "
      + NumberFormat.significant(first.peak, digits: 3) + " GFLOP/s"
  }

  private var hasSeveralThreads: Bool { Set(results.map(\.threads)).count > 1 }
  private var hasSeveralProducts: Bool { Set(results.map(\.products)).count > 1 }

  private var sizeFields: [Field] {
    let isNeeded = results.contains { $0.shape.name != $0.shape.sizes }
    let sizes: Field = (.text("sizes", .useful), { .init($0.shape.sizes) })
    let threads: Field = (.number("threads"), { .init("\($0.threads)") })
    return (isNeeded ? [sizes] : []) + [(.text("cell"), { .init("\($0.cell)") })]
      + (hasSeveralThreads ? [threads] : [])
  }

  private var productsField: [Field] {
    hasSeveralProducts ? [(.text("products"), { .init($0.products.rawValue) })] : []
  }

  private var measurementFields: [Field] {
    [(.text("pass"), { .init($0.pass.rawValue) })] + productsField + [
      (.number("median"), { .init(NumberFormat.duration($0.times.median)) }),
      (
        .number("spread", .detail),
        { .init(NumberFormat.percent($0.times.spread, decimals: 0)) }
      ),
      (.number("GFLOP/s"), { .init(NumberFormat.significant($0.gflops, digits: 3)) }),
      (.number("of peak"), { .init(NumberFormat.percent($0.peakShare, decimals: 0)) }),
      (.number("tokens/s", .useful), { .init(NumberFormat.si($0.tokensPerSecond)) }),
    ]
  }

  private var memoryFields: [Field] {
    [
      (
        .number("MiB", .detail),
        { .init(NumberFormat.significant(Double($0.bytesAllocated) / 0x1p20, digits: 3)) }
      )
    ]
  }

  package var section: ReportSection {
    ReportSection(
      "How near the products' peak the engine comes", answer: [sentence].compactMap { $0 },
      [
        .paragraph(
          "Share of the speed of this machine's own sgemm with the same threads that a pass "
            + "reaches on each shape. Only the operations of matrix products that are executed "
            + "count: what gates, copies and waiting cost lowers the share.")
      ] + charts.map { .figure($0) } + [
        .table(reportTable),
        .paragraph(
          "Medians of single passes; the spread is the middle half of the times over the median. "
            + "forward keeps what a backward pass needs, inference does not, stream is inference "
            + "with a call for each step. train sets the "
            + "gradients to zero, runs forward and backward and packs changed weights, trainDX "
            + "also computes the gradient of the input, trainProfiled takes a gradient profile of "
            + "each step. Tokens are real ones, padding does not exist. MiB is what the engine has "
            + "allocated."
        ),
      ])
  }

  /// The middle and the ends of what passes reach.
  private var sentence: String? {
    let ranked = results.filter(\.peakShare.isFinite).sorted { $0.peakShare < $1.peakShare }
    guard let low = ranked.first, let high = ranked.last,
      let middle = ranked.map(\.peakShare).median
    else { return nil }
    func text(_ result: ThroughputResult) -> String {
      NumberFormat.percent(result.peakShare, decimals: 0)
        + " (\(result.cell) \(result.pass.rawValue), \(result.shape.name))"
    }
    guard ranked.count > 1 else { return "The pass reaches \(text(low)) of the sgemm peak." }
    return
      "Passes reach \(NumberFormat.percent(middle, decimals: 0)) of the sgemm peak in the median, "
      + "from \(text(low)) to \(text(high))."
  }

  /// One figure a cell and number of threads.
  private var charts: [ReportFigure] {
    let keys = results.reduce(into: [Key]()) { keys, result in
      let key = Key(cell: result.cell, threads: result.threads, products: result.products)
      if !keys.contains(key) { keys.append(key) }
    }
    return keys.map { key in
      let name =
        "\(key.cell), \(key.threads) thread\(key.threads == 1 ? "" : "s")"
        + (hasSeveralProducts ? ", \(key.products.rawValue)" : "")
      return ReportFigure(
        chart: chart(key, name: name), caption: "Share of the sgemm peak, \(name).",
        howToRead:
          "Longer is better; 100 % is the speed of one large product, which products that stay "
          + "in the cache can exceed a little.")
    }
  }

  private struct Key: Equatable {
    var cell: CellKind
    var threads: Int
    var products: ProductBackend
  }

  private func chart(_ key: Key, name: String) -> BarChart {
    let rows = results.filter {
      Key(cell: $0.cell, threads: $0.threads, products: $0.products) == key
    }
    let shapes = rows.reduce(into: [BenchmarkShape]()) { shapes, row in
      if shapes.last != row.shape { shapes.append(row.shape) }
    }
    return BarChart(
      title: "Share of the peak",
      description: "Share of the sgemm peak by shape and pass, \(name).",
      axisTitle: "% of the sgemm peak",
      groups: shapes.map { shape in
        BarChart.Group(
          name: shape.name,
          bars: rows.filter { $0.shape == shape }.map {
            BarChart.Bar(
              series: $0.pass.rawValue, value: 100 * $0.peakShare,
              label: NumberFormat.percent($0.peakShare, decimals: 0))
          })
      })
  }
}
