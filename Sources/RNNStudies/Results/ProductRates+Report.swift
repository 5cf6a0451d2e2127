import RNNCore
import RNNReport

/// Our products against OpenBLAS's, as a table and as JSON.
package struct ProductRates {
  package let rates: [ProductRate]

  package init(
    rates: [ProductRate]
  ) {
    self.rates = rates
  }

  package var table: Table {
    var table = Table(
      title: "Products of an LSTM step on one thread, GFLOP/s",
      columns: [
        .text("product"), .number("M"), .number("H"), .number("OpenBLAS"), .number("ours"),
        .number("ratio"),
      ])
    for rate in rates {
      table.append([
        Table.Cell(name(rate.product)), "\(rate.sequences)", "\(rate.hidden)",
        Table.Cell(NumberFormat.significant(rate.openBLAS, digits: 3), value: rate.openBLAS),
        Table.Cell(NumberFormat.significant(rate.packed, digits: 3), value: rate.packed),
        Table.Cell(NumberFormat.significant(rate.packed / rate.openBLAS, digits: 3)),
      ])
    }
    return table
  }

  package var json: JSONValue {
    .array(
      rates.map {
        [
          "product": JSONValue($0.product.rawValue), "sequences": JSONValue($0.sequences),
          "hidden": JSONValue($0.hidden), "openBLASGflops": JSONValue($0.openBLAS),
          "packedGflops": JSONValue($0.packed),
        ]
      })
  }

  private func name(_ product: ProductRate.Product) -> String {
    switch product {
    case .recurrent: "h Uᵀ"
    case .backward: "dA U"
    case .weightGradient: "dAᵀ H, 100 M tokens"
    }
  }
}
