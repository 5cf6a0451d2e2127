import RNNCore
import RNNReport
import Testing

@testable import RNNStudies

@Suite("Rates of single products")
struct ProductRatesTests {
  @Test("Every product of every size has a rate on both sides, a row and a JSON object")
  func rates() throws {
    let sizes = [(1, 32), (3, 16)]
    let rates = ProductRates(rates: ProductRate.measure(sizes, seconds: 1e-4))
    #expect(
      rates.rates.map(\.product) == ProductRate.Product.allCases + ProductRate.Product.allCases)
    #expect(rates.rates.map(\.sequences) == [1, 1, 1, 3, 3, 3])
    #expect(rates.rates.map(\.hidden) == [32, 32, 32, 16, 16, 16])
    // No more than a million times what any core does: a wrong unit shows.
    for rate in rates.rates {
      #expect((1e-4...1e6).contains(rate.openBLAS) && (1e-4...1e6).contains(rate.packed), "\(rate)")
    }
    let text = TextTable(rates.table).rendered(width: 100, style: .plain)
    for name in ["h Uᵀ", "dA U", "dAᵀ H", "OpenBLAS"] { #expect(text.contains(name)) }
    #expect(rates.json.text.ranges(of: "packedGflops").count == 6)
  }
}
